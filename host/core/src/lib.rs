//! What every crate of the host shares: ids, digests, the configuration of a version, and the ports that adapters implement.
//!
//! It leaves out everything that needs a technology: no wasmtime, no SQL client, no HTTP server.

pub mod conditional;
pub mod cron;
pub mod digest;
pub mod egress;
pub mod execution;
pub mod health;
pub mod id;
pub mod metrics;
pub mod name;
pub mod path_pattern;
pub mod ports;
pub mod principal;
pub mod second_chance;
pub mod version;

pub use digest::Digest;
pub use execution::{ConsoleLevel, ConsoleLine, Execution, Outcome, Trigger};
pub use health::Health;
pub use principal::{Auth, Principal};
pub use version::{EnvValue, VersionConfig, WorkerVersion};
