//! What the gateway is told at its start.

use std::net::SocketAddr;
use std::time::Duration;

/// Largest head of a request, in bytes. A larger one is answered with 431 (RFC 6585 5).
pub const HEAD_BYTES_MAX: usize = 64 << 10;

#[derive(Clone, Debug)]
pub struct GatewayConfig {
    pub listen: SocketAddr,
    /// Listening threads, each with a runtime of its own.
    pub threads: usize,
    /// Host name under which workers are served, in lower case.
    pub base_domain: String,
    /// Take the host from `X-Forwarded-Host`, and the scheme from `X-Forwarded-Proto`, where they are present.
    pub trust_forwarded_host: bool,
    /// Time for the head of a request to arrive; also how long an idle connection is kept.
    pub head_timeout: Duration,
}
