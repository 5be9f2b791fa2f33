//! What can go wrong, by who has to know.

use ouro_core::ports::artifacts::ArtifactError;
use ouro_core::ports::builder::BuilderError;
use ouro_core::{Digest, Outcome};

use crate::exceeded::Exceeded;
use crate::invocation::Failure;

/// The runtime itself cannot start.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error("wasmtime: {0:#}")]
    Engine(wasmtime::Error),
    #[error("native code cache `{path}`: {error}")]
    Cache { path: String, error: std::io::Error },
}

/// A version cannot run here.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    #[error(transparent)]
    Build(#[from] BuilderError),
    /// The component cannot be compiled.
    #[error("component `{component}`: {reason}")]
    Invalid { component: Digest, reason: String },
    /// The component imports what the host does not have, or not in this form.
    #[error("the component imports `{import}`, which this host does not have: {reason}")]
    Import { import: String, reason: String },
    #[error("the component does not export `{0}`")]
    Export(&'static str),
    /// Neither memory nor a descriptor for the worker's pages.
    #[error("this host has no room for the worker's memory: {0}")]
    NoRoom(std::io::Error),
    #[error("loading was interrupted: {0}")]
    Interrupted(String),
}

/// An invocation without a response.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("all {instances_max} instances are in use")]
    Overloaded { instances_max: u32 },
    /// On this node, or of this worker.
    #[error("all {sockets_max} invocations that may hold a WebSocket are in use")]
    Sockets { sockets_max: u32 },
    #[error("{limit} invocations of the worker run already, which is its limit")]
    Crowded { limit: u64 },
    /// Of what a worker can go on after, its failure is known too.
    #[error("{exceeded}{}", after(.failure))]
    Exceeded {
        exceeded: Exceeded,
        failure: Option<Failure>,
    },
    /// The handler failed; the stack's positions are those of the bundle.
    #[error("{0}")]
    Exception(Failure),
    #[error("the handler ended without a response")]
    NoResponse,
    #[error("the response is not valid: {0}")]
    InvalidResponse(String),
    #[error("the invocation used more than {limit_ms} ms of CPU time")]
    ExceededCpu { limit_ms: u64 },
    #[error("the invocation took longer than {limit_ms} ms")]
    ExceededWall { limit_ms: u64 },
    #[error("the invocation needed more than {limit_bytes} bytes of memory")]
    ExceededMemory { limit_bytes: u64 },
    #[error("the instance trapped: {0}")]
    Trapped(String),
    /// A component of another language was asked for an event or a call.
    #[error("the worker is a component of its own: it answers HTTP requests and nothing else")]
    NotHttp,
}

impl InvocationError {
    /// Of a worker that has gone over a limit before, that is the cause.
    pub(crate) fn thrown(failure: Failure, exceeded: Option<Exceeded>) -> Self {
        match exceeded {
            Some(exceeded) => Self::Exceeded {
                exceeded,
                failure: Some(failure),
            },
            None => Self::Exception(failure),
        }
    }

    /// The status that the client gets, and that the execution record shows.
    pub fn status_code(&self) -> u16 {
        match self {
            Self::Load(LoadError::Artifact(_) | LoadError::NoRoom(_)) => 503,
            Self::Overloaded { .. } | Self::Sockets { .. } => 503,
            // RFC 6585 4.
            Self::Crowded { .. } => 429,
            Self::Exceeded { exceeded, .. } => exceeded.status_code(),
            Self::ExceededCpu { .. } | Self::ExceededMemory { .. } => 503,
            Self::ExceededWall { .. } => 504,
            _ => 500,
        }
    }

    /// What another worker that called is told: which limit it was, and nothing of what the worker itself threw.
    pub fn for_callers(&self) -> String {
        match self {
            Self::ExceededCpu { .. }
            | Self::ExceededWall { .. }
            | Self::ExceededMemory { .. }
            | Self::Overloaded { .. }
            | Self::Sockets { .. }
            | Self::Crowded { .. }
            | Self::NotHttp => self.to_string(),
            Self::Exceeded { exceeded, .. } => exceeded.to_string(),
            _ => "the worker that was called has failed".to_owned(),
        }
    }

    /// `None` where no instance was started: such an invocation leaves no record.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Load(_)
            | Self::Overloaded { .. }
            | Self::Sockets { .. }
            | Self::Crowded { .. }
            | Self::NotHttp => None,
            Self::Exceeded { exceeded, .. } => exceeded.outcome(),
            Self::Exception(_) => Some(Outcome::Exception),
            Self::NoResponse => Some(Outcome::NoResponse),
            Self::ExceededCpu { .. } => Some(Outcome::ExceededCpu),
            Self::ExceededWall { .. } => Some(Outcome::ExceededWall),
            Self::ExceededMemory { .. } => Some(Outcome::ExceededMemory),
            Self::InvalidResponse(_) | Self::Trapped(_) => Some(Outcome::Trapped),
        }
    }
}

impl From<Exceeded> for InvocationError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded {
            exceeded,
            failure: None,
        }
    }
}

/// What was thrown, on lines of its own.
fn after(failure: &Option<Failure>) -> String {
    let text = |failure: &Failure| format!("\n{failure}");
    failure.as_ref().map(text).unwrap_or_default()
}
