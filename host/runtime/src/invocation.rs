//! One call of a worker, as its caller describes it.

use std::fmt;
use std::time::Instant;

use http::uri::Scheme;
use ouro_core::Trigger;
use ouro_core::id::ExecutionId;

use crate::guest::Event;
use crate::origin::{ClientInfo, Origin};

/// A request for a worker.
pub struct Invocation<B> {
    /// The URI may be path and query alone; `scheme` and `authority` complete it.
    pub request: http::Request<B>,
    pub scheme: Scheme,
    /// Host and port that the client asked for.
    pub authority: String,
    /// Also the request id that the client is told.
    pub id: ExecutionId,
    pub trigger: Trigger,
    /// When the head of the request was there; limits and durations count from it.
    pub received: Instant,
    pub client: ClientInfo,
    /// Set where another invocation of this node asks.
    pub origin: Option<Origin>,
    /// `None` is the worker as clients see it.
    pub entrypoint: Option<Entrypoint>,
}

/// Which export of a worker is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entrypoint {
    /// `None` is the default export.
    pub name: Option<String>,
    /// JSON for `ctx.props`.
    pub props: Option<String>,
}

/// Something other than a request that happens to a worker.
pub struct EventInvocation {
    pub event: Event,
    pub id: ExecutionId,
    pub trigger: Trigger,
    pub received: Instant,
}

/// An exception of a JavaScript worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The error's class, such as `TypeError`.
    pub name: String,
    pub message: String,
    /// Lines `at function (worker.js:line:column)`, positions in the bundle.
    pub stack: String,
}

/// As it stands in the execution record: class, message, and the stack on lines of its own.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name.as_str(), self.message.as_str()) {
            ("", message) => f.write_str(message)?,
            (name, "") => f.write_str(name)?,
            (name, message) => write!(f, "{name}: {message}")?,
        }
        let stack = self.stack.trim_end();
        if !stack.is_empty() {
            write!(f, "\n{stack}")?;
        }
        Ok(())
    }
}
