//! Listening threads: each has a socket of its own on the shared port (`SO_REUSEPORT`) and a current-thread runtime, so
//! that a request never changes its core. Draining has two steps, because what outlives a response (a `waitUntil`
//! promise) runs on these threads too: [`Gateway::drain`] ends the connections, [`Gateway::stop`] the threads.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::FutureExt;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::assets::Assets;
use crate::config::GatewayConfig;
use crate::linger::Lingering;
use crate::metrics::GatewayMetrics;
use crate::principal::Resolver;
use crate::quotas::Quotas;
use crate::routes::Routes;
use crate::service::Service;

const BACKLOG: i32 = 1024;
/// Fields of a head that hyper reads where it is told nothing.
const HEAD_FIELDS_OF_HYPER: usize = 100;
/// What a connection gathers of a streamed body before it writes: fewer, longer writes wake the client less often.
const BUFFER_BYTES: usize = 256 << 10;
/// Wait after a failed `accept`, which mostly means that the process has no file descriptor left.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// How long a connection that was accepted while draining has for its first byte.
const FIRST_BYTE_WAIT: Duration = Duration::from_millis(100);

/// A gateway that has its port and does not serve yet. Connections wait in the kernel's queue meanwhile.
pub struct Bound {
    address: SocketAddr,
    config: GatewayConfig,
    listeners: Vec<TcpListener>,
}

/// A running gateway.
pub struct Gateway {
    /// No new connections; those there are close after the request that they carry.
    draining: CancellationToken,
    /// The threads end.
    stopping: CancellationToken,
    connections: TaskTracker,
    /// For connections.
    places: Arc<Semaphore>,
    metrics: Arc<GatewayMetrics>,
    threads: Vec<JoinHandle<()>>,
}

impl Bound {
    pub fn new(config: GatewayConfig) -> io::Result<Self> {
        let first = first_socket(config.listen)?;
        let address = first.local_addr()?;
        let mut listeners = vec![first];
        for _ in 1..config.threads.max(1) {
            listeners.push(socket(address, true)?);
        }
        Ok(Self {
            address,
            config,
            listeners,
        })
    }

    /// The address that is listened on; where port 0 was asked for, with the port that was given.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to serve.
    pub fn serve(
        self,
        routes: Arc<Routes>,
        assets: Assets,
        principals: Arc<Resolver>,
        quotas: Arc<Quotas>,
    ) -> io::Result<Gateway> {
        let service = Arc::new(Service {
            config: Arc::new(self.config),
            routes,
            assets,
            principals,
            quotas,
        });
        let connections = TaskTracker::new();
        let places = service.config.connections_max.min(Semaphore::MAX_PERMITS);
        let mut gateway = Gateway {
            places: Arc::new(Semaphore::new(places)),
            draining: CancellationToken::new(),
            stopping: CancellationToken::new(),
            metrics: Arc::new(GatewayMetrics::new(connections.clone())),
            connections,
            threads: Vec::new(),
        };
        for (index, listener) in self.listeners.into_iter().enumerate() {
            gateway
                .threads
                .push(gateway.thread(index, listener, service.clone())?);
        }
        Ok(gateway)
    }
}

impl Gateway {
    /// What has been counted since the start.
    pub fn metrics(&self) -> &Arc<GatewayMetrics> {
        &self.metrics
    }

    /// Takes no more connections and waits until those there are have had their answers, at most so long.
    /// Answers with the number of connections that were left.
    pub async fn drain(&self, timeout: Duration) -> usize {
        self.draining.cancel();
        self.connections.close();
        // What is left after the timeout is counted below.
        let _ = tokio::time::timeout(timeout, self.connections.wait()).await;
        self.connections.len()
    }

    /// Ends the threads with everything that still runs on them.
    pub fn stop(self) {
        self.draining.cancel();
        self.stopping.cancel();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a gateway thread had panicked");
            }
        }
    }

    fn thread(
        &self,
        index: usize,
        listener: TcpListener,
        service: Arc<Service>,
    ) -> io::Result<JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (draining, stopping) = (self.draining.clone(), self.stopping.clone());
        let (connections, metrics) = (self.connections.clone(), self.metrics.clone());
        let places = self.places.clone();
        std::thread::Builder::new()
            .name(format!("gateway-{index}"))
            .spawn(move || {
                runtime.block_on(async {
                    let accepted =
                        accept(listener, service, &draining, &connections, places, &metrics);
                    if let Err(error) = accepted.await {
                        tracing::error!(%error, "a gateway thread cannot listen");
                    }
                    stopping.cancelled().await;
                });
            })
    }
}

/// A port that another process listens on is refused: `SO_REUSEPORT` alone would share it silently.
fn first_socket(address: SocketAddr) -> io::Result<TcpListener> {
    if address.port() != 0 {
        socket(address, false)?;
    }
    socket(address, true)
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

async fn accept(
    listener: TcpListener,
    service: Arc<Service>,
    draining: &CancellationToken,
    connections: &TaskTracker,
    places: Arc<Semaphore>,
    metrics: &Arc<GatewayMetrics>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    // Connections look at it each time they are polled; one of this thread's own keeps its lock on this core.
    let draining = &draining.child_token();
    let take = |stream, peer: IpAddr, place: OwnedSemaphorePermit| {
        let connection = serve(
            stream,
            peer.to_canonical(),
            service.clone(),
            draining.clone(),
            connections.clone(),
            metrics.clone(),
        );
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    };
    let next = async || {
        // It is never closed.
        let place = places.clone().acquire_owned().await;
        let place = place.map_err(io::Error::other)?;
        let (stream, peer) = listener.accept().await?;
        Ok::<_, io::Error>((stream, peer.ip(), place))
    };
    loop {
        tokio::select! {
            accepted = next() => match accepted {
                Ok((stream, peer, place)) => take(stream, peer, place),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            },
            () = draining.cancelled() => break,
        }
    }
    // What the kernel has taken already is served: closing the listener would reset it.
    for _ in 0..BACKLOG {
        match next().now_or_never() {
            Some(Ok((stream, peer, place))) => take(stream, peer, place),
            _ => break,
        }
    }
    Ok(())
}

async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    service: Arc<Service>,
    draining: CancellationToken,
    connections: TaskTracker,
    metrics: Arc<GatewayMetrics>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    if draining.is_cancelled() {
        // Taken out of the kernel's queue: its request is there, or nearly. Without this it would be closed as idle.
        let _ = tokio::time::timeout(FIRST_BYTE_WAIT, stream.readable()).await;
    }
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(service.config.head_timeout)
        .max_header_size(service.config.head_bytes_max)
        .max_buf_size(service.config.head_bytes_max.max(BUFFER_BYTES));
    // Saying what holds anyway would cost each request an allocation.
    if service.config.head_fields_max != HEAD_FIELDS_OF_HYPER {
        http.max_headers(service.config.head_fields_max);
    }
    // By reference: counting who holds them would be a cache line that all threads write to with each request.
    let (service, metrics) = (&*service, &*metrics);
    let handler = service_fn(|request| async move {
        let response = service.handle(request, peer).await;
        metrics.answered(response.status());
        Ok::<_, Infallible>(response)
    });
    let connection = http
        .serve_connection(
            Lingering::new(stream, connections, service.config.head_timeout),
            handler,
        )
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        biased;
        result = connection.as_mut() => result,
        () = draining.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        // Clients go away and send nonsense all the time; neither is our failure.
        tracing::debug!(%error, "a connection ended early");
    }
}
