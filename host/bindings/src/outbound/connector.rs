//! Opens connections for workers, and only to addresses that they may reach: each address is checked after its name was resolved, and
//! the connection goes to what was checked, so that a name cannot change in between (DNS rebinding).

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::rt::TokioIo;
use ouro_core::egress::{Egress, is_public};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tower_service::Service;

use super::CONNECT_TIMEOUT;

/// Every address of the host that was asked for is one that workers may not reach.
#[derive(Debug)]
pub(super) struct Prohibited;

impl fmt::Display for Prohibited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is not open to workers")
    }
}

impl std::error::Error for Prohibited {}

/// The name has no address.
#[derive(Debug)]
pub(super) struct Unresolved(io::Error);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name cannot be resolved: {}", self.0)
    }
}

impl std::error::Error for Unresolved {}

#[derive(Clone)]
pub(super) struct Connector {
    egress: Arc<Egress>,
}

impl Connector {
    pub(super) fn new(egress: Egress) -> Self {
        Self {
            egress: Arc::new(egress),
        }
    }

    /// The first address that takes the connection. Each gets its share of the time.
    async fn connect(self, uri: Uri) -> io::Result<TokioIo<TcpStream>> {
        let deadline = Instant::now() + CONNECT_TIMEOUT;
        let addresses = timeout_at(deadline, self.addresses(&uri)).await??;
        let mut failure = io::Error::new(io::ErrorKind::PermissionDenied, Prohibited);
        for (tried, &address) in addresses.iter().enumerate() {
            let rest = deadline.saturating_duration_since(Instant::now());
            let share = rest / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(TokioIo::new(stream));
                }
                Ok(Err(error)) => failure = error,
                Err(elapsed) => failure = elapsed.into(),
            }
        }
        Err(failure)
    }

    /// Those of the host that workers may reach.
    async fn addresses(&self, uri: &Uri) -> io::Result<Vec<SocketAddr>> {
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = lookup_host((host, port(uri)))
            .await
            .map_err(|error| io::Error::other(Unresolved(error)))?;
        Ok(addresses.filter(|it| self.permits(*it)).collect())
    }

    fn permits(&self, address: SocketAddr) -> bool {
        self.egress.opens(address) || (is_public(address.ip()) && !is_own(address.ip()))
    }
}

/// Whether it is an address of this machine: then the kernel would also send from it. Nothing is sent.
fn is_own(address: IpAddr) -> bool {
    let any: SocketAddr = match address {
        IpAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        IpAddr::V6(_) => ([0_u16; 8], 0).into(),
    };
    UdpSocket::bind(any)
        .and_then(|socket| {
            socket
                .connect((address, 9))
                .and_then(|()| socket.local_addr())
        })
        .is_ok_and(|own| own.ip() == address)
}

/// RFC 9110 4.2.1 and 4.2.2.
pub(super) fn port(uri: &Uri) -> u16 {
    uri.port_u16()
        .unwrap_or(if uri.scheme_str() == Some("https") {
            443
        } else {
            80
        })
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_are_its_own() {
        assert!(is_own(IpAddr::from([127, 0, 0, 1])));
        assert!(!is_own(IpAddr::from([192, 0, 2, 1])));
    }

    #[tokio::test]
    async fn each_address_of_a_name_is_checked() {
        let uri = Uri::from_static("http://localhost:9/");
        let error = Connector::new(Egress::default())
            .connect(uri.clone())
            .await
            .expect_err("prohibited");
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        // Opened, it is tried: nobody listens there.
        let opened = Connector::new("127.0.0.0/8:9".parse().expect("valid"));
        let error = opened.connect(uri).await.expect_err("closed");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn ports_are_those_of_the_scheme_where_none_is_given() {
        for (uri, expected) in [("http://a/", 80), ("https://a/", 443), ("https://a:8/", 8)] {
            assert_eq!(port(&Uri::from_static(uri)), expected);
        }
    }
}
