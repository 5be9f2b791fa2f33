//! One connection to a database, made safe for hostile SQL.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use ouro_core::ports::database::DatabaseError;
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use tokio::sync::OwnedSemaphorePermit;

use crate::error::from_failure;
use crate::limits::{BUSY_TIMEOUT, Limits};
use crate::statement::Session;

/// SQLite's default page size, in bytes, which new databases get.
const PAGE_BYTES: u64 = 4096;

/// The write-ahead log is cut back to this once it is empty, in bytes.
const LOG_BYTES_KEPT: u64 = 16 << 20;

/// Instructions between two looks at the clock: some tens of microseconds.
const OPS_PER_CHECK: i32 = 10_000;

/// How a database file is opened.
pub fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A commit that was answered outlives a loss of power.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("journal_size_limit", LOG_BYTES_KEPT.to_string())
        // SQL and its parameters are never logged.
        .disable_statement_logging()
}

/// When a call must end.
pub struct Control {
    pub deadline: Instant,
    /// Set when nobody waits for the answer any more.
    pub canceled: Arc<AtomicBool>,
}

/// A connection and its place among those that may be open.
pub struct Connection {
    sqlite: SqliteConnection,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    pub async fn open(
        options: &SqliteConnectOptions,
        limits: &Limits,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, DatabaseError> {
        let pages = limits.database_bytes / PAGE_BYTES;
        let options = options.clone().pragma("max_page_count", pages.to_string());
        let unavailable = |error: sqlx::Error| {
            let path = options.get_filename().display();
            DatabaseError::Unavailable(format!("cannot open `{path}`: {error}"))
        };
        let mut sqlite = options.connect().await.map_err(unavailable)?;
        let mut handle = sqlite.lock_handle().await.map_err(unavailable)?;
        let hardened = Session::new(&mut handle).harden(limits.value_bytes);
        drop(handle);
        hardened.map_err(from_failure)?;
        Ok(Self {
            sqlite,
            _place: place,
        })
    }

    /// Runs a call to its end. It blocks, and it must run where tokio allows that.
    pub fn run<T>(
        &mut self,
        control: Control,
        call: impl FnOnce(&Session<'_>) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let locked = tokio::runtime::Handle::current().block_on(self.sqlite.lock_handle());
        let mut handle = locked.map_err(|error| {
            DatabaseError::Unavailable(format!("the connection is gone: {error}"))
        })?;
        handle.set_progress_handler(OPS_PER_CHECK, move || {
            !control.canceled.load(Ordering::Relaxed) && Instant::now() < control.deadline
        });
        let session = Session::new(&mut handle);
        let result = call(&session);
        let closed = roll_back_open(&session);
        handle.remove_progress_handler();
        closed.and(result)
    }
}

/// Leaves no transaction open, whatever the call did.
fn roll_back_open(session: &Session<'_>) -> Result<(), DatabaseError> {
    if session.is_autocommit() {
        return Ok(());
    }
    session.run("ROLLBACK").map(|_| ()).map_err(from_failure)
}
