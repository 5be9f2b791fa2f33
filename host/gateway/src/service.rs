//! One request: from its host to a route, then to an asset or the worker.

use std::sync::Arc;
use std::time::Instant;

use http::header::CONTENT_LENGTH;
use http::uri::Scheme;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use ouro_core::Trigger;
use ouro_core::id::ExecutionId;
use ouro_runtime::{Invocation, InvocationError};

use crate::answer::{self, REQUEST_ID};
use crate::assets::{AssetResponse, Assets};
use crate::body::GatewayBody;
use crate::config::GatewayConfig;
use crate::host;
use crate::routes::{Route, Routes};
use crate::upgrade;

/// What all connections share.
pub(crate) struct Service {
    pub(crate) config: GatewayConfig,
    pub(crate) routes: Arc<Routes>,
    pub(crate) assets: Assets,
}

impl Service {
    pub(crate) async fn handle(&self, mut request: Request<Incoming>) -> Response<GatewayBody> {
        let received = Instant::now();
        let id = ExecutionId::random();
        let id_value = HeaderValue::from_str(id.as_str()).ok();
        if let Some(value) = id_value.clone() {
            // The worker sees the same id; one that a client sends could name another's record.
            request.headers_mut().insert(REQUEST_ID, value);
        }
        let mut response = self.route(request, &id, received).await;
        if let Some(value) = id_value {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        // Let the other ready connections compute first, so that answers are written in batches: writing at once
        // wakes the client for each of them, which measured a quarter more CPU per request.
        tokio::task::yield_now().await;
        response
    }

    async fn route(
        &self,
        request: Request<Incoming>,
        id: &ExecutionId,
        received: Instant,
    ) -> Response<GatewayBody> {
        let trust = self.config.trust_forwarded_host;
        let Some(authority) = host::authority(request.uri(), request.headers(), trust) else {
            return answer::BAD_HOST.response(id.as_str());
        };
        let route = host::worker_name(authority, &self.config.base_domain)
            .and_then(|name| self.routes.get(name));
        let Some(route) = route else {
            return answer::unknown_host(authority, id.as_str());
        };
        let authority = authority.to_owned();
        let mut request = request;
        upgrade::offer(&mut request);
        let (head, body) = request.into_parts();
        match self.asset(&route, &head, id).await {
            Some(response) => response,
            None => {
                self.invoke(
                    &route,
                    Request::from_parts(head, body),
                    authority,
                    id,
                    received,
                )
                .await
            }
        }
    }

    async fn asset(
        &self,
        route: &Route,
        head: &http::request::Parts,
        id: &ExecutionId,
    ) -> Option<Response<GatewayBody>> {
        let assets = route.version.config.assets.as_ref()?;
        if assets.run_worker_first {
            return None;
        }
        match self.assets.before_worker(assets, head).await {
            Ok(response) => response.map(file_response),
            Err(error) => {
                let worker = route.version.worker_name.as_str();
                tracing::error!(worker, request_id = %id, %error, "an asset could not be read");
                Some(answer::ASSETS_UNAVAILABLE.response(id.as_str()))
            }
        }
    }

    async fn invoke(
        &self,
        route: &Route,
        request: Request<Incoming>,
        authority: String,
        id: &ExecutionId,
        received: Instant,
    ) -> Response<GatewayBody> {
        let invocation = Invocation {
            scheme: self.scheme(&request),
            request,
            authority,
            id: id.clone(),
            trigger: Trigger::Http,
            received,
        };
        match route.worker.invoke(invocation).await {
            Ok(response) => response.map(GatewayBody::Worker),
            Err(error) => {
                log_unrecorded(route, id, &error);
                answer::failed(&error, id.as_str())
            }
        }
    }

    /// The listener speaks plain HTTP; only a trusted proxy knows of TLS in front.
    fn scheme(&self, request: &Request<Incoming>) -> Scheme {
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

/// What leaves an execution record is logged with it; the rest here.
fn log_unrecorded(route: &Route, id: &ExecutionId, error: &InvocationError) {
    let worker = route.version.worker_name.as_str();
    match error {
        // Under overload each refused request would be a line.
        InvocationError::Overloaded { .. } => {
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
        Some(stream) => GatewayBody::File { stream, left },
        None => GatewayBody::Empty,
    })
}
