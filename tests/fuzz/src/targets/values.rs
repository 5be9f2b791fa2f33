//! Parameters of SQL: what a worker binds comes back from SQLite as the same value of the same type, alone and out of a table.

use std::sync::Arc;

use ouro_adapter_sqlite::{Limits, SqliteDatabases};
use ouro_core::id::DatabaseId;
use ouro_core::ports::database::{
    Database, DatabaseBackend, DatabaseError, ResultSet, Statement, Value,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{Entry, Target, none, temporary_folder};

pub const ENTRY: Entry = Entry {
    name: "sql-values",
    start: || {
        let opened = Opened::new(Limits::default());
        opened
            .query("CREATE TABLE kept (value)", Vec::new())
            .expect("a table");
        Box::new(Values(opened))
    },
    examples: none,
    words: &[
        b"\x01\0\0\0\0\0\0\0\x80",
        b"\x02\0\0\0\0\0\0\xf8\x7f",
        b"\x02\0\0\0\0\0\0\xf0\xff",
        b"\x02\0\0\0\0\0\0\0\x80",
        b"\x02\0\0\0\0\0\0\x40\x43",
        b"\x03\0",
        b"\x03\x04a\0b\0",
        b"\x03\x04\xf0\x9f\x90\x9d",
        b"\x03\x03\xed\xa0\x80",
        b"\x04\0",
        b"\x04\x02\xff\xfe",
        b"\0",
    ],
    memory: (4 << 20, 256),
};

/// A database on the disk, and what is needed to ask it.
pub struct Opened {
    runtime: Runtime,
    pub folder: TempDir,
    _backend: SqliteDatabases,
    database: Arc<dyn Database>,
}

impl Opened {
    pub fn new(limits: Limits) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = temporary_folder();
        let (backend, database) = runtime.block_on(async {
            let backend = SqliteDatabases::open_with(folder.path(), limits).expect("databases");
            let id = DatabaseId::from("db_fuzz");
            backend.create(&id).await.expect("a database");
            let database = backend.open(&id).await.expect("a database");
            (backend, database)
        });
        Self {
            runtime,
            folder,
            _backend: backend,
            database,
        }
    }

    pub fn query(&self, sql: &str, params: Vec<Value>) -> Result<ResultSet, DatabaseError> {
        let results = self.batch(vec![statement(sql, params)])?;
        Ok(results.into_iter().next().expect("a result"))
    }

    pub fn batch(&self, statements: Vec<Statement>) -> Result<Vec<ResultSet>, DatabaseError> {
        self.runtime.block_on(self.database.query(statements))
    }

    pub fn exec(&self, sql: &str) -> Result<u64, DatabaseError> {
        let done = self.runtime.block_on(self.database.exec(sql.to_owned()));
        done.map(|summary| summary.count)
    }
}

pub fn statement(sql: &str, params: Vec<Value>) -> Statement {
    Statement {
        sql: sql.to_owned(),
        params,
    }
}

struct Values(Opened);

impl Target for Values {
    fn run(&mut self, input: &[u8]) -> String {
        let values = values(input);
        let mut types = String::new();
        for part in values.chunks(16) {
            let marks = vec!["?, typeof(?)"; part.len()].join(", ");
            let twice = part.iter().flat_map(|value| [value.clone(), value.clone()]);
            let result = self.0.query(&format!("SELECT {marks}"), twice.collect());
            let result = result.expect("a row");
            let [row] = &result.rows[..] else {
                panic!("not one row")
            };
            let (found, _) = row.as_chunks::<2>();
            assert_eq!(found.len(), part.len());
            for (value, [found, found_type]) in part.iter().zip(found) {
                same(value, found);
                assert_eq!(*found_type, Value::Text(type_of(found).to_owned()));
                types.push_str(type_of(found));
            }
        }
        if !values.is_empty() {
            self.out_of_a_table(&values);
        }
        types
    }
}

impl Values {
    /// One transaction, which leaves nothing behind.
    fn out_of_a_table(&self, values: &[Value]) {
        let places = vec!["(?)"; values.len()].join(", ");
        let insert = format!("INSERT INTO kept (value) VALUES {places}");
        let results = self.0.batch(vec![
            statement("DELETE FROM kept", Vec::new()),
            statement(&insert, values.to_vec()),
            statement("SELECT value FROM kept ORDER BY rowid", Vec::new()),
        ]);
        let results = results.expect("a batch");
        assert_eq!(results[1].meta.changes, values.len() as u64);
        assert_eq!(results[2].rows.len(), values.len());
        for (value, row) in values.iter().zip(&results[2].rows) {
            same(value, &row[0]);
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Integer(_) => "integer",
        Value::Real(_) => "real",
        Value::Text(_) => "text",
        Value::Blob(_) => "blob",
    }
}

/// SQLite has no NaN, which is NULL there, and stores no sign of a zero.
fn same(value: &Value, found: &Value) {
    match (value, found) {
        (Value::Real(value), Value::Null) => assert!(value.is_nan(), "{value} became NULL"),
        (Value::Real(value), Value::Real(found)) => {
            let same = value.to_bits() == found.to_bits() || *value == 0.0 && *found == 0.0;
            assert!(same, "{value} became {found}");
        }
        _ => assert_eq!(value, found),
    }
}

/// Reads values: a byte for the type, then eight bytes of a number, or a byte for the length and a text or blob.
fn values(mut input: &[u8]) -> Vec<Value> {
    let mut values = Vec::new();
    while let Some((kind, rest)) = input.split_first() {
        input = rest;
        values.push(match kind % 5 {
            0 => Value::Null,
            1 => Value::Integer(i64::from_le_bytes(eight(&mut input))),
            2 => Value::Real(f64::from_le_bytes(eight(&mut input))),
            3 => Value::Text(String::from_utf8_lossy(piece(&mut input)).into_owned()),
            _ => Value::Blob(piece(&mut input).to_vec()),
        });
        if values.len() == 256 {
            break;
        }
    }
    values
}

fn eight(input: &mut &[u8]) -> [u8; 8] {
    let (bytes, rest) = input.split_at(input.len().min(8));
    *input = rest;
    let mut number = [0; 8];
    number[..bytes.len()].copy_from_slice(bytes);
    number
}

fn piece<'a>(input: &mut &'a [u8]) -> &'a [u8] {
    let Some((length, rest)) = input.split_first() else {
        return &[];
    };
    // The longest length stands for all that is left.
    let length = match *length {
        u8::MAX => rest.len(),
        length => usize::from(length).min(rest.len()),
    };
    let (bytes, rest) = rest.split_at(length);
    *input = rest;
    bytes
}
