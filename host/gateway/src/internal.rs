//! What the gateway answers when workers of this node ask each other: the same as it answers clients, without the network.

use std::sync::{Arc, Weak};
use std::time::Instant;

use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use ouro_core::id::{ExecutionId, WorkerId};
use ouro_runtime::{
    Entrypoint, InvocationError, LoadedWorker, Local, LocalBody, LocalFuture, Origin,
};

use crate::answer::{self, Answer, REQUEST_ID};
use crate::assets::Assets;
use crate::body::GatewayBody;
use crate::client::Stamp;
use crate::config::GatewayConfig;
use crate::host::{self, Named};
use crate::principal::{PRINCIPAL, Resolver};
use crate::quotas::Quotas;
use crate::routes::Routes;
use crate::service::{Asked, Service, log_unrecorded};
use crate::split::Chosen;

const SHUTTING_DOWN: Answer<'static> = Answer::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "unavailable",
    "the node is shutting down",
);

/// The gateway as the bindings reach it. Routes hold workers, which hold the bindings, so this does not hold the routes.
pub struct Internal {
    config: Arc<GatewayConfig>,
    routes: Weak<Routes>,
    assets: Assets,
    principals: Arc<Resolver>,
    quotas: Arc<Quotas>,
}

impl Internal {
    pub fn new(
        config: GatewayConfig,
        routes: &Arc<Routes>,
        assets: Assets,
        principals: Arc<Resolver>,
        quotas: Arc<Quotas>,
    ) -> Self {
        Self {
            config: Arc::new(config),
            routes: Arc::downgrade(routes),
            assets,
            principals,
            quotas,
        }
    }

    fn service(&self) -> Option<Service> {
        Some(Service {
            config: self.config.clone(),
            routes: self.routes.upgrade()?,
            assets: self.assets.clone(),
            principals: self.principals.clone(),
            quotas: self.quotas.clone(),
        })
    }
}

impl Local for Internal {
    fn serves(&self, uri: &Uri) -> bool {
        let ours = uri
            .port_u16()
            .is_none_or(|port| self.config.own_ports.contains(&port));
        let host = uri.host().unwrap_or_default();
        // A customer's domain may lead elsewhere by now: what DNS says of it counts.
        let named = host::parse(host, &self.config.base_domain);
        ours && matches!(named, Some(Named::Live(_) | Named::Version { .. }))
    }

    fn fetch(
        &self,
        mut request: Request<LocalBody>,
        origin: Origin,
    ) -> LocalFuture<Response<LocalBody>> {
        let service = self.service();
        Box::pin(async move {
            let asked = asked(request.uri(), origin, None);
            let id = asked.id.clone();
            let Some(service) = service else {
                return SHUTTING_DOWN.response(id.as_str()).map(boxed);
            };
            let chosen = match service.find(&asked.authority, request.headers()).await {
                Ok(chosen) => chosen,
                Err(why) => {
                    return answer::not_found(why, &asked.authority, id.as_str()).map(boxed);
                }
            };
            let route = &chosen.route;
            let is_https = asked.scheme == Scheme::HTTPS;
            if let Err(refused) = service.admit(route, &mut request, id.as_str()).await {
                return refused.map(boxed);
            }
            stamp(&service.config, &mut request, &asked);
            let mut response = service.answer(&route.worker, request, asked).await;
            chosen.tell(response.headers_mut(), is_https);
            if let Ok(id) = HeaderValue::from_str(id.as_str()) {
                response.headers_mut().insert(REQUEST_ID, id);
            }
            response.map(boxed)
        })
    }

    fn worker(&self, id: &WorkerId, headers: &HeaderMap) -> Option<Arc<LoadedWorker>> {
        let live = self.routes.upgrade()?.by_id(id)?;
        Some(Chosen::of(live, headers).route.worker.clone())
    }

    fn call(
        &self,
        worker: Arc<LoadedWorker>,
        entrypoint: Entrypoint,
        mut request: Request<LocalBody>,
        origin: Origin,
    ) -> LocalFuture<Result<Response<LocalBody>, InvocationError>> {
        let service = self.service();
        Box::pin(async move {
            let entrypoint = (entrypoint != Entrypoint::default()).then_some(entrypoint);
            let asked = asked(request.uri(), origin, entrypoint);
            let Some(service) = service else {
                return Ok(SHUTTING_DOWN.response(asked.id.as_str()).map(boxed));
            };
            // The binding is what permits the call, and nobody is behind it.
            request.headers_mut().remove(PRINCIPAL);
            worker.admit(request.headers())?;
            let id = asked.id.clone();
            let answer = service.ask(&worker, request, asked).await;
            // The caller is told little; the operator has to learn the rest.
            let answer = answer.inspect_err(|error| log_unrecorded(&worker, &id, error));
            Ok(answer?.map(boxed))
        })
    }
}

fn asked(uri: &Uri, origin: Origin, entrypoint: Option<Entrypoint>) -> Asked {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    Asked {
        id: ExecutionId::random(),
        received: Instant::now(),
        authority: authority.to_owned(),
        scheme: uri.scheme().cloned().unwrap_or(Scheme::HTTP),
        client: origin.client,
        origin: Some(origin),
        entrypoint,
    }
}

/// The worker that is asked learns of the client that the chain began with, and of the worker that asks.
fn stamp(config: &GatewayConfig, request: &mut Request<LocalBody>, asked: &Asked) {
    let worker = asked.origin.as_ref().map(|origin| {
        let base_domain = &config.base_domain;
        format!("{}.{base_domain}", origin.worker)
    });
    let stamp = Stamp {
        address: asked.client.address,
        is_https: asked.scheme == Scheme::HTTPS,
        id: &asked.id,
        colo: &config.colo,
        keep_forwarded: false,
        worker: worker.as_deref(),
    };
    stamp.apply(request.headers_mut());
    if let Ok(id) = HeaderValue::from_str(asked.id.as_str()) {
        request.headers_mut().insert(REQUEST_ID, id);
    }
}

fn boxed(body: GatewayBody) -> LocalBody {
    body.boxed_unsync()
}
