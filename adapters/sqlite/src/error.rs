//! From SQLite's result codes to the port's errors. Messages are SQLite's own, in the form in which D1 gives them:
//! `UNIQUE constraint failed: t.x: SQLITE_CONSTRAINT`.

use libsqlite3_sys as sqlite;
use ouro_core::ports::database::DatabaseError;

use crate::statement::Failure;

/// The primary result code's name.
fn name(code: i32) -> &'static str {
    match code & 0xff {
        sqlite::SQLITE_PERM => "SQLITE_PERM",
        sqlite::SQLITE_ABORT => "SQLITE_ABORT",
        sqlite::SQLITE_BUSY => "SQLITE_BUSY",
        sqlite::SQLITE_LOCKED => "SQLITE_LOCKED",
        sqlite::SQLITE_NOMEM => "SQLITE_NOMEM",
        sqlite::SQLITE_READONLY => "SQLITE_READONLY",
        sqlite::SQLITE_INTERRUPT => "SQLITE_INTERRUPT",
        sqlite::SQLITE_IOERR => "SQLITE_IOERR",
        sqlite::SQLITE_CORRUPT => "SQLITE_CORRUPT",
        sqlite::SQLITE_FULL => "SQLITE_FULL",
        sqlite::SQLITE_CANTOPEN => "SQLITE_CANTOPEN",
        sqlite::SQLITE_SCHEMA => "SQLITE_SCHEMA",
        sqlite::SQLITE_TOOBIG => "SQLITE_TOOBIG",
        sqlite::SQLITE_CONSTRAINT => "SQLITE_CONSTRAINT",
        sqlite::SQLITE_MISMATCH => "SQLITE_MISMATCH",
        sqlite::SQLITE_AUTH => "SQLITE_AUTH",
        sqlite::SQLITE_RANGE => "SQLITE_RANGE",
        sqlite::SQLITE_NOTADB => "SQLITE_NOTADB",
        _ => "SQLITE_ERROR",
    }
}

/// The port's error of a failed statement.
pub fn from_failure(failure: Failure) -> DatabaseError {
    let Failure {
        code,
        message,
        offset,
    } = failure;
    let offset = offset.map_or(String::new(), |at| format!(" at offset {at}"));
    let text = format!("{message}{offset}: {}", name(code));
    match code & 0xff {
        sqlite::SQLITE_CONSTRAINT => DatabaseError::Constraint(text),
        sqlite::SQLITE_TOOBIG => DatabaseError::Limit(text),
        sqlite::SQLITE_BUSY | sqlite::SQLITE_LOCKED | sqlite::SQLITE_INTERRUPT => {
            DatabaseError::Timeout(text)
        }
        sqlite::SQLITE_NOMEM
        | sqlite::SQLITE_IOERR
        | sqlite::SQLITE_CORRUPT
        | sqlite::SQLITE_FULL
        | sqlite::SQLITE_CANTOPEN
        | sqlite::SQLITE_NOTADB
        | sqlite::SQLITE_PERM
        | sqlite::SQLITE_PROTOCOL
        | sqlite::SQLITE_READONLY => DatabaseError::Unavailable(text),
        _ => DatabaseError::Sql(text),
    }
}
