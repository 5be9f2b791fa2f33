//! HTTP: accepts requests, finds the worker version that answers, serves its assets or invokes it, and streams the answer.
//!
//! It leaves out what is live and why (the server loads [`Routes`]), how an instance runs (`ouro-runtime`) and where records
//! are stored (the server drains the [`ExecutionQueue`]).
//!
//! Life cycle: [`Gateway::start`] binds and serves; [`Gateway::drain`] finishes what runs; [`Gateway::stop`] ends the threads.

mod answer;
mod assets;
mod body;
mod config;
mod host;
mod linger;
mod listener;
mod records;
mod routes;
mod service;

pub use assets::Assets;
pub use config::{GatewayConfig, HEAD_BYTES_MAX};
pub use listener::Gateway;
pub use records::ExecutionQueue;
pub use routes::{Route, Routes};
