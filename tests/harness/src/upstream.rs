//! A plain HTTP server for workers to call.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Answers every request with its own body, streamed, and says in `x-request` what it saw; `/redirect?<url>` leads there; below `/notes/` it
/// keeps what is posted until somebody gets it. It ends with the value.
pub struct Upstream {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

type Body = BoxBody<Bytes, hyper::Error>;

/// Bodies by their path.
type Notes = Arc<Mutex<HashMap<String, Vec<u8>>>>;

impl Upstream {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let notes = Notes::default();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let notes = notes.clone();
                let answer = service_fn(move |request| answer(notes.clone(), request));
                let serve = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
                // The connection's end is the test's affair.
                tokio::spawn(async { drop(serve.await) });
            }
        });
        Self { address, accepting }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer(notes: Notes, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    if request.uri().path().starts_with("/notes/") {
        return Ok(Response::new(note(&notes, request).await));
    }
    Ok(echo(request).map(BodyExt::boxed))
}

async fn note(notes: &Notes, request: Request<Incoming>) -> Body {
    let path = request.uri().path().to_owned();
    let is_kept = request.method() == Method::POST;
    let body = request.into_body().collect().await;
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = if is_kept {
        notes.entry(path).or_default().extend_from_slice(&body);
        Vec::new()
    } else {
        notes.remove(&path).unwrap_or_default()
    };
    Full::from(answer).map_err(|never| match never {}).boxed()
}

fn echo(request: Request<Incoming>) -> Response<Incoming> {
    let from = request
        .headers()
        .get("x-from")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let seen = format!("{} {} {from}", request.method(), request.uri());
    let seen = HeaderValue::from_str(seen.trim_end()).expect("a header");
    let target = (request.uri().path() == "/redirect")
        .then(|| request.uri().query().unwrap_or_default().to_owned());
    let mut response = Response::new(request.into_body());
    response.headers_mut().insert("x-request", seen);
    if let Some(target) = target {
        *response.status_mut() = StatusCode::FOUND;
        let target = HeaderValue::from_str(&target).expect("a header");
        response.headers_mut().insert(LOCATION, target);
    }
    response
}
