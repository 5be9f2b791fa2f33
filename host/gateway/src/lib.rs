//! HTTP: accepts requests, finds the worker version that answers, serves its assets or invokes it, and streams the answer.
//!
//! It leaves out what is live and why (the server loads [`Routes`]), how an instance runs (`ouro-runtime`) and where records
//! are stored (the server drains the [`ExecutionQueue`]).
//!
//! Life cycle: [`Bound::new`] takes the port; [`Bound::serve`] begins to serve; [`Gateway::drain`] finishes what runs; [`Gateway::stop`] ends the threads.

mod answer;
mod assets;
mod body;
mod client;
mod config;
mod events;
mod host;
mod internal;
mod linger;
mod listener;
mod metrics;
mod named;
mod principal;
mod quotas;
mod records;
mod routes;
mod service;
mod split;
mod upgrade;

pub use assets::Assets;
pub use config::GatewayConfig;
pub use internal::Internal;
pub use listener::{Bound, Gateway};
pub use metrics::GatewayMetrics;
pub use named::{FindVersion, NamedRoutes, NotFound};
pub use principal::{OperatorToken, PRINCIPAL, Resolver};
pub use quotas::Quotas;
pub use records::{ExecutionQueue, Record};
pub use routes::{Live, Route, Routes};
pub use split::Split;
