//! Opens connections for workers, and only to addresses that they may reach: each address is checked after its name was resolved, and
//! the connection goes to what was checked, so that a name cannot change in between (DNS rebinding).

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use ouro_core::egress::{Egress, is_public, unwrapped};
use ouro_core::id::WorkerId;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};
use tower_service::Service;

use super::CONNECT_TIMEOUT;
use crate::turns::Turns;

/// Names that are resolved at once: each holds a thread, for as long as a silent name server likes. The others wait their turn.
const LOOKUPS_MAX: usize = 64;
/// One worker's part of them.
const LOOKUPS_PER_WORKER_MAX: usize = 16;

tokio::task_local! {
    /// Who asks for the connection: all that the client tells of a request is its URL.
    static ASKING: WorkerId;
}

/// Counts the connections that this opens as the worker's.
pub(super) fn on_behalf_of<F: Future>(
    worker: &WorkerId,
    asks: F,
) -> impl Future<Output = F::Output> + use<F> {
    ASKING.scope(worker.clone(), asks)
}
/// Of an answer, which may have thousands, so many addresses are looked at, ...
const ANSWERS_MAX: usize = 64;
/// ... and so many of them tried.
const TRIES_MAX: usize = 8;
/// An address that does not answer gives way to the next one.
const NEXT_AFTER: Duration = Duration::from_secs(1);

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
    lookups: Arc<Turns>,
}

impl Connector {
    pub(super) fn new(egress: Egress) -> Self {
        Self {
            egress: Arc::new(egress),
            lookups: Turns::new(LOOKUPS_MAX, LOOKUPS_PER_WORKER_MAX),
        }
    }

    /// The first address that takes the connection. The last gets what is left of the time.
    async fn connect(self, uri: Uri, worker: WorkerId) -> io::Result<TokioIo<TcpStream>> {
        let deadline = Instant::now() + CONNECT_TIMEOUT;
        let addresses = timeout_at(deadline, self.addresses(&uri, &worker)).await??;
        let mut failure = io::Error::new(io::ErrorKind::PermissionDenied, Prohibited);
        for (tried, &address) in addresses.iter().enumerate() {
            let is_last = tried + 1 == addresses.len();
            let rest = deadline.saturating_duration_since(Instant::now());
            let time = if is_last { rest } else { rest.min(NEXT_AFTER) };
            match timeout(time, TcpStream::connect(address)).await {
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
    async fn addresses(&self, uri: &Uri, worker: &WorkerId) -> io::Result<Vec<SocketAddr>> {
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = self.lookup((host.to_owned(), port(uri)), worker).await;
        let addresses = addresses.map_err(|error| io::Error::other(Unresolved(error)))?;
        let permitted = addresses.into_iter().filter(|it| self.permits(*it));
        Ok(permitted.take(TRIES_MAX).collect())
    }

    /// Waits for its turn as long as somebody wants the answer; once begun it holds a thread to its end.
    async fn lookup(&self, name: (String, u16), worker: &WorkerId) -> io::Result<Vec<SocketAddr>> {
        let turn = self.lookups.take(worker).await.map_err(io::Error::other)?;
        spawn_blocking(move || {
            let _turn = turn;
            let addresses = name.to_socket_addrs()?;
            Ok(addresses.take(ANSWERS_MAX).collect())
        })
        .await?
    }

    /// A network that is opened is not this machine in it, unless it is that of loopback.
    fn permits(&self, address: SocketAddr) -> bool {
        if self.egress.closes(address.port()) && is_own(unwrapped(address.ip())) {
            return false;
        }
        if self.egress.names(address) {
            return true;
        }
        let ip = unwrapped(address.ip());
        let is_open = self.egress.opens(address) || is_public(ip);
        is_open && (ip.is_loopback() || !is_own(ip))
    }
}

/// Whether it is an address of this machine. Nothing is sent. What cannot be found out counts as one.
fn is_own(address: IpAddr) -> bool {
    // Of several addresses in one network the kernel sends from the first alone, but each can be bound. Where it lets a socket have any
    // address (`ip_nonlocal_bind`) that says nothing.
    let is_bound = binds(address) && !binds(elsewhere(address));
    is_bound || sends_from(address)
}

fn binds(address: IpAddr) -> bool {
    let bound = UdpSocket::bind((address, 0));
    bound.map_or_else(|e| e.kind() != io::ErrorKind::AddrNotAvailable, |_| true)
}

/// An address of the same kind that no machine has (RFC 5737, RFC 3849).
fn elsewhere(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => Ipv4Addr::new(192, 0, 2, 1).into(),
        IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    }
}

/// Whether the kernel would send from the address to itself.
fn sends_from(address: IpAddr) -> bool {
    use io::ErrorKind::{HostUnreachable, NetworkUnreachable};
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let source = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((address, 9))?;
        socket.local_addr()
    });
    match source {
        Ok(source) => source.ip() == address,
        Err(error) => !matches!(error.kind(), NetworkUnreachable | HostUnreachable),
    }
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
        // Here, since the client may go on with the connection in a task of its own.
        let worker = ASKING.try_with(WorkerId::clone);
        let this = self.clone();
        Box::pin(async move { this.connect(uri, worker.map_err(io::Error::other)?).await })
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
            .connect(uri.clone(), WorkerId::random())
            .await
            .expect_err("prohibited");
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        // Opened, it is tried: nobody listens there.
        let opened = Connector::new("127.0.0.0/8:9".parse().expect("valid"));
        let error = opened
            .connect(uri, WorkerId::random())
            .await
            .expect_err("closed");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_closed_port_of_this_machine_is_opened_by_nothing() {
        let mut egress: Egress = "127.0.0.0/8, 127.0.0.1:9, ::1".parse().expect("valid");
        egress.close(9);
        let connector = Connector::new(egress);
        let permits = |address: &str| connector.permits(address.parse().expect("valid"));
        assert!(!permits("127.0.0.1:9") && !permits("[::1]:9") && !permits("[::ffff:127.0.0.1]:9"));
        assert!(permits("127.0.0.1:10"));
        // Another machine's port of that number is none of ours.
        assert!(permits("1.1.1.1:9"));
    }

    #[test]
    fn ports_are_those_of_the_scheme_where_none_is_given() {
        for (uri, expected) in [("http://a/", 80), ("https://a/", 443), ("https://a:8/", 8)] {
            assert_eq!(port(&Uri::from_static(uri)), expected);
        }
    }
}
