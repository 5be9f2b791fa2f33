//! What a customer's SQL may use.

use std::time::Duration;

/// One statement's text, in bytes; also the limit that D1 has.
pub const SQL_BYTES_MAX: usize = 100_000;

/// A script for `exec`, in bytes.
pub const SCRIPT_BYTES_MAX: usize = 10 << 20;

/// A text, blob or row, in bytes.
pub const VALUE_BYTES_MAX: i32 = 16 << 20;

/// Columns of a table, an index or a result.
pub const COLUMNS_MAX: i32 = 2_000;

/// Parameters of one statement. SQLite's own default.
pub const VARIABLES_MAX: i32 = 32_766;

/// Statements of one batch.
pub const BATCH_STATEMENTS_MAX: usize = 10_000;

/// Instructions of one compiled statement, which bounds the memory that compiling takes.
pub const PROGRAM_OPS_MAX: i32 = 1_000_000;

/// How long a statement waits for another connection's write.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a call waits for one of the database's connections.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections to one database: one writes, the others read.
pub const CONNECTIONS_PER_DATABASE: usize = 4;

/// Connections to all customers' databases together.
pub const CONNECTIONS_MAX: usize = 256;

/// A connection that was not used for this long is closed.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Limits that differ from database to database.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One call: a statement, a batch or a script.
    pub time: Duration,
    /// Rows that one call answers with.
    pub rows: u64,
    /// Memory that the rows of one call take.
    pub result_bytes: u64,
    /// The whole database.
    pub database_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(30),
            rows: 100_000,
            result_bytes: 64 << 20,
            database_bytes: 10 << 30,
        }
    }
}

impl Limits {
    /// For the platform's own database: the management worker is trusted with its size.
    pub(crate) fn platform() -> Self {
        Self {
            rows: u64::MAX,
            database_bytes: 1 << 40,
            ..Self::default()
        }
    }
}
