//! The HTTP server behind the tests that need a network: WPT's files, with `.headers` files beside them and `.sub.` files filled in,
//! and in place of its Python handlers the same written in Rust (`handlers`).
//!
//! A connection serves one request, so that what is malformed on purpose (`raw`) can be told apart before HTTP is spoken.

mod asked;
mod files;
mod fixtures;
mod handlers;
mod pipes;
mod raw;
mod stash;
mod web_socket;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use asked::Asked;
use raw::Opening;
use stash::Stash;

pub type Body = BoxBody<Bytes, std::io::Error>;

/// More header fields than one test sends.
const HEADERS_MAX: usize = 1000;

/// What every handler knows.
pub struct Site {
    pub root: PathBuf,
    /// Two origins on plain HTTP.
    pub ports: [u16; 2],
    /// WebSockets without TLS.
    pub socket_port: u16,
    stash: Stash,
}

impl Site {
    /// Names of subtests carry ports, which differ from run to run.
    pub fn without_ports(&self, text: &str) -> String {
        let named = [
            (self.ports[0], ":PORT1"),
            (self.ports[1], ":PORT2"),
            (self.socket_port, ":PORT3"),
        ];
        named.iter().fold(text.to_owned(), |text, (port, name)| {
            text.replace(&format!(":{port}"), name)
        })
    }
}

/// A running server; it ends with the process.
pub struct Server {
    pub site: Arc<Site>,
}

impl Server {
    pub async fn start(root: PathBuf) -> Result<Self> {
        let listeners = [bind().await?, bind().await?];
        let mut ports = [0; 2];
        for (port, listener) in ports.iter_mut().zip(&listeners) {
            *port = listener.local_addr()?.port();
        }
        let sockets = bind().await?;
        let site = Arc::new(Site {
            root,
            ports,
            socket_port: sockets.local_addr()?.port(),
            stash: Stash::default(),
        });
        for listener in listeners {
            tokio::spawn(accept(listener, site.clone()));
        }
        tokio::spawn(accept_sockets(sockets));
        Ok(Self { site })
    }

    /// The address of a file of WPT, such as `/url/url-constructor.any.js`.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.site.ports[0])
    }
}

async fn bind() -> Result<TcpListener> {
    Ok(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?)
}

async fn accept(listener: TcpListener, site: Arc<Site>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, site.clone()));
    }
}

async fn accept_sockets(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async { drop(web_socket::serve(stream).await) });
    }
}

/// How a connection ends is the test's affair.
async fn serve(mut stream: TcpStream, site: Arc<Site>) {
    match raw::look(&stream).await {
        Opening::Raw(target) => return raw::answer(&site, &mut stream, &target).await,
        Opening::Tls => return,
        Opening::Http => {}
    }
    let service = service_fn(move |request| answer(site.clone(), request));
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    drop(connection.await);
}

async fn answer(site: Arc<Site>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let asked = Asked::read(request).await;
    let response = match handlers::answer(&site, &asked).await {
        Some(response) => response,
        None => files::serve(&site, asked.path()),
    };
    Ok(pipes::apply(&site, &asked, response).await)
}

pub fn full(status: StatusCode, contents: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(contents.into())
        .map_err(|never| match never {})
        .boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
