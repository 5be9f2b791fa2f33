//! The statements of a connection: those that were compiled before, and the host's own.

use ouro_core::ports::database::Value;

use crate::statement::{Failure, Prepared, Script, Session};

/// Statements that are kept for the next call.
const KEPT_MAX: usize = 16;
/// The text of one of them, in bytes.
const KEPT_SQL_BYTES_MAX: usize = 4 << 10;
/// What SQLite needs for one of them, in bytes.
const KEPT_BYTES_MAX: usize = 32 << 10;

/// Statements that neither say what is compiled next nor do anything while they are compiled.
const KEPT_KINDS: [&str; 6] = ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "REPLACE"];

pub struct Statements<'session> {
    session: &'session Session<'session>,
    /// What was used last is at the end.
    kept: Vec<(Script, Prepared<'session>)>,
    page_count: Option<Prepared<'session>>,
    page_bytes: Option<i64>,
}

impl<'session> Statements<'session> {
    pub fn new(session: &'session Session<'session>) -> Self {
        Self {
            session,
            kept: Vec::new(),
            page_count: None,
            page_bytes: None,
        }
    }

    pub fn session(&self) -> &'session Session<'session> {
        self.session
    }

    /// A statement that was compiled and kept. SQLite compiles it again by itself where the schema has changed.
    pub fn take(&mut self, script: &Script) -> Option<Prepared<'session>> {
        let at = self.kept.iter().position(|(kept, _)| kept == script)?;
        Some(self.kept.remove(at).1)
    }

    /// Keeps a statement that is the whole of a script, where it is worth it and small enough.
    pub fn keep(&mut self, script: Script, prepared: Prepared<'session>) {
        let is_short = script.text().len() <= KEPT_SQL_BYTES_MAX;
        if !is_short || !is_kept_kind(script.text()) || prepared.memory_bytes() > KEPT_BYTES_MAX {
            return;
        }
        // One that stands at a row would keep its transaction open.
        prepared.reset();
        if self.kept.len() == KEPT_MAX {
            self.kept.remove(0);
        }
        self.kept.push((script, prepared));
    }

    /// Of the database, in bytes.
    ///
    /// # Errors
    /// Where SQLite cannot tell.
    pub fn database_bytes(&mut self) -> Result<u64, Failure> {
        let page_bytes = match self.page_bytes {
            Some(bytes) => bytes,
            None => {
                let bytes = self.session.run("PRAGMA page_size")?.unwrap_or_default();
                *self.page_bytes.insert(bytes)
            }
        };
        let counted = match self.page_count.take() {
            Some(prepared) => prepared,
            None => self.session.compile("PRAGMA page_count")?,
        };
        let has_row = counted.step()?;
        let pages = match counted.value(0) {
            Value::Integer(pages) if has_row => pages,
            _ => 0,
        };
        counted.reset();
        self.page_count = Some(counted);
        Ok(u64::try_from(pages * page_bytes).unwrap_or_default())
    }
}

fn is_kept_kind(sql: &[u8]) -> bool {
    let sql = sql.trim_ascii_start();
    let word = sql.split(|byte| !byte.is_ascii_alphabetic()).next();
    let word = word.unwrap_or_default();
    KEPT_KINDS
        .iter()
        .any(|kind| word.eq_ignore_ascii_case(kind.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_statements_on_rows_are_kept() {
        for sql in [
            "SELECT 1",
            " \n\twith a as (select 1) select * from a",
            "insert into t values (1)",
        ] {
            assert!(is_kept_kind(sql.as_bytes()), "{sql}");
        }
        for sql in [
            "PRAGMA optimize",
            "CREATE TABLE t (x)",
            "SELECTED",
            "-- x\nSELECT 1",
            "",
            "BEGIN",
        ] {
            assert!(!is_kept_kind(sql.as_bytes()), "{sql}");
        }
    }
}
