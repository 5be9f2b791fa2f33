//! One file per subcommand: its arguments, what it does, what it prints.

pub mod admin;
pub mod build;
pub mod crons;
pub mod databases;
pub mod deploy;
pub mod executions;
pub mod keys;
pub mod rollback;
pub mod serve;
pub mod versions;
pub mod workers;

use serde_json::Value;

use crate::output::cell;

/// A field of an answer, as a cell.
fn field(item: &Value, key: &str) -> String {
    cell(&item[key])
}

/// An RFC 3339 time without its fraction of a second.
fn time(item: &Value, key: &str) -> String {
    let text = field(item, key);
    match text.split_once('.') {
        Some((whole, _)) => format!("{whole}Z"),
        None => text,
    }
}

/// Enough of an id to name it, as `git` does with commits.
fn short_id(id: &str) -> String {
    match id.split_once('_') {
        Some((prefix, rest)) => format!("{prefix}_{}", rest.get(..8).unwrap_or(rest)),
        None => id.to_owned(),
    }
}
