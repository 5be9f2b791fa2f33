//! What a customer's SQL may use.

use std::time::Duration;

/// One statement's text, in bytes; also the limit that D1 has.
pub const SQL_BYTES_MAX: usize = 100_000;

/// A script for `exec`, in bytes.
pub const SCRIPT_BYTES_MAX: usize = 10 << 20;

/// A pattern of `LIKE` or `GLOB`, in bytes, as D1 has it. Matching takes time in the square of it, and the time limit cannot
/// interrupt one match.
pub const LIKE_PATTERN_BYTES_MAX: i32 = 50;

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
    /// A text, blob or row; the default is the limit that D1 has. It also bounds what one function, such as `instr`, computes in
    /// one step, which the time limit cannot interrupt.
    pub value_bytes: i32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(30),
            rows: 100_000,
            result_bytes: 64 << 20,
            database_bytes: 10 << 30,
            value_bytes: 2_000_000,
        }
    }
}

impl Limits {
    /// For the platform's own database: the management worker is trusted with its size.
    pub(crate) fn platform() -> Self {
        Self {
            rows: u64::MAX,
            database_bytes: 1 << 40,
            value_bytes: 64 << 20,
            ..Self::default()
        }
    }
}
