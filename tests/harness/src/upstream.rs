//! A plain HTTP server for workers to call.

use std::convert::Infallible;
use std::net::SocketAddr;

use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Answers every request with its own body, streamed, and says in `x-request` what it saw. It ends with the value.
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
    let mut response = Response::new(request.into_body());
    response.headers_mut().insert("x-request", seen);
    Ok(response)
}
