//! The traits between the host and its backends, one file per port. Each holds the conformance suite that every backend passes.

pub mod artifacts;
pub mod assets;
pub mod builder;
pub mod cache;
pub mod crons;
pub mod database;
pub mod domains;
pub mod executions;
pub mod identity;
pub mod mail;
pub mod metadata;
pub mod routing;
pub mod secrets;
