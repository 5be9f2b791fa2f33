//! Running customers' statements on a session: transactions, results and their limits. It blocks.

use std::time::Instant;

use libsqlite3_sys as sqlite;
use ouro_core::ports::database::{DatabaseError, ExecSummary, Meta, ResultSet, Statement, Value};

use crate::error::from_failure;
use crate::guard::Armed;
use crate::limits::{BATCH_STATEMENTS_MAX, Limits, SCRIPT_BYTES_MAX, SQL_BYTES_MAX};
use crate::statement::{Failure, Prepared, Script, Session};
use crate::statements::Statements;

/// Runs one call on a session. A call that failed may leave its transaction open.
pub struct Runner<'a, 'session> {
    session: &'session Session<'session>,
    statements: &'a mut Statements<'session>,
    limits: &'a Limits,
    rows: u64,
    result_bytes: u64,
    /// Of the database, where it is known.
    size: Option<u64>,
}

struct Checked {
    script: Script,
    params: Vec<Value>,
}

impl<'a, 'session> Runner<'a, 'session> {
    pub fn new(statements: &'a mut Statements<'session>, limits: &'a Limits) -> Self {
        Self {
            session: statements.session(),
            statements,
            limits,
            rows: 0,
            result_bytes: 0,
            size: None,
        }
    }

    /// Runs the statements: several in one transaction.
    pub fn query(mut self, statements: Vec<Statement>) -> Result<Vec<ResultSet>, DatabaseError> {
        if statements.len() > BATCH_STATEMENTS_MAX {
            return Err(DatabaseError::Limit(format!(
                "a batch of {} statements is over the limit of {BATCH_STATEMENTS_MAX}",
                statements.len()
            )));
        }
        let statements = statements.into_iter().map(check);
        let statements = statements.collect::<Result<Vec<_>, _>>()?;
        self.session.reset_last_insert_rowid();
        let transaction = statements.len() > 1;
        if transaction {
            self.begin(&statements)?;
        }
        let results = statements.into_iter().map(|statement| self.one(statement));
        let results: Result<Vec<_>, _> = results.collect();
        if transaction && results.is_ok() {
            self.host("COMMIT")?;
        }
        results
    }

    /// Runs the statements of a script, each its own transaction.
    pub fn exec(self, sql: String) -> Result<ExecSummary, DatabaseError> {
        let start = Instant::now();
        check_length(&sql, "a script", SCRIPT_BYTES_MAX)?;
        let script = script(sql)?;
        let mut summary = ExecSummary {
            count: 0,
            duration_ms: 0.0,
        };
        let mut position = 0;
        loop {
            let armed = Armed::new();
            let prepared = self.session.prepare(&script, position);
            let (prepared, end) = prepared.map_err(|failure| self.explain(failure, &armed))?;
            match prepared {
                Some(prepared) => {
                    self.expect_params(&prepared, 0)?;
                    self.drain(&prepared, &armed)?;
                    summary.count += 1;
                }
                // The end, or an empty statement that ended with a semicolon.
                None if end == position => break,
                None => {}
            }
            position = end;
        }
        summary.duration_ms = milliseconds(start);
        Ok(summary)
    }

    fn drain(&self, prepared: &Prepared<'_>, armed: &Armed) -> Result<(), DatabaseError> {
        let step = || prepared.step();
        while step().map_err(|failure| self.explain(failure, armed))? {}
        Ok(())
    }

    /// A batch that only reads takes no lock that others wait for. One that writes takes it at once, because a
    /// transaction that begins to write later fails where another has written since.
    fn begin(&self, statements: &[Checked]) -> Result<(), DatabaseError> {
        let read_only = statements.iter().all(|statement| {
            let _armed = Armed::new();
            let prepared = self.session.prepare(&statement.script, 0);
            matches!(prepared, Ok((Some(prepared), _)) if prepared.is_read_only())
        });
        self.host(if read_only {
            "BEGIN"
        } else {
            "BEGIN IMMEDIATE"
        })
    }

    fn host(&self, sql: &str) -> Result<(), DatabaseError> {
        self.session.run(sql).map(|_| ()).map_err(from_failure)
    }

    fn one(&mut self, statement: Checked) -> Result<ResultSet, DatabaseError> {
        let start = Instant::now();
        let armed = Armed::new();
        let prepared = match self.statements.take(&statement.script) {
            Some(prepared) => prepared,
            None => self.compile(&statement.script, &armed)?,
        };
        self.expect_params(&prepared, statement.params.len())?;
        let bound = prepared.bind(&statement.params);
        bound.map_err(|failure| self.explain(failure, &armed))?;

        let before = self.session.total_changes();
        let rows = self.rows(&prepared, &armed)?;
        let written = self.session.total_changes() - before;
        let columns = prepared.columns();
        let read_only = prepared.is_read_only();
        let schema_change = armed.schema_change();
        self.statements.keep(statement.script, prepared);
        drop(armed);

        let changed_db = !read_only && (written > 0 || schema_change);
        if changed_db {
            self.size = None;
        }
        let meta = Meta {
            changes: if written > 0 {
                self.session.changes()
            } else {
                0
            },
            last_row_id: self.session.last_insert_rowid(),
            changed_db,
            size_after: self.size()?,
            rows_read: rows.len() as u64,
            rows_written: written,
            duration_ms: milliseconds(start),
        };
        Ok(ResultSet {
            columns,
            rows,
            meta,
        })
    }

