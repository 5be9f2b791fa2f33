//! SQL databases for workers.

use std::sync::Arc;

use async_trait::async_trait;

use crate::id::DatabaseId;

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod memory;

pub use memory::MemoryDatabases;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub sql: String,
    pub params: Vec<Value>,
}

/// Figures of one statement. See `wit/database.wit`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    pub duration_ms: f64,
    pub changes: u64,
    pub last_row_id: i64,
    pub changed_db: bool,
    pub size_after: u64,
    pub rows_read: u64,
    pub rows_written: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ResultSet {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    pub meta: Meta,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExecSummary {
    pub count: u64,
    pub duration_ms: f64,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DatabaseError {
    #[error("{0}")]
    Sql(String),
    #[error("{0}")]
    Constraint(String),
    #[error("{0}")]
    Limit(String),
    #[error("{0}")]
    Timeout(String),
    #[error("{0}")]
    Unavailable(String),
}

/// Where databases lie.
#[async_trait]
pub trait DatabaseBackend: Send + Sync + 'static {
    async fn create(&self, id: &DatabaseId) -> Result<(), DatabaseError>;

    /// Deletes the database and its contents. Deleting an absent one succeeds.
    async fn delete(&self, id: &DatabaseId) -> Result<(), DatabaseError>;

    /// An absent database is `Unavailable`: opening never creates.
    async fn open(&self, id: &DatabaseId) -> Result<Arc<dyn Database>, DatabaseError>;
}

#[async_trait]
pub trait Database: Send + Sync + 'static {
    /// Runs the statements in order in one transaction: all or nothing.
    async fn query(&self, statements: Vec<Statement>) -> Result<Vec<ResultSet>, DatabaseError>;

    /// Runs statements separated by `;`, stopping at the first error, each its own transaction.
    async fn exec(&self, sql: String) -> Result<ExecSummary, DatabaseError>;
}
