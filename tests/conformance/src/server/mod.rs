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
mod tls;
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
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::net::{TcpListener, TcpStream};

use asked::Asked;
use raw::Opening;
use stash::Stash;
use tls::Tls;

pub type Body = BoxBody<Bytes, std::io::Error>;

/// More header fields than one test sends.
const HEADERS_MAX: usize = 1000;

/// What every handler knows.
pub struct Site {
    pub root: PathBuf,
    /// Two origins on plain HTTP.
    pub ports: [u16; 2],
    /// Two on HTTPS.
    pub tls_ports: [u16; 2],
    /// WebSockets without TLS, and with it. WPT's port for HTTP/2 is the latter: the host speaks HTTP/1.1 alone.
    pub socket_ports: [u16; 2],
    stash: Stash,
}

impl Site {
    /// Names of subtests carry ports, which differ from run to run.
    pub fn without_ports(&self, text: &str) -> String {
        let named = [
            (self.ports[0], ":PORT1"),
            (self.ports[1], ":PORT2"),
            (self.socket_ports[0], ":PORT3"),
            (self.tls_ports[0], ":PORT4"),
            (self.tls_ports[1], ":PORT5"),
            (self.socket_ports[1], ":PORT6"),
        ];
        named.iter().fold(text.to_owned(), |text, (port, name)| {
            text.replace(&format!(":{port}"), name)
        })
    }
}

/// A running server; it ends with the process.
pub struct Server {
    pub site: Arc<Site>,
    /// Who vouches for it, as PEM.
    pub authority: String,
}

impl Server {
    pub async fn start(root: PathBuf) -> Result<Self> {
        let tls = Tls::of(&["localhost", "127.0.0.1"])?;
        let (plain, ports) = bind().await?;
        let (secure, tls_ports) = bind().await?;
        let ([sockets, tls_sockets], socket_ports) = bind().await?;
        let site = Arc::new(Site {
            root,
            ports,
            tls_ports,
            socket_ports,
            stash: Stash::default(),
        });
        for listener in plain {
            let site = site.clone();
            tokio::spawn(accept(listener, move |stream| serve(stream, site.clone())));
        }
        for listener in secure {
            let (site, acceptor) = (site.clone(), tls.acceptor.clone());
            tokio::spawn(accept(listener, move |stream| {
                let (site, handshake) = (site.clone(), acceptor.accept(stream));
                async move {
                    if let Ok(stream) = handshake.await {
                        serve(stream, site).await;
                    }
                }
            }));
        }
        tokio::spawn(accept(sockets, async |stream| {
            drop(web_socket::serve(stream).await);
        }));
        let acceptor = tls.acceptor;
        tokio::spawn(accept(tls_sockets, move |stream| {
            let handshake = acceptor.accept(stream);
            async {
                if let Ok(stream) = handshake.await {
                    drop(web_socket::serve(stream).await);
                }
            }
        }));
        Ok(Self {
            site,
            authority: tls.authority,
        })
    }

    /// The address of a file of WPT, such as `/url/url-constructor.any.js`.
    pub fn url(&self, path: &str) -> String {
        let (scheme, ports) = if path.contains(".https.") {
            ("https", self.site.tls_ports)
        } else {
            ("http", self.site.ports)
        };
        format!("{scheme}://localhost:{}{path}", ports[0])
    }
}

/// Two ports that were free.
async fn bind() -> Result<([TcpListener; 2], [u16; 2])> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listeners = [TcpListener::bind(any).await?, TcpListener::bind(any).await?];
    let ports = [
        listeners[0].local_addr()?.port(),
        listeners[1].local_addr()?.port(),
    ];
    Ok((listeners, ports))
}

async fn accept<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    serve: impl Fn(TcpStream) -> F,
) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream));
    }
}

/// How a connection ends is the test's affair.
async fn serve<S>(stream: S, site: Arc<Site>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut stream = BufReader::new(stream);
    match raw::look(&mut stream).await {
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
