//! A worker's SQL: whatever it is, the database answers the next call, nothing lies beside it, and no error tells a parameter or a path.

use std::time::Duration;

use ouro_adapter_sqlite::Limits;
use ouro_core::ports::database::{DatabaseError, Value};

use super::values::Opened;
use super::{Entry, Target, none};

/// A parameter, which no error repeats.
const SECRET: &str = "c0rrect-h0rse";

pub const ENTRY: Entry = Entry {
    name: "sql-statements",
    start: || {
        let mut statements = Statements(open(), String::new());
        statements.1 = statements.contents();
        Box::new(statements)
    },
    examples: none,
    words: &[
        b"ATTACH ",
        b"PRAGMA ",
        b"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) ",
        b"SELECT ",
        b"load_extension(",
        b"zeroblob(",
        b"randomblob(1000000)",
        b"printf('%.*c', 1000000, 'x')",
        b"json(?1)",
        b"json_each(?1)",
        b"CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT RAISE(ABORT, NEW.a); END;",
        b"CREATE VIRTUAL TABLE v USING fts5(a)",
        b"VACUUM INTO ",
        b"BEGIN",
        b"COMMIT",
        b"ROLLBACK",
        b"SAVEPOINT s",
        b"COLLATE ",
        b"?1",
        b"?32766",
        b":name",
        b"GLOB ",
        b";",
        b"--",
        b"/*",
        b"X'00'",
        b"\0",
        b"(",
        b"((((((((",
        b"NOT ",
        b"UNION ALL SELECT ",
    ],
    memory: (16 << 20, 256),
};

/// The database, and what is in it before each input.
struct Statements(Opened, String);

fn open() -> Opened {
    let opened = Opened::new(Limits {
        time: Duration::from_millis(100),
        rows: 1_000,
        result_bytes: 1 << 20,
        database_bytes: 1 << 20,
        value_bytes: 100_000,
    });
    let table = "CREATE TABLE IF NOT EXISTS t (a UNIQUE, b INTEGER NOT NULL CHECK (b > 0));
        INSERT OR IGNORE INTO t VALUES ('x', 1)";
    patiently(|| opened.exec(table)).expect("a table");
    opened
}

/// On a machine with much to do even our own calls may run into the limit on time.
fn patiently<T>(mut call: impl FnMut() -> Result<T, DatabaseError>) -> Result<T, DatabaseError> {
    for _ in 0..100 {
        match call() {
            Err(DatabaseError::Timeout(_)) => {}
            answer => return answer,
        }
    }
    call()
}

impl Target for Statements {
    fn run(&mut self, input: &[u8]) -> String {
        let sql = String::from_utf8_lossy(input);
        let secret = vec![Value::Text(SECRET.to_owned())];
        let outcomes = [
            self.outcome(self.0.query(&sql, secret).map(|result| result.rows.len())),
            self.outcome(self.0.exec(&sql)),
        ];
        let next = patiently(|| self.0.query("SELECT 1", Vec::new()));
        assert_eq!(next.expect("the next call").rows, [[Value::Integer(1)]]);
        self.nothing_lies_beside();
        if self.contents() != self.1 {
            // What it made would decide what later inputs do.
            self.0 = open();
        }
        outcomes.join("\n")
    }
}

impl Statements {
    fn contents(&self) -> String {
        let rows = |sql| patiently(|| self.0.query(sql, Vec::new())).map(|result| result.rows);
        format!(
            "{:?} {:?}",
            rows("SELECT * FROM sqlite_schema"),
            rows("SELECT * FROM t")
        )
    }

    fn outcome<T>(&self, result: Result<T, DatabaseError>) -> String {
        let error = match result {
            Ok(_) => return "done".to_owned(),
            Err(DatabaseError::Unavailable(text)) => panic!("the database is unavailable: {text}"),
            Err(error) => error.to_string(),
        };
        assert!(!error.contains(SECRET), "a parameter is told: {error}");
        let folder = self.0.folder.path().display().to_string();
        assert!(!error.contains(&folder), "a path is told: {error}");
        error
    }

    fn nothing_lies_beside(&self) {
        let names = |folder: &std::path::Path| -> Vec<String> {
            let entries = std::fs::read_dir(folder).expect("a folder");
            let names = entries.map(|entry| entry.expect("an entry").file_name());
            names
                .map(|name| name.to_string_lossy().into_owned())
                .collect()
        };
        let folder = self.0.folder.path();
        assert_eq!(names(folder), ["databases"]);
        for name in names(&folder.join("databases")) {
            let is_ours = matches!(
                name.strip_prefix("db_fuzz.db"),
                Some("" | "-wal" | "-shm" | "-journal")
            );
            assert!(is_ours, "`{name}` lies beside the database");
        }
    }
}
