//! The HTTP server behind the tests that need a network: WPT's files, with `.headers` files beside them and `.sub.` files filled in.

mod files;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

pub type Body = BoxBody<Bytes, std::io::Error>;

/// What every handler knows.
pub struct Site {
    pub root: PathBuf,
    /// Two origins on plain HTTP.
    pub ports: [u16; 2],
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
        let site = Arc::new(Site { root, ports });
        for listener in listeners {
            tokio::spawn(accept(listener, site.clone()));
        }
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
        let site = site.clone();
        let service = service_fn(move |request| answer(site.clone(), request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // How a connection ends is the test's affair.
        tokio::spawn(async { drop(connection.await) });
    }
}

async fn answer(site: Arc<Site>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    Ok(files::serve(&site, &request))
}
