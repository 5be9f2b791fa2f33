//! One connection to a database, made safe for hostile SQL, on a thread of its own: SQLite blocks.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use ouro_core::ports::database::DatabaseError;
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::error::from_failure;
use crate::limits::{BUSY_TIMEOUT, Limits};
use crate::statement::Session;
use crate::statements::Statements;

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

thread_local! {
    /// Of the call that runs on this thread.
    static CONTROL: RefCell<Option<Control>> = const { RefCell::new(None) };
}

impl Control {
    fn permits(&self) -> bool {
        !self.canceled.load(Ordering::Relaxed) && Instant::now() < self.deadline
    }
}

/// What runs on a connection's thread.
type Call = Box<dyn FnOnce(&mut Statements<'_>) + Send>;

/// A connection and its place among those that may be open. Its thread ends with it.
pub struct Connection {
    calls: Sender<Call>,
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
        let path = options.get_filename().display().to_string();
        let unavailable =
            |why: String| DatabaseError::Unavailable(format!("cannot open `{path}`: {why}"));
        let connected = options.connect().await;
        let sqlite = connected.map_err(|error| unavailable(error.to_string()))?;
        let (calls, receiver) = channel();
        let (opened, answer) = oneshot::channel();
        let (runtime, value_bytes) = (Handle::current(), limits.value_bytes);
        let thread = thread::Builder::new().name("database".to_owned());
        thread
            .spawn(move || serve(sqlite, &runtime, value_bytes, opened, &receiver))
            .map_err(|error| unavailable(error.to_string()))?;
        match answer.await {
            Ok(Ok(())) => Ok(Self {
                calls,
                _place: place,
            }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(unavailable("its thread has ended".to_owned())),
        }
    }

    /// Runs a call to its end, whoever waits for it, and then gives the connection back with the answer.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn start<T>(
        self,
        control: Control,
        call: impl FnOnce(&mut Statements<'_>) -> Result<T, DatabaseError> + Send + 'static,
        then: impl FnOnce(Self, Result<T, DatabaseError>) + Send + 'static,
    ) -> Result<(), DatabaseError> {
        let calls = self.calls.clone();
        let call: Call = Box::new(move |statements| {
            CONTROL.set(Some(control));
            let result = call(statements);
            let closed = roll_back_open(statements.session());
            CONTROL.set(None);
            then(self, closed.and(result));
        });
        let gone = "the connection is gone".to_owned();
        let sent = calls.send(call);
        sent.map_err(|_| DatabaseError::Unavailable(gone))
    }
}

/// The connection's thread. sqlx would hand the connection over to another thread and back for each call; here it does so once.
fn serve(
    mut sqlite: SqliteConnection,
    runtime: &Handle,
    value_bytes: i32,
    opened: oneshot::Sender<Result<(), DatabaseError>>,
    calls: &Receiver<Call>,
) {
    let mut handle = match runtime.block_on(sqlite.lock_handle()) {
        Ok(handle) => handle,
        Err(error) => {
            let text = format!("the connection is gone: {error}");
            let _ = opened.send(Err(DatabaseError::Unavailable(text)));
            return;
        }
    };
    handle.set_progress_handler(OPS_PER_CHECK, || {
        CONTROL.with_borrow(|control| control.as_ref().is_none_or(Control::permits))
    });
    let session = Session::new(&mut handle);
    let hardened = session.harden(value_bytes).map_err(from_failure);
    let is_hardened = hardened.is_ok();
    // Nobody waits any more where it fails.
    if opened.send(hardened).is_err() || !is_hardened {
        return;
    }
    let mut statements = Statements::new(&session);
    while let Ok(call) = calls.recv() {
        call(&mut statements);
    }
}

/// Leaves no transaction open, whatever the call did.
fn roll_back_open(session: &Session<'_>) -> Result<(), DatabaseError> {
    if session.is_autocommit() {
        return Ok(());
    }
    session.run("ROLLBACK").map(|_| ()).map_err(from_failure)
}
