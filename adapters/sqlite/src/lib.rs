//! SQLite: the databases of workers, and the platform's metadata.
//!
//! sqlx opens every connection, migrates the platform's schema and runs the host's own statements. Customers' SQL is
//! hostile: it runs on the same connections but through `statement`, the one module with unsafe code, because it
//! needs what sqlx does not offer: an authorizer, limits, exact parameter numbers, the end of a statement in a script.

mod backend;
mod connection;
mod crons;
mod database;
mod error;
mod guard;
mod identities;
mod limits;
mod metadata;
mod run;
mod schema;
mod statement;
mod statements;
mod usage;

pub use backend::SqliteDatabases;
pub use limits::Limits;
pub use metadata::SqliteMetadata;
