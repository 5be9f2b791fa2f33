//! What the gateway is told at its start.

use std::net::SocketAddr;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct GatewayConfig {
    pub listen: SocketAddr,
    /// Listening threads, each with a runtime of its own.
    pub threads: usize,
    /// Host name under which workers are served, in lower case.
    pub base_domain: String,
    /// Take the host from `X-Forwarded-Host`, the scheme from `X-Forwarded-Proto`, and the client's address from the end of
    /// `X-Forwarded-For`, where they are present.
    pub trust_forwarded_host: bool,
    /// Name of this node's place, as workers see it in `cf-ray`.
    pub colo: String,
    /// Ports at which this node is reached. A worker's request to one of them, or to none, needs no network.
    pub own_ports: Vec<u16>,
    /// Answer `/__scheduled` and `/cdn-cgi/handler/…` by running a worker's other handlers. For development.
    pub test_scheduled: bool,
    /// Time for the head of a request to arrive; also how long a connection is kept that is idle, or whose client takes nothing of an answer.
    pub head_timeout: Duration,
    /// Connections of clients that are open at once. More wait in the kernel's queue.
    pub connections_max: usize,
    /// Largest head of a request, in bytes. A larger one is answered with 431 (RFC 6585 5), as is one with more fields.
    pub head_bytes_max: usize,
    pub head_fields_max: usize,
}
