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

impl Trigger {
    /// In the order of their declaration.
    pub const ALL: [Self; 7] = [
        Self::Http,
        Self::HealthCheck,
        Self::Cron,
        Self::Queue,
        Self::Email,
        Self::Tail,
        Self::Service,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::HealthCheck => "health-check",
            Self::Cron => "cron",
            Self::Queue => "queue",
            Self::Email => "email",
            Self::Tail => "tail",
            Self::Service => "service",
        }
    }
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
    /// The request's body was over its limit, and the worker failed with that.
    ExceededRequestBody,
    /// The response was over its limit, in its head or in its body.
    ExceededResponse,
    /// The worker failed after one subrequest too many.
    ExceededSubrequests,
    /// The worker failed after one use too many of its bindings.
    ExceededOperations,
    /// The instance trapped for another reason.
    Trapped,
    /// The handler ended without a response.
    NoResponse,
    /// The client went away before the response head.
    Canceled,
}

impl Outcome {
    /// In the order of their declaration.
    pub const ALL: [Self; 12] = [
        Self::Ok,
        Self::Exception,
        Self::ExceededCpu,
        Self::ExceededWall,
        Self::ExceededMemory,
        Self::ExceededRequestBody,
        Self::ExceededResponse,
        Self::ExceededSubrequests,
        Self::ExceededOperations,
        Self::Trapped,
        Self::NoResponse,
        Self::Canceled,
    ];

    /// The worker did not do what it was asked for.
    pub fn is_failure(self) -> bool {
        !matches!(self, Self::Ok | Self::Canceled)
    }

    /// The host had to end it: at a limit, or where it trapped.
    pub fn is_death(self) -> bool {
        match self {
            Self::ExceededCpu
            | Self::ExceededWall
            | Self::ExceededMemory
            | Self::ExceededResponse
            | Self::ExceededSubrequests
            | Self::ExceededOperations
            | Self::Trapped => true,
            // Too large a request is its client's doing.
            Self::ExceededRequestBody => false,
            Self::Ok | Self::Exception | Self::NoResponse | Self::Canceled => false,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Exception => "exception",
            Self::ExceededCpu => "exceeded-cpu",
            Self::ExceededWall => "exceeded-wall",
            Self::ExceededMemory => "exceeded-memory",
            Self::ExceededRequestBody => "exceeded-request-body",
            Self::ExceededResponse => "exceeded-response",
            Self::ExceededSubrequests => "exceeded-subrequests",
            Self::ExceededOperations => "exceeded-operations",
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

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;

    use super::*;

    /// What serde expects of a text that is none of them: it names every variant.
    fn expected<T: DeserializeOwned + Debug>() -> Vec<String> {
        let error = serde_json::from_str::<T>("\"?\"").expect_err("no variant");
        let text = error.to_string();
        // Backticks around each, `?` among them.
        let names = text.split('`').skip(1).step_by(2).skip(1);
        names.map(str::to_owned).collect()
    }

    #[test]
    fn each_list_has_every_variant_in_order_under_its_stored_name() {
        let outcomes = Outcome::ALL.map(Outcome::as_str);
        assert_eq!(expected::<Outcome>(), outcomes);
        let triggers = Trigger::ALL.map(Trigger::as_str);
        assert_eq!(expected::<Trigger>(), triggers);
    }

    #[test]
    fn what_dies_has_failed() {
        for outcome in Outcome::ALL {
            assert!(outcome.is_failure() || !outcome.is_death(), "{outcome:?}");
        }
    }
}
