//! Databases that answer from a function, for development and tests of what stands above the port.
//!
//! They know no SQL: a stand-in for a database engine would be one. Tests that need SQL take the SQLite adapter on a
//! temporary directory.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Database, DatabaseBackend, DatabaseError, ExecSummary, ResultSet, Statement};
use crate::id::DatabaseId;

/// What a database answers to its statements.
pub type Answer =
    dyn Fn(&DatabaseId, &[Statement]) -> Result<Vec<ResultSet>, DatabaseError> + Send + Sync;

/// Databases whose statements one function answers.
pub struct MemoryDatabases {
    created: Mutex<HashSet<DatabaseId>>,
    answer: Arc<Answer>,
}

impl MemoryDatabases {
    pub fn new(
        answer: impl Fn(&DatabaseId, &[Statement]) -> Result<Vec<ResultSet>, DatabaseError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            created: Mutex::default(),
            answer: Arc::new(answer),
        }
    }

    fn created(&self) -> MutexGuard<'_, HashSet<DatabaseId>> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl DatabaseBackend for MemoryDatabases {
    async fn create(&self, id: &DatabaseId) -> Result<(), DatabaseError> {
        self.created().insert(id.clone());
        Ok(())
    }

    async fn delete(&self, id: &DatabaseId) -> Result<(), DatabaseError> {
        self.created().remove(id);
        Ok(())
    }

    async fn open(&self, id: &DatabaseId) -> Result<Arc<dyn Database>, DatabaseError> {
        if !self.created().contains(id) {
            return Err(DatabaseError::Unavailable(format!("no database `{id}`")));
        }
        Ok(Arc::new(MemoryDatabase {
            id: id.clone(),
            answer: self.answer.clone(),
        }))
    }
}

struct MemoryDatabase {
    id: DatabaseId,
    answer: Arc<Answer>,
}

#[async_trait]
impl Database for MemoryDatabase {
    async fn query(&self, statements: Vec<Statement>) -> Result<Vec<ResultSet>, DatabaseError> {
        (self.answer)(&self.id, &statements)
    }

    async fn exec(&self, sql: String) -> Result<ExecSummary, DatabaseError> {
        let statement = Statement {
            sql,
            params: Vec::new(),
        };
        let results = (self.answer)(&self.id, &[statement])?;
        Ok(ExecSummary {
            count: results.len() as u64,
            duration_ms: 0.0,
        })
    }
}
