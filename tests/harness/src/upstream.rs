//! A plain HTTP server for workers to call.

use std::convert::Infallible;
use std::net::SocketAddr;

use http::header::LOCATION;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Answers every request with its own body, streamed, and says in `x-request` what it saw; `/redirect?<url>` leads there.
/// It ends with the value.
pub struct Upstream {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Upstream {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serve =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(echo));
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

async fn echo(request: Request<Incoming>) -> Result<Response<Incoming>, Infallible> {
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
    Ok(response)
}
