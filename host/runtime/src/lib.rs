//! Runs components: the wasmtime engine, the cache of native code, one instance per invocation, limits and metering.
//!
//! It knows no HTTP routes and no backends. What a worker may import beyond WASI is plugged in through [`Bindings`].
//!
//! Life cycle: one [`Runtime`] per process. [`Runtime::load`] makes a [`LoadedWorker`] of a version; that is cheap, native code is
//! made or read at the first use (or by [`LoadedWorker::prepare`]). [`LoadedWorker::invoke`] runs one invocation and answers with
//! the response head; what is left (a streamed body, `waitUntil`) goes on as a task that [`Runtime::drain`] waits for.
//! The end of each invocation calls the sink given to [`Runtime::new`] exactly once. Dropping the future of `invoke` before
//! the head cancels the invocation.
//!
//! ```ignore
//! let runtime = Runtime::new(RuntimeConfig::new(cache_dir, cache_key), Parts { builder, artifacts, bindings, sink })?;
//! let worker = runtime.load(version, env);
//! let response = worker
//!     .invoke(Invocation { request, scheme: Scheme::HTTP, authority, id: ExecutionId::random(), trigger: Trigger::Http, received: Instant::now() })
//!     .await?;
//! ```

mod body;
mod budget;
mod cache;
mod channel;
mod coding;
mod compile;
mod config;
mod console;
mod driver;
mod engine;
mod error;
mod exceeded;
mod gates;
mod guest;
mod headers;
mod invocation;
mod limits;
mod local;
mod meter;
mod metrics;
mod origin;
mod pipe;
mod places;
mod residents;
mod run;
mod slots;
mod state;
mod turns;
mod upgrade;
mod worker;

pub use body::{BodyError, ResponseBody};
pub use channel::{Channel, ChannelError, Message};
pub use config::RuntimeConfig;
pub use engine::{Parts, Runtime, Sink};
pub use error::{InvocationError, LoadError, RuntimeError};
pub use exceeded::{Exceeded, Excess};
pub use guest::{
    Batch, Email, EmailOutcome, Event, EventOutcome, Forward, MessageBody, QueueMessage,
    QueueOutcome, Reply, Retry, Scheduled, ScheduledOutcome,
};
pub use headers::{flatten as flatten_headers, has_token, parse as parse_headers};
pub use invocation::{Entrypoint, EventInvocation, Failure, Invocation};
pub use local::{Local, LocalBody, LocalFuture};
pub use meter::{Hold, thread_cpu_ns};
pub use metrics::{Refusal, RuntimeMetrics};
pub use origin::{CallRefused, Caller, Chain, ClientInfo, Held, Origin};
pub use pipe::BodyWriter;
pub use places::SocketPlace;
pub use state::{Bindings, Grants, HostState, OutboundEnd, OutboundFuture, ServiceTarget};
pub use upgrade::{Connection, TakenOver, Upgrade};
pub use worker::{LoadedWorker, Ran};
