//! Fuzzing: inputs are made by mutating a corpus, run through what reads hostile bytes, and held against properties.
//!
//! Life cycle: a [`targets::Entry`] names a target; [`session::fuzz`] runs it for a time and [`session::replay`] runs its corpus. The binary gives
//! each target a process of its own, so that a stack overflow or an allocation without end costs that process alone.
//! It leaves out coverage: instrumented code would take a second build of everything. In its place an input stays in the pool whose outcome
//! (an error's text without its values, a status) is new.

pub mod corpus;
pub mod memory;
pub mod mutate;
pub mod session;
pub mod targets;

// What other crates keep to themselves is compiled once more from its source, so that nothing becomes public for fuzzing.
#[allow(dead_code, reason = "a part of the command line")]
#[path = "../../../sdk/cli/src/failure.rs"]
mod failure;
#[allow(dead_code, reason = "a part of the gateway")]
#[path = "../../../host/gateway/src/host.rs"]
mod host;
#[allow(dead_code, reason = "a part of the command line")]
#[allow(clippy::unwrap_used, reason = "in its own tests")]
#[path = "../../../sdk/cli/src/project/mod.rs"]
mod project;
