//! Statements on a raw SQLite connection: the one module with unsafe code.
//!
//! A [`Session`] borrows the handle that sqlx has locked, so nothing else uses the connection meanwhile; a [`Prepared`]
//! borrows the session, so that it is finalized before the handle goes back.
#![allow(
    unsafe_code,
    reason = "SQLite is a C library; see the comment at each call"
)]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use libsqlite3_sys as sqlite;
use ouro_core::ports::database::Value;
use sqlx::sqlite::LockedSqliteHandle;

use crate::guard;
use crate::limits::{
    COLUMNS_MAX, LIKE_PATTERN_BYTES_MAX, PROGRAM_OPS_MAX, SQL_BYTES_MAX, VARIABLES_MAX,
};

/// What SQLite answered.
#[derive(Debug)]
pub struct Failure {
    /// Extended result code.
    pub code: i32,
    pub message: String,
    /// Byte of the statement where the error is.
    pub offset: Option<usize>,
}

/// SQL text in the form that SQLite takes: without a NUL byte inside, and with one at the end.
#[derive(PartialEq, Eq)]
pub struct Script(Vec<u8>);

impl Script {
    /// # Errors
    /// The position of a NUL byte.
    pub fn new(sql: String) -> Result<Self, usize> {
        let mut bytes = sql.into_bytes();
        if let Some(position) = bytes.iter().position(|byte| *byte == 0) {
            return Err(position);
        }
        bytes.push(0);
        Ok(Self(bytes))
    }

    pub fn text(&self) -> &[u8] {
        &self.0[..self.0.len() - 1]
    }
}

/// A locked connection.
pub struct Session<'handle> {
    db: NonNull<sqlite::sqlite3>,
    handle: PhantomData<&'handle mut ()>,
}

impl<'handle> Session<'handle> {
    pub fn new(handle: &'handle mut LockedSqliteHandle<'_>) -> Self {
        Self {
            db: handle.as_raw_handle(),
            handle: PhantomData,
        }
    }

