//! The operator's port: what monitoring asks. It is another listener than that of clients, asks for no token, and workers do not reach it.
//!
//! Life cycle: it answers from before the stores are opened until after the last request was served, so that `/readyz` can tell of both.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ouro_core::ports::metadata::MetadataStore;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::metrics::{self, Sources};

/// More wait until one of them is closed.
const CONNECTIONS_MAX: usize = 64;
/// Time for the head of a request to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Wait after a failed `accept`.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);
/// How long `/readyz` waits for the store.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);
const TEXT: &str = "text/plain; charset=utf-8";

/// What the port tells of, as far as it is there.
#[derive(Clone)]
pub struct Node {
    serving: Arc<OnceLock<Serving>>,
    draining: CancellationToken,
}

struct Serving {
    sources: Sources,
    metadata: Arc<dyn MetadataStore>,
}

/// The running port. It is closed when it is dropped.
pub struct OperatorPort {
    address: SocketAddr,
    _task: AbortOnDropHandle<()>,
}

impl Node {
    pub fn new(draining: CancellationToken) -> Self {
        Self {
            serving: Arc::default(),
            draining,
        }
    }

    /// From now on it is ready, until it drains.
    pub fn serves(&self, sources: Sources, metadata: Arc<dyn MetadataStore>) {
        let _ = self.serving.set(Serving { sources, metadata });
    }

    /// Why no more requests should be sent here.
    async fn not_ready(&self) -> Option<&'static str> {
        if self.draining.is_cancelled() {
            return Some("draining");
        }
        let Some(serving) = self.serving.get() else {
            return Some("starting");
        };
        match timeout(STORE_TIMEOUT, serving.metadata.revision()).await {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => {
                tracing::error!(%error, "not ready: the metadata store fails");
                Some("the metadata store fails")
            }
            Err(_) => Some("the metadata store does not answer"),
        }
    }

    async fn answer(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        if !matches!(path, "/metrics" | "/healthz" | "/readyz") {
            return text(StatusCode::NOT_FOUND, "there is nothing here");
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "GET or HEAD");
            let allow = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(ALLOW, allow);
            return response;
        }
        match path {
            "/metrics" => self.metrics(),
            "/readyz" => match self.not_ready().await {
                Some(reason) => text(StatusCode::SERVICE_UNAVAILABLE, reason),
                None => text(StatusCode::OK, "ready"),
            },
            _ => text(StatusCode::OK, "alive"),
        }
    }

    fn metrics(&self) -> Response<Full<Bytes>> {
        match self.serving.get() {
            Some(serving) => response(
                StatusCode::OK,
                metrics::CONTENT_TYPE,
                metrics::page(&serving.sources),
            ),
            None => text(StatusCode::SERVICE_UNAVAILABLE, "starting"),
        }
    }
}

impl OperatorPort {
    pub async fn open(address: SocketAddr, node: Node) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self {
            address: listener.local_addr()?,
            _task: AbortOnDropHandle::new(tokio::spawn(accept(listener, node))),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The connections end with it.
async fn accept(listener: TcpListener, node: Node) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let place = places.clone().acquire_owned().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let node = node.clone();
                connections.spawn(async move {
                    serve(stream, node).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection to the operator's port could not be accepted");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, node: Node) {
    let service = service_fn(|request: Request<Incoming>| {
        let node = node.clone();
        async move {
            let (method, path) = (request.method(), request.uri().path());
            Ok::<_, Infallible>(node.answer(method, path).await)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to the operator's port ended early");
    }
}

fn text(status: StatusCode, line: &str) -> Response<Full<Bytes>> {
    response(status, TEXT, format!("{line}\n"))
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
