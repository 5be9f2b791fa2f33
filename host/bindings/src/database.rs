//! SQL databases that the version was granted.

use std::sync::Arc;

use ouro_core::ports::database::{self as port, Database, DatabaseError};
use ouro_runtime::HostState;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use wasmtime::component::Resource;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use crate::generated::ouro::host::database::{
    Error, ExecSummary, Host, HostConnection, HostPending, Meta, ResultSet, Statement, Value,
};
use crate::grants;

/// Queries of one invocation that run at once; more wait their turn.
const RUNNING_MAX: usize = 8;
/// Queries of one invocation that run, wait, or were not taken yet.
const PENDING_MAX: usize = 1_024;

/// The resource `connection`.
pub struct Connection(pub(crate) Arc<dyn Database>);

/// The resource `pending`.
pub struct Pending(State);

enum State {
    Running(JoinHandle<Answer>),
    Done(Answer),
    Taken,
}

type Answer = Result<Vec<port::ResultSet>, DatabaseError>;

/// The queries of an invocation.
struct Queries {
    running: Arc<Semaphore>,
    pending: usize,
}

impl Default for Queries {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
            pending: 0,
        }
    }
}

impl Host for HostState {}

impl HostConnection for HostState {
    async fn open(
        &mut self,
        binding: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let granted = grants::of(self)?;
        let Some(grant) = granted.database(&binding) else {
            return Ok(Err(Error::NotGranted(format!(
                "the version has no database binding `{binding}`"
            ))));
        };
        let shared = granted.shared.clone();
        Ok(match grant.open(&shared).await {
            Ok(database) => Ok(self.table.push(Connection(database))?),
            Err(error) => Err(error.into()),
        })
    }

    async fn query(
        &mut self,
        this: Resource<Connection>,
        statements: Vec<Statement>,
    ) -> wasmtime::Result<Result<Vec<ResultSet>, Error>> {
        let database = self.table.get(&this)?.0.clone();
        Ok(answer(
            database
                .query(statements.into_iter().map(Into::into).collect())
                .await,
        ))
    }

    fn start(
        &mut self,
        this: Resource<Connection>,
        statements: Vec<Statement>,
    ) -> wasmtime::Result<Resource<Pending>> {
        let database = self.table.get(&this)?.0.clone();
        let queries = self.extension::<Queries>();
        let pending = if queries.pending >= PENDING_MAX {
            State::Done(Err(DatabaseError::Limit(format!(
                "the invocation has {PENDING_MAX} queries under way, which is the limit"
            ))))
        } else {
            let running = queries.running.clone();
            let statements = statements.into_iter().map(Into::into).collect();
            State::Running(tokio::spawn(async move {
                // The semaphore is never closed.
                let _turn = running.acquire_owned().await;
                database.query(statements).await
            }))
        };
        queries.pending += 1;
        Ok(self.table.push(Pending(pending))?)
    }

    async fn exec(
        &mut self,
        this: Resource<Connection>,
        sql: String,
    ) -> wasmtime::Result<Result<ExecSummary, Error>> {
        let database = self.table.get(&this)?.0.clone();
        Ok(match database.exec(sql).await {
            Ok(summary) => Ok(ExecSummary {
                count: summary.count,
                duration_ms: summary.duration_ms,
            }),
            Err(error) => Err(error.into()),
        })
    }