    /// Makes a new connection safe for hostile SQL.
    ///
    /// # Errors
    /// Where SQLite refuses a setting.
    pub fn harden(&self, value_bytes: i32) -> Result<(), Failure> {
        let db = self.db.as_ptr();
        let limits = [
            (sqlite::SQLITE_LIMIT_ATTACHED, 0),
            (sqlite::SQLITE_LIMIT_COLUMN, COLUMNS_MAX),
            (sqlite::SQLITE_LIMIT_LENGTH, value_bytes),
            (
                sqlite::SQLITE_LIMIT_LIKE_PATTERN_LENGTH,
                LIKE_PATTERN_BYTES_MAX,
            ),
            (
                sqlite::SQLITE_LIMIT_SQL_LENGTH,
                i32::try_from(SQL_BYTES_MAX).unwrap_or(i32::MAX),
            ),
            (sqlite::SQLITE_LIMIT_VARIABLE_NUMBER, VARIABLES_MAX),
            (sqlite::SQLITE_LIMIT_VDBE_OP, PROGRAM_OPS_MAX),
            (sqlite::SQLITE_LIMIT_WORKER_THREADS, 0),
        ];
        for (id, value) in limits {
            // SAFETY: the handle is open and locked; the call takes two integers.
            unsafe { sqlite::sqlite3_limit(db, id, value) };
        }
        let settings = [
            (sqlite::SQLITE_DBCONFIG_DEFENSIVE, 1),
            (sqlite::SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
            (sqlite::SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0),
            (sqlite::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
            (sqlite::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0),
            (sqlite::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, 0),
            (sqlite::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, 0),
        ];
        for (setting, value) in settings {
            // SAFETY: these settings take an int and a pointer to an int for the answer, which may be null.
            let code = unsafe {
                sqlite::sqlite3_db_config(db, setting, value as c_int, ptr::null_mut::<c_int>())
            };
            self.check(code)?;
        }
        // SAFETY: `authorizer` is a function for the life of the process and takes no data.
        let code = unsafe { sqlite::sqlite3_set_authorizer(db, Some(authorizer), ptr::null_mut()) };
        self.check(code)
    }

    /// Compiles the statement at byte `start`, and answers with the byte behind it. `None` is an empty statement:
    /// white space and comments.
    ///
    /// # Errors
    /// Where the statement is not accepted.
    pub fn prepare(
        &self,
        script: &Script,
        start: usize,
    ) -> Result<(Option<Prepared<'_>>, usize), Failure> {
        let text: *const c_char = script.0[start..].as_ptr().cast();
        let mut statement = ptr::null_mut();
        let mut tail = ptr::null();
        // SAFETY: `text` ends with NUL (`Script`), hence the length -1; the two places for answers are ours. With the
        // length -1 the limit on SQL holds for each statement, not for the rest of the script.
        let code = unsafe {
            sqlite::sqlite3_prepare_v3(
                self.db.as_ptr(),
                text,
                -1,
                0 as c_uint,
                &raw mut statement,
                &raw mut tail,
            )
        };
        self.check(code)?;
        let end = tail as usize - script.0.as_ptr() as usize;
        let prepared = NonNull::new(statement).map(|statement| Prepared {
            statement,
            session: self,
        });
        Ok((prepared, end))
    }

    /// Compiles one of the host's own statements.
    ///
    /// # Errors
    /// Where SQLite does not accept it.
    pub fn compile(&self, sql: &str) -> Result<Prepared<'_>, Failure> {
        let script = Script::new(sql.to_owned()).map_err(|_| self.failure())?;
        let (prepared, _) = self.prepare(&script, 0)?;
        prepared.ok_or_else(|| self.failure())
    }

    /// Runs one of the host's own statements and answers with the integer in its first column, if there is a row.
    ///
    /// # Errors
    /// Where it fails.
    pub fn run(&self, sql: &str) -> Result<Option<i64>, Failure> {
        let prepared = self.compile(sql)?;
        let mut first = None;
        while prepared.step()? {
            if let (None, Value::Integer(value)) = (first, prepared.value(0)) {
                first = Some(value);
            }
        }
        Ok(first)
    }

    /// Is no transaction open?
    pub fn is_autocommit(&self) -> bool {
        // SAFETY: the handle is open and locked.
        unsafe { sqlite::sqlite3_get_autocommit(self.db.as_ptr()) != 0 }
    }

    /// Rows changed since the connection was opened, by triggers too.
    pub fn total_changes(&self) -> u64 {
        // SAFETY: the handle is open and locked.
        let changes = unsafe { sqlite::sqlite3_total_changes64(self.db.as_ptr()) };
        u64::try_from(changes).unwrap_or_default()
    }

    /// Rows changed by the last statement that changed any.
    pub fn changes(&self) -> u64 {
        // SAFETY: the handle is open and locked.
        let changes = unsafe { sqlite::sqlite3_changes64(self.db.as_ptr()) };
        u64::try_from(changes).unwrap_or_default()
    }

    pub fn last_insert_rowid(&self) -> i64 {
        // SAFETY: the handle is open and locked.
        unsafe { sqlite::sqlite3_last_insert_rowid(self.db.as_ptr()) }
    }

    /// Forgets the row id that an earlier call left.
    pub fn reset_last_insert_rowid(&self) {
        // SAFETY: the handle is open and locked.
        unsafe { sqlite::sqlite3_set_last_insert_rowid(self.db.as_ptr(), 0) };
    }

    fn check(&self, code: c_int) -> Result<(), Failure> {
        match code {
            sqlite::SQLITE_OK => Ok(()),
            _ => Err(self.failure()),
        }
    }

    fn failure(&self) -> Failure {
        let db = self.db.as_ptr();
        // SAFETY: the handle is open and locked; the message is copied before the next call can change it.
        unsafe {
            Failure {
                code: sqlite::sqlite3_extended_errcode(db),
                message: text(sqlite::sqlite3_errmsg(db))
                    .unwrap_or_default()
                    .into_owned(),
                offset: usize::try_from(sqlite::sqlite3_error_offset(db)).ok(),
            }
        }
    }
}

/// A compiled statement.
pub struct Prepared<'session> {
    statement: NonNull<sqlite::sqlite3_stmt>,
    session: &'session Session<'session>,
}

