//! One database: a few connections, and the calls that run on them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ouro_core::id::DatabaseId;
use ouro_core::ports::database::{Database, DatabaseError, ExecSummary, ResultSet, Statement};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

use crate::connection::{Connection, Control, options};
use crate::limits::{ACQUIRE_TIMEOUT, CONNECTIONS_PER_DATABASE, Limits};
use crate::run::Runner;
use crate::statements::Statements;

/// A database that is open. Its connections are opened when they are needed.
pub struct SqliteDatabase {
    shared: Arc<Shared>,
}

struct Shared {
    id: DatabaseId,
    path: PathBuf,
    limits: Limits,
    /// One permit per connection in use. It is closed when the database is deleted.
    slots: Arc<Semaphore>,
    idle: Mutex<Vec<(Connection, Instant)>>,
    /// Places for connections to all databases together; `None` for the platform's, which must not wait for them.
    places: Option<Arc<Places>>,
}

impl SqliteDatabase {
    pub fn new(id: DatabaseId, path: PathBuf, limits: Limits, places: Option<Arc<Places>>) -> Self {
        let shared = Shared {
            id,
            path,
            limits,
            slots: Arc::new(Semaphore::new(CONNECTIONS_PER_DATABASE)),
            idle: Mutex::default(),
            places,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Closes connections that were not used for so long. True where none is left.
    pub fn close_idle(&self, unused: Duration) -> bool {
        let mut idle = self.shared.idle();
        idle.retain(|(_, since)| since.elapsed() < unused);
        idle.is_empty() && self.shared.slots.available_permits() == CONNECTIONS_PER_DATABASE
    }

    /// Ends the database's life: calls that run end first, later ones are refused.
    pub async fn close(&self) {
        let all = u32::try_from(CONNECTIONS_PER_DATABASE).unwrap_or(u32::MAX);
        let drained = self.shared.slots.acquire_many(all).await;
        self.shared.slots.close();
        self.shared.idle().clear();
        drop(drained);
    }

    async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Statements<'_>, &Limits) -> Result<T, DatabaseError> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let slot = self.shared.slot().await?;
        let connection = self.shared.connection().await?;
        let cancel = CancelOnDrop::default();
        let control = Control {
            deadline: Instant::now() + self.shared.limits.time,
            canceled: cancel.0.clone(),
        };
        let (done, answer) = oneshot::channel();
        let shared = self.shared.clone();
        let limits = self.shared.limits;
        connection.start(
            control,
            move |compiled| call(compiled, &limits),
            move |connection, result| {
                shared.give_back(connection, slot, &result);
                // Whoever asked may be gone.
                let _ = done.send(result);
            },
        )?;
        answer.await.unwrap_or_else(|_| {
            tracing::error!("a database call failed");
            Err(DatabaseError::Unavailable("the call failed".to_owned()))
        })
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn gone(&self) -> DatabaseError {
        DatabaseError::Unavailable(format!("no database `{}`", self.id))
    }

    async fn slot(&self) -> Result<OwnedSemaphorePermit, DatabaseError> {
        let slot = self.slots.clone().acquire_owned();
        match tokio::time::timeout(ACQUIRE_TIMEOUT, slot).await {
            Ok(slot) => slot.map_err(|_| self.gone()),
            Err(_) => Err(DatabaseError::Timeout(format!(
                "all {CONNECTIONS_PER_DATABASE} connections to the database were in use for {} s",
                ACQUIRE_TIMEOUT.as_secs()
            ))),
        }
    }

    async fn connection(&self) -> Result<Connection, DatabaseError> {
        let idle = self.idle().pop();
        if let Some((connection, _)) = idle {
            return Ok(connection);
        }
        let place = match &self.places {
            None => None,
            Some(places) => Some(places.acquire().await?),
        };
        Connection::open(&options(&self.path), &self.limits, place).await
    }

    /// Keeps the connection for the next call, unless it is broken.
    fn give_back<T>(
        &self,
        connection: Connection,
        slot: OwnedSemaphorePermit,
        result: &Result<T, DatabaseError>,
    ) {
        if !matches!(result, Err(DatabaseError::Unavailable(_))) {
            self.idle().push((connection, Instant::now()));
        }
        drop(slot);
    }
}

/// Places for connections to all customers' databases together.
pub struct Places {
    free: Arc<Semaphore>,
    wanted: Notify,
}

impl Places {
    pub fn new(count: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count)),
            wanted: Notify::new(),
        }
    }

    /// Waits until a place is wanted and none is free.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }

    async fn acquire(&self) -> Result<OwnedSemaphorePermit, DatabaseError> {
        if let Ok(place) = self.free.clone().try_acquire_owned() {
            return Ok(place);
        }
        self.wanted.notify_one();
        let place = self.free.clone().acquire_owned();
        match tokio::time::timeout(ACQUIRE_TIMEOUT, place).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(DatabaseError::Timeout(format!(
                "no connection became free on this node for {} s",
                ACQUIRE_TIMEOUT.as_secs()
            ))),
        }
    }
}

/// Stops the statement when the caller goes away before its answer.
#[derive(Default)]
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl Database for SqliteDatabase {
    async fn query(&self, statements: Vec<Statement>) -> Result<Vec<ResultSet>, DatabaseError> {
        self.call(move |compiled, limits| Runner::new(compiled, limits).query(statements))
            .await
    }

    async fn exec(&self, sql: String) -> Result<ExecSummary, DatabaseError> {
        self.call(move |compiled, limits| Runner::new(compiled, limits).exec(sql))
            .await
    }
}