    fn drop(&mut self, this: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl HostPending for HostState {
    fn subscribe(&mut self, this: Resource<Pending>) -> wasmtime::Result<Resource<DynPollable>> {
        subscribe(&mut self.table, this)
    }

    async fn take(
        &mut self,
        this: Resource<Pending>,
    ) -> wasmtime::Result<Result<Vec<ResultSet>, Error>> {
        let pending = self.table.get_mut(&this)?;
        pending.ready().await;
        match std::mem::replace(&mut pending.0, State::Taken) {
            State::Done(done) => Ok(answer(done)),
            State::Running(_) | State::Taken => Err(wasmtime::format_err!(
                "the answer of a query was taken twice"
            )),
        }
    }

    fn drop(&mut self, this: Resource<Pending>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        let queries = self.extension::<Queries>();
        queries.pending = queries.pending.saturating_sub(1);
        Ok(())
    }
}

#[async_trait]
impl Pollable for Pending {
    async fn ready(&mut self) {
        if let State::Running(task) = &mut self.0 {
            let done = task.await.unwrap_or_else(|error| {
                Err(DatabaseError::Unavailable(format!(
                    "the query was interrupted: {error}"
                )))
            });
            self.0 = State::Done(done);
        }
    }
}

fn answer(answer: Answer) -> Result<Vec<ResultSet>, Error> {
    match answer {
        Ok(sets) => Ok(sets.into_iter().map(Into::into).collect()),
        Err(error) => Err(error.into()),
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Sql(text) => Self::Sql(text),
            DatabaseError::Constraint(text) => Self::Constraint(text),
            DatabaseError::Limit(text) => Self::Limit(text),
            DatabaseError::Timeout(text) => Self::Timeout(text),
            DatabaseError::Unavailable(text) => Self::Unavailable(text),
        }
    }
}

impl From<Statement> for port::Statement {
    fn from(statement: Statement) -> Self {
        let value = |value| match value {
            Value::Null => port::Value::Null,
            Value::Integer(integer) => port::Value::Integer(integer),
            Value::Real(real) => port::Value::Real(real),
            Value::Text(text) => port::Value::Text(text),
            Value::Blob(blob) => port::Value::Blob(blob),
        };
        Self {
            sql: statement.sql,
            params: statement.params.into_iter().map(value).collect(),
        }
    }
}

impl From<port::Value> for Value {
    fn from(value: port::Value) -> Self {
        match value {
            port::Value::Null => Self::Null,
            port::Value::Integer(integer) => Self::Integer(integer),
            port::Value::Real(real) => Self::Real(real),
            port::Value::Text(text) => Self::Text(text),
            port::Value::Blob(blob) => Self::Blob(blob),
        }
    }
}

impl From<port::ResultSet> for ResultSet {
    fn from(set: port::ResultSet) -> Self {
        let row = |row: Vec<port::Value>| row.into_iter().map(Into::into).collect();
        Self {
            columns: set.columns,
            rows: set.rows.into_iter().map(row).collect(),
            meta: Meta {
                duration_ms: set.meta.duration_ms,
                changes: set.meta.changes,
                last_row_id: set.meta.last_row_id,
                changed_db: set.meta.changed_db,
                size_after: set.meta.size_after,
                rows_read: set.meta.rows_read,
                rows_written: set.meta.rows_written,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(answer: Answer) -> Pending {
        Pending(State::Running(tokio::spawn(async { answer })))
    }

    #[tokio::test]
    async fn a_query_is_ready_when_it_has_an_answer() {
        let mut pending = pending(Ok(Vec::new()));
        pending.ready().await;
        assert!(matches!(pending.0, State::Done(Ok(_))));
        // It stays so.
        pending.ready().await;
        assert!(matches!(pending.0, State::Done(Ok(_))));
    }

    #[test]
    fn every_error_has_its_variant() {
        let text = || "why".to_owned();
        assert!(matches!(
            Error::from(DatabaseError::Sql(text())),
            Error::Sql(_)
        ));
        assert!(matches!(
            Error::from(DatabaseError::Constraint(text())),
            Error::Constraint(_)
        ));
        assert!(matches!(
            Error::from(DatabaseError::Limit(text())),
            Error::Limit(_)
        ));
        assert!(matches!(
            Error::from(DatabaseError::Timeout(text())),
            Error::Timeout(_)
        ));
        assert!(matches!(
            Error::from(DatabaseError::Unavailable(text())),
            Error::Unavailable(_)
        ));
    }
}