impl Prepared<'_> {
    /// The highest number of a parameter.
    pub fn parameter_count(&self) -> usize {
        // SAFETY: the statement lives until `drop`.
        let count = unsafe { sqlite::sqlite3_bind_parameter_count(self.statement.as_ptr()) };
        usize::try_from(count).unwrap_or_default()
    }

    /// Does it leave the database as it is?
    pub fn is_read_only(&self) -> bool {
        // SAFETY: the statement lives until `drop`.
        unsafe { sqlite::sqlite3_stmt_readonly(self.statement.as_ptr()) != 0 }
    }

    /// Sets the parameters, the first of which has the number 1.
    ///
    /// # Errors
    /// Where a value is too long.
    pub fn bind(&self, params: &[Value]) -> Result<(), Failure> {
        for (number, value) in (1..).zip(params) {
            self.session.check(self.bind_one(number, value))?;
        }
        Ok(())
    }

    fn bind_one(&self, number: c_int, value: &Value) -> c_int {
        let statement = self.statement.as_ptr();
        let copy = sqlite::SQLITE_TRANSIENT();
        // SAFETY: the statement lives until `drop`; SQLite copies texts and blobs before the call returns. An empty
        // slice's pointer is not null, so that an empty blob does not become NULL.
        unsafe {
            match value {
                Value::Null => sqlite::sqlite3_bind_null(statement, number),
                Value::Integer(value) => sqlite::sqlite3_bind_int64(statement, number, *value),
                Value::Real(value) => sqlite::sqlite3_bind_double(statement, number, *value),
                Value::Text(value) => sqlite::sqlite3_bind_text64(
                    statement,
                    number,
                    value.as_ptr().cast(),
                    value.len() as u64,
                    copy,
                    sqlite::SQLITE_UTF8 as u8,
                ),
                Value::Blob(value) => sqlite::sqlite3_bind_blob64(
                    statement,
                    number,
                    value.as_ptr().cast(),
                    value.len() as u64,
                    copy,
                ),
            }
        }
    }

    /// Goes to the next row; false at the end.
    ///
    /// # Errors
    /// Where the statement fails.
    pub fn step(&self) -> Result<bool, Failure> {
        // SAFETY: the statement lives until `drop`.
        match unsafe { sqlite::sqlite3_step(self.statement.as_ptr()) } {
            sqlite::SQLITE_ROW => Ok(true),
            sqlite::SQLITE_DONE => Ok(false),
            _ => Err(self.session.failure()),
        }
    }

    /// Makes it ready to run again, without its parameters. The answer of SQLite repeats the error of the last step.
    pub fn reset(&self) {
        let statement = self.statement.as_ptr();
        // SAFETY: the statement lives until `drop`.
        unsafe {
            sqlite::sqlite3_reset(statement);
            sqlite::sqlite3_clear_bindings(statement);
        }
    }

    /// What the statement takes in memory, in bytes.
    pub fn memory_bytes(&self) -> usize {
        let statement = self.statement.as_ptr();
        // SAFETY: the statement lives until `drop`; this figure is not set back.
        let bytes =
            unsafe { sqlite::sqlite3_stmt_status(statement, sqlite::SQLITE_STMTSTATUS_MEMUSED, 0) };
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// Columns of the rows; it can change with the first step, where the schema has changed.
    pub fn column_count(&self) -> c_int {
        // SAFETY: the statement lives until `drop`.
        unsafe { sqlite::sqlite3_column_count(self.statement.as_ptr()) }
    }

    pub fn columns(&self) -> Vec<String> {
        let statement = self.statement.as_ptr();
        // SAFETY: the statement lives until `drop`; each name is copied before the next call.
        unsafe {
            (0..self.column_count())
                .map(|column| text(sqlite::sqlite3_column_name(statement, column)))
                .map(|name| name.unwrap_or_default().into_owned())
                .collect()
        }
    }

    /// A value of the row. Bytes in a text that are not UTF-8 come out as U+FFFD.
    pub fn value(&self, column: c_int) -> Value {
        let statement = self.statement.as_ptr();
        // SAFETY: the statement is at a row; a column out of range is NULL. The bytes are copied before the next call.
        unsafe {
            match sqlite::sqlite3_column_type(statement, column) {
                sqlite::SQLITE_INTEGER => {
                    Value::Integer(sqlite::sqlite3_column_int64(statement, column))
                }
                sqlite::SQLITE_FLOAT => {
                    Value::Real(sqlite::sqlite3_column_double(statement, column))
                }
                sqlite::SQLITE_TEXT => {
                    // The text first: asking for it may convert the value, and the length is that of the converted.
                    let start = sqlite::sqlite3_column_text(statement, column);
                    let bytes = self.bytes(start, column);
                    Value::Text(String::from_utf8_lossy(bytes).into_owned())
                }
                sqlite::SQLITE_BLOB => {
                    let start = sqlite::sqlite3_column_blob(statement, column);
                    Value::Blob(self.bytes(start.cast(), column).to_vec())
                }
                _ => Value::Null,
            }
        }
    }

    /// # Safety
    /// `start` is what SQLite answered for this column just now.
    unsafe fn bytes(&self, start: *const u8, column: c_int) -> &[u8] {
        // SAFETY: the statement lives until `drop`.
        let length = unsafe { sqlite::sqlite3_column_bytes(self.statement.as_ptr(), column) };
        match usize::try_from(length) {
            // SAFETY: SQLite holds `length` bytes there until the statement moves; the caller copies them at once.
            Ok(length) if !start.is_null() => unsafe { std::slice::from_raw_parts(start, length) },
            _ => &[],
        }
    }
}

impl Drop for Prepared<'_> {
    fn drop(&mut self) {
        // SAFETY: the statement was not finalized before. The answer repeats the error of the last step.
        unsafe { sqlite::sqlite3_finalize(self.statement.as_ptr()) };
    }
}

/// # Safety
/// `text` is null or ends with NUL and lives as long as the answer.
unsafe fn text<'text>(text: *const c_char) -> Option<std::borrow::Cow<'text, str>> {
    // SAFETY: the caller's promise.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy())
}

extern "C" fn authorizer(
    _: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    _: *const c_char,
    _: *const c_char,
) -> c_int {
    // SAFETY: SQLite passes null or texts that live until this returns.
    let (first, second) = unsafe { (text(first), text(second)) };
    if guard::authorize(action, first.as_deref(), second.as_deref()) {
        sqlite::SQLITE_OK
    } else {
        sqlite::SQLITE_DENY
    }
}
