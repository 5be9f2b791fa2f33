//! The least that a Rust HTTP server can do: hyper on one thread, with constant answers.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::process::Command;

use ::hyper::body::{Body, Frame, Incoming};
use ::hyper::server::conn::http1;
use ::hyper::service::service_fn;
use ::hyper::{Request, Response};
use anyhow::Result;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{Either, Full, StreamBody};
use hyper_util::rt::{TokioIo, TokioTimer};

use crate::process::{Server, free_address};

/// Answered with [`FILE`].
pub const FILE_PATH: &str = "/file";
/// Answered with [`STREAM_BYTES`] bytes in chunks of [`CHUNK_BYTES`].
pub const STREAM_PATH: &str = "/stream";

/// A small static asset.
pub static FILE: [u8; 10 << 10] = [b'a'; 10 << 10];
pub const STREAM_BYTES: usize = 10 << 20;
const CHUNK_BYTES: usize = 64 << 10;

static CHUNK: [u8; CHUNK_BYTES] = [b'a'; CHUNK_BYTES];

type BodyError = Box<dyn Error + Send + Sync>;

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

async fn answer(
    request: Request<Incoming>,
) -> Result<Response<impl Body<Data = Bytes, Error = BodyError>>, Infallible> {
    let body = match request.uri().path() {
        FILE_PATH => Either::Left(Full::new(Bytes::from_static(&FILE))),
        STREAM_PATH => Either::Right(StreamBody::new(stream::iter(chunks()))),
        _ => Either::Left(Full::new(Bytes::from_static(b"Hello, world!\n"))),
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(
        "content-type",
        ::hyper::header::HeaderValue::from_static("text/plain;charset=UTF-8"),
    );
    Ok(response)
}

fn chunks() -> impl Iterator<Item = Result<Frame<Bytes>, Infallible>> {
    let chunk = || Ok(Frame::data(Bytes::from_static(&CHUNK)));
    (0..STREAM_BYTES / CHUNK_BYTES).map(move |_| chunk())
}