    /// The one statement of a script.
    fn compile(&self, script: &Script, armed: &Armed) -> Result<Prepared<'session>, DatabaseError> {
        let (prepared, end) = self
            .session
            .prepare(script, 0)
            .map_err(|failure| self.explain(failure, armed))?;
        let Some(prepared) = prepared else {
            return Err(DatabaseError::Sql(
                "there is no SQL statement: SQLITE_ERROR".to_owned(),
            ));
        };
        self.expect_end(script, end)?;
        Ok(prepared)
    }

    fn rows(
        &mut self,
        prepared: &Prepared<'_>,
        armed: &Armed,
    ) -> Result<Vec<Vec<Value>>, DatabaseError> {
        let mut rows = Vec::new();
        while prepared
            .step()
            .map_err(|failure| self.explain(failure, armed))?
        {
            let columns = 0..prepared.column_count();
            let row: Vec<_> = columns.map(|column| prepared.value(column)).collect();
            self.count(&row)?;
            rows.push(row);
        }
        Ok(rows)
    }

    /// Holds what a call answers with to its limits, while it is read.
    fn count(&mut self, row: &[Value]) -> Result<(), DatabaseError> {
        let Limits {
            rows, result_bytes, ..
        } = *self.limits;
        self.rows += 1;
        self.result_bytes += row.iter().map(memory).sum::<u64>();
        if self.rows > rows {
            return Err(DatabaseError::Limit(format!(
                "the result is over the limit of {rows} rows"
            )));
        }
        if self.result_bytes > result_bytes {
            return Err(DatabaseError::Limit(format!(
                "the result is over the limit of {result_bytes} bytes"
            )));
        }
        Ok(())
    }

    /// Refuses text behind the first statement that is more than white space, comments and semicolons.
    fn expect_end(&self, script: &Script, mut position: usize) -> Result<(), DatabaseError> {
        loop {
            match self.session.prepare(script, position) {
                Ok((None, end)) if end == position => return Ok(()),
                Ok((None, end)) => position = end,
                _ => {
                    return Err(DatabaseError::Sql(
                        "one statement is expected, but the SQL has more: use `batch` or `exec`"
                            .to_owned(),
                    ));
                }
            }
        }
    }

    fn expect_params(&self, prepared: &Prepared<'_>, given: usize) -> Result<(), DatabaseError> {
        let expected = prepared.parameter_count();
        if given == expected {
            return Ok(());
        }
        Err(DatabaseError::Sql(format!(
            "Wrong number of parameter bindings for SQL query: {expected} expected, {given} given"
        )))
    }

    /// In bytes.
    fn size(&mut self) -> Result<u64, DatabaseError> {
        if let Some(size) = self.size {
            return Ok(size);
        }
        let size = self.statements.database_bytes().map_err(from_failure)?;
        self.size = Some(size);
        Ok(size)
    }

    /// Puts the reason in place of SQLite's `not authorized`, and tells a full database from a full disk.
    fn explain(&self, failure: Failure, armed: &Armed) -> DatabaseError {
        match failure.code & 0xff {
            sqlite::SQLITE_AUTH => match armed.refusal() {
                Some(reason) => DatabaseError::Sql(format!("{reason}: SQLITE_AUTH")),
                None => from_failure(failure),
            },
            sqlite::SQLITE_FULL if self.is_full() => DatabaseError::Limit(format!(
                "the database is at its limit of {} bytes: SQLITE_FULL",
                self.limits.database_bytes
            )),
            sqlite::SQLITE_INTERRUPT => DatabaseError::Timeout(format!(
                "the call ran longer than its limit of {} s: SQLITE_INTERRUPT",
                self.limits.time.as_secs_f64()
            )),
            _ => from_failure(failure),
        }
    }

    /// Has the database so many pages that a statement could reach the limit? The failed one is not counted any more.
    fn is_full(&self) -> bool {
        let figure = |sql| self.session.run(sql).ok().flatten().unwrap_or_default();
        // More than half: the statement that failed may have been the larger part.
        figure("PRAGMA page_count") * 2 > figure("PRAGMA max_page_count")
    }
}

fn check(statement: Statement) -> Result<Checked, DatabaseError> {
    check_length(&statement.sql, "a statement", SQL_BYTES_MAX)?;
    Ok(Checked {
        script: script(statement.sql)?,
        params: statement.params,
    })
}

fn check_length(sql: &str, what: &str, limit: usize) -> Result<(), DatabaseError> {
    if sql.len() <= limit {
        return Ok(());
    }
    Err(DatabaseError::Limit(format!(
        "{what} of {} bytes is over the limit of {limit} bytes",
        sql.len()
    )))
}

fn script(sql: String) -> Result<Script, DatabaseError> {
    Script::new(sql).map_err(|position| {
        DatabaseError::Sql(format!("the SQL has a NUL byte at offset {position}"))
    })
}

/// What a value takes in memory, in bytes.
fn memory(value: &Value) -> u64 {
    let own = size_of::<Value>();
    let held = match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        _ => 0,
    };
    (own + held) as u64
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1_000.0
}
