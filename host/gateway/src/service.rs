//! One request: from its host to a route, then to an asset or the worker.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Request, Response};
use hyper::body::Incoming;
use ouro_core::Trigger;
use ouro_core::id::ExecutionId;
use ouro_core::ports::assets::AssetBody;
use ouro_runtime::{ClientInfo, Entrypoint, Invocation, InvocationError, LoadedWorker, Origin};

use crate::answer::{self, REQUEST_ID};
use crate::assets::{AssetResponse, Assets};
use crate::body::GatewayBody;
use crate::client::{self, Stamp};
use crate::config::GatewayConfig;
use crate::events;
use crate::host::{self, Named};
use crate::named::NotFound;
use crate::principal::Resolver;
use crate::quotas::Quotas;
use crate::routes::{Route, Routes};
use crate::split::Chosen;
use crate::upgrade;

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) config: Arc<GatewayConfig>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) assets: Assets,
    pub(crate) principals: Arc<Resolver>,
    pub(crate) quotas: Arc<Quotas>,
}

/// What is known of a client's request when it comes.
struct Arrival {
    id: ExecutionId,
    id_value: Option<HeaderValue>,
    received: Instant,
    peer: IpAddr,
}

/// A request for a worker, as far as it is not the request itself.
pub(crate) struct Asked {
    pub(crate) id: ExecutionId,
    pub(crate) received: Instant,
    /// Host and port of the URL.
    pub(crate) authority: String,
    pub(crate) scheme: Scheme,
    pub(crate) client: ClientInfo,
    /// Set where another worker of this node asks.
    pub(crate) origin: Option<Origin>,
    pub(crate) entrypoint: Option<Entrypoint>,
}

