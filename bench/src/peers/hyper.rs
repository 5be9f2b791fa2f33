//! The least that a Rust HTTP server can do: hyper on one thread with a constant answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::Command;

use ::hyper::body::Incoming;
use ::hyper::server::conn::http1;
use ::hyper::service::service_fn;
use ::hyper::{Request, Response};
use anyhow::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::{TokioIo, TokioTimer};

use crate::process::{Server, free_address};

pub fn start(logs: &std::path::Path) -> Result<Server> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--serve-hyper").arg(address.to_string());
    Server::start(command, address, &logs.join("hyper.log"))
}

/// Serves until the process is killed.
pub fn serve(address: SocketAddr) -> Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let listener = tokio::net::TcpListener::bind(address).await?;
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                tokio::spawn(async move {
                    let connection = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .serve_connection(TokioIo::new(stream), service_fn(answer));
                    // A client that goes away is not this program's business.
                    let _ = connection.await;
                });
            }
        })
}

async fn answer(_request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"Hello, world!\n")));
    response.headers_mut().insert(
        "content-type",
        ::hyper::header::HeaderValue::from_static("text/plain;charset=UTF-8"),
    );
    Ok(response)
}
