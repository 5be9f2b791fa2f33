//! The real binary: its help, its errors, its streams and exit statuses. What needs a whole server is in `tests/e2e`.
#![allow(clippy::unwrap_used)]

mod answers;
mod command;
mod errors;
mod help;
mod projects;