impl Service {
    /// Serves a client.
    pub(crate) async fn handle(
        &self,
        request: Request<Incoming>,
        peer: IpAddr,
    ) -> Response<GatewayBody> {
        let received = Instant::now();
        let id = ExecutionId::random();
        let id_value = HeaderValue::from_str(id.as_str()).ok();
        let arrival = Arrival {
            id,
            id_value: id_value.clone(),
            received,
            peer,
        };
        // Its head may have had a length too, which hyper takes out: whoever sent it may see another end than we do, and behind that
        // another request. The connection ends with it (RFC 9112 6.1).
        let is_last = request.headers().contains_key(TRANSFER_ENCODING);
        let mut response = self.route(request, arrival).await;
        if let Some(value) = id_value {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        if is_last {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        // Let the other ready connections compute first, so that answers are written in batches: writing at once
        // wakes the client for each of them, which measured a quarter more CPU per request.
        tokio::task::yield_now().await;
        response
    }

    async fn route(&self, request: Request<Incoming>, arrival: Arrival) -> Response<GatewayBody> {
        let trust = self.config.trust_forwarded_host;
        let id = &arrival.id;
        let Some(authority) = host::authority(request.uri(), request.headers(), trust) else {
            return answer::BAD_HOST.response(id.as_str());
        };
        let chosen = match self.find(authority, request.headers()).await {
            Ok(chosen) => chosen,
            Err(why) => return answer::not_found(why, authority, id.as_str()),
        };
        let authority = authority.to_owned();
        let is_https = self.scheme(&request) == Scheme::HTTPS;
        let mut response = self.serve(&chosen.route, request, authority, arrival).await;
        chosen.tell(response.headers_mut(), is_https);
        response
    }

    async fn serve(
        &self,
        route: &Route,
        mut request: Request<Incoming>,
        authority: String,
        arrival: Arrival,
    ) -> Response<GatewayBody> {
        let Arrival {
            id,
            id_value,
            received,
            peer,
        } = arrival;
        let trust = self.config.trust_forwarded_host;
        if let Err(refused) = self.admit(route, &mut request, id.as_str()).await {
            return refused;
        }
        let asked = Asked {
            authority,
            scheme: self.scheme(&request),
            client: ClientInfo {
                address: Some(client::address(request.headers(), peer, trust)),
                http_version: request.version(),
            },
            id,
            received,
            origin: None,
            entrypoint: None,
        };
        if self.config.test_scheduled
            && let Some(event) = events::asked_for(request.uri().path())
        {
            return events::run(event, &route.worker, request, asked.id, received).await;
        }
        let (head, body) = request.into_parts();
        if let Some(response) = self.asset(&route.worker, &head, &asked).await {
            return response;
        }
        let mut request = Request::from_parts(head, body);
        let stamp = Stamp {
            address: asked.client.address,
            is_https: asked.scheme == Scheme::HTTPS,
            id: &asked.id,
            colo: &self.config.colo,
            keep_forwarded: trust,
            worker: None,
        };
        stamp.apply(request.headers_mut());
        if let Some(value) = id_value {
            // The worker sees the same id; one that a client sends could name another's record.
            request.headers_mut().insert(REQUEST_ID, value);
        }
        upgrade::offer(&mut request);
        let id = asked.id.clone();
        let answer = self.invoke(&route.worker, request, asked).await;
        answer.unwrap_or_else(|error| failed(&route.worker, &id, &error))
    }

    /// Lets a request through that the worker takes, from whom it takes it; else the answer. Nothing runs for one that is refused.
    pub(crate) async fn admit<B>(
        &self,
        route: &Route,
        request: &mut Request<B>,
        id: &str,
    ) -> Result<(), Response<GatewayBody>> {
        let version = &route.version;
        let method = request.method().clone();
        let admitted = self
            .principals
            .admit(version, &method, request.headers_mut());
        admitted.await.map_err(|refusal| refusal.response(id))?;
        // The management API is how an organization learns that it is over a quota.
        if !version.is_management()
            && let Some(response) = self.quotas.refuse(&version.organization, id)
        {
            return Err(response);
        }
        let within = route.worker.admit(request.headers());
        within.map_err(|error| answer::failed(&error, id))
    }

    /// The version that an authority names; of several that are live, the one that the header fields are for.
    pub(crate) async fn find(
        &self,
        authority: &str,
        headers: &HeaderMap,
    ) -> Result<Chosen, NotFound> {
        let live = match host::parse(authority, &self.config.base_domain) {
            Some(Named::Live(worker)) => self.routes.get(worker),
            Some(Named::Version { worker, name }) => {
                let found = self.routes.named().get(worker, name).await;
                return found.map(Chosen::named);
            }
            Some(Named::Foreign(domain)) => self.routes.by_domain(domain),
            None => None,
        };
        let live = live.ok_or(NotFound::Unknown)?;
        Ok(Chosen::of(live, headers))
    }

    /// By an asset, else by the worker; what fails is answered too.
    pub(crate) async fn answer<B>(
        &self,
        worker: &Arc<LoadedWorker>,
        request: Request<B>,
        asked: Asked,
    ) -> Response<GatewayBody>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: fmt::Display,
    {
        let id = asked.id.clone();
        let answer = self.ask(worker, request, asked).await;
        answer.unwrap_or_else(|error| failed(worker, &id, &error))
    }

    /// The same, where the failure is another's to answer.
    pub(crate) async fn ask<B>(
        &self,
        worker: &Arc<LoadedWorker>,
        request: Request<B>,
        asked: Asked,
    ) -> Result<Response<GatewayBody>, InvocationError>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: fmt::Display,
    {
        let (head, body) = request.into_parts();
        if let Some(response) = self.asset(worker, &head, &asked).await {
            return Ok(response);
        }
        self.invoke(worker, Request::from_parts(head, body), asked)
            .await
    }

    async fn invoke<B>(
        &self,
        worker: &Arc<LoadedWorker>,
        request: Request<B>,
        asked: Asked,
    ) -> Result<Response<GatewayBody>, InvocationError>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: fmt::Display,
    {
        let invocation = Invocation {
            request,
            scheme: asked.scheme,
            authority: asked.authority,
            id: asked.id,
            trigger: match asked.origin {
                Some(_) => Trigger::Service,
                None => Trigger::Http,
            },
            received: asked.received,
            client: asked.client,
            origin: asked.origin,
            entrypoint: asked.entrypoint,
        };
        let response = worker.invoke(invocation).await?;
        Ok(response.map(GatewayBody::Worker))
    }

    /// Answers for the worker, where a file does that. Only the default export has files.
    async fn asset(
        &self,
        worker: &LoadedWorker,
        head: &http::request::Parts,
        asked: &Asked,
    ) -> Option<Response<GatewayBody>> {
        let is_default = asked.entrypoint.as_ref().is_none_or(|it| it.name.is_none());
        let version = worker.version();
        let assets = version.config.assets.as_ref().filter(|_| is_default)?;
        let (id, host) = (&asked.id, host::without_port(&asked.authority));
        match self.assets.before_worker(assets, head, host).await {
            Ok(response) => response.map(file_response),
            Err(error) => {
                let worker = version.worker_name.as_str();
                tracing::error!(worker, request_id = %id, %error, "an asset could not be read");
                Some(answer::ASSETS_UNAVAILABLE.response(id.as_str()))
            }
        }
    }

    /// The listener speaks plain HTTP; only a trusted proxy knows of TLS in front.
    fn scheme<B>(&self, request: &Request<B>) -> Scheme {
        let forwarded = request
            .headers()
            .get("x-forwarded-proto")
            .map(HeaderValue::as_bytes);
        if self.config.trust_forwarded_host && forwarded == Some(b"https") {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        }
    }
}

fn failed(
    worker: &LoadedWorker,
    id: &ExecutionId,
    error: &InvocationError,
) -> Response<GatewayBody> {
    log_unrecorded(worker, id, error);
    answer::failed(error, id.as_str())
}

/// What leaves an execution record is logged with it; the rest here.
pub(crate) fn log_unrecorded(worker: &LoadedWorker, id: &ExecutionId, error: &InvocationError) {
    let worker = worker.version().worker_name.as_str();
    match error {
        // Under overload each refused request would be a line.
        InvocationError::Overloaded { .. }
        | InvocationError::Sockets { .. }
        | InvocationError::Crowded { .. } => {
            tracing::debug!(worker, request_id = %id, %error, "a request was refused");
        }
        error if error.outcome().is_none() => {
            tracing::error!(worker, request_id = %id, %error, "a worker could not be loaded");
        }
        _ => {}
    }
}

fn file_response(response: AssetResponse) -> Response<GatewayBody> {
    let length = response.headers().get(CONTENT_LENGTH);
    let left = length
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or_default();
    response.map(|body| match body {
        AssetBody::Whole(bytes) if !bytes.is_empty() => GatewayBody::full(bytes),
        AssetBody::Empty | AssetBody::Whole(_) => GatewayBody::Empty,
        AssetBody::Stream(stream) => GatewayBody::File { stream, left },
    })
}
