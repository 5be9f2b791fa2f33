//! The record that an invocation leaves.

use serde::{Deserialize, Serialize};

use crate::id::{ExecutionId, VersionId, WorkerId};

/// What started an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    Http,
    /// The host itself, before it activates a version.
    HealthCheck,
    Cron,
    Queue,
    Email,
    Tail,
    /// Another worker, by a service binding or by its host name.
    Service,
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Ok,
    /// The handler, or a `waitUntil` promise, threw.
    Exception,
    ExceededCpu,
    ExceededWall,
    ExceededMemory,
    /// The instance trapped for another reason.
    Trapped,
    /// The handler ended without a response.
    NoResponse,
    /// The client went away before the response head.
    Canceled,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Exception => "exception",
            Self::ExceededCpu => "exceeded-cpu",
            Self::ExceededWall => "exceeded-wall",
            Self::ExceededMemory => "exceeded-memory",
            Self::Trapped => "trapped",
            Self::NoResponse => "no-response",
            Self::Canceled => "canceled",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsoleLevel {
    Debug,
    Info,
    Log,
    Warn,
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleLine {
    pub level: ConsoleLevel,
    pub message: String,
    /// Since the start of the invocation, in milliseconds.
    pub at_ms: u64,
}

/// One invocation. Times are in the units that the names end with.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    pub id: ExecutionId,
    pub worker: WorkerId,
    pub version: VersionId,
    pub trigger: Trigger,
    pub outcome: Outcome,
    /// HTTP status that the client got.
    pub status_code: Option<u16>,
    /// Unix time in milliseconds.
    pub started_at_ms: u64,
    pub duration_us: u64,
    pub cpu_us: u64,
    pub memory_bytes_max: u64,
    pub console: Vec<ConsoleLine>,
    /// Console lines over the limit.
    pub console_dropped: u64,
    /// Class, message and stack, mapped to the sources where there is a source map.
    pub error: Option<String>,
}
