//! SQL databases that the version was granted.

use std::sync::Arc;

use ouro_core::ports::database::{self as port, Database, DatabaseError};
use ouro_runtime::HostState;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynPollable, subscribe};

use crate::generated::ouro::host::database::{
    Error, ExecSummary, Host, HostConnection, HostPending, Meta, ResultSet, Statement, Value,
};
use crate::grants;
use crate::queries::{Answer, Pending, Queries};

/// The resource `connection`.
pub struct Connection(pub(crate) Arc<dyn Database>);

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
        if let Err(exceeded) = self.operation() {
            return Ok(Err(Error::Limit(exceeded.to_string())));
        }
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
        let pending = match self.operation() {
            Ok(()) => self.extension::<Queries>().start(database, statements),
            Err(exceeded) => Pending::refused(exceeded.to_string()),
        };
        Ok(self.table.push(pending)?)
    }

    async fn exec(
        &mut self,
        this: Resource<Connection>,
        sql: String,
    ) -> wasmtime::Result<Result<ExecSummary, Error>> {
        let database = self.table.get(&this)?.0.clone();
        if let Err(exceeded) = self.operation() {
            return Ok(Err(Error::Limit(exceeded.to_string())));
        }
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
        match self.table.get_mut(&this)?.take().await {
            Some(taken) => Ok(answer(taken)),
            None => Err(wasmtime::format_err!(
                "the answer of a query was taken twice"
            )),
        }
    }

    fn drop(&mut self, this: Resource<Pending>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
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
            // The text names paths and addresses of the host, which are for its operator alone.
            DatabaseError::Unavailable(error) => {
                tracing::error!(error, "a database is unavailable");
                Self::Unavailable("the database cannot be reached".to_owned())
            }
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
            Error::Unavailable(text) if text == "the database cannot be reached"
        ));
    }
}
