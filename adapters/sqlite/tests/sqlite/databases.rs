//! Customers' databases: the conformance suite, and what is SQLite's own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ouro_adapter_sqlite::{Limits, SqliteDatabases, SqliteMetadata};
use ouro_core::id::DatabaseId;
use ouro_core::ports::database::conformance::{self, query, refused, statement};
use ouro_core::ports::database::{Database, DatabaseBackend, DatabaseError, Value};

pub struct Fixture {
    pub directory: tempfile::TempDir,
    pub backend: SqliteDatabases,
}

pub fn fixture(limits: Limits) -> Fixture {
    let directory = tempfile::tempdir().expect("temporary directory");
    let backend = SqliteDatabases::open_with(directory.path(), limits).expect("open");
    Fixture { directory, backend }
}

impl Fixture {
    pub async fn database(&self) -> Arc<dyn Database> {
        let id = DatabaseId::random();
        self.backend.create(&id).await.expect("create");
        self.backend.open(&id).await.expect("open")
    }
}

#[tokio::test]
async fn sqlite_passes_the_conformance_suite() {
    conformance::run(&fixture(Limits::default()).backend).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_passes_the_conformance_suite_on_many_threads() {
    conformance::run(&fixture(Limits::default()).backend).await;
}

#[tokio::test]
async fn contents_outlive_the_backend() {
    let fixture = fixture(Limits::default());
    let id = DatabaseId::random();
    fixture.backend.create(&id).await.expect("create");
    let database = fixture.backend.open(&id).await.expect("open");
    query(&*database, "CREATE TABLE t AS SELECT 42 AS x", []).await;
    drop((database, fixture.backend));

    let backend = SqliteDatabases::open(fixture.directory.path()).expect("open again");
    let database = backend.open(&id).await.expect("open");
    let result = query(&*database, "SELECT x FROM t", []).await;
    assert_eq!(result.rows, [[Value::Integer(42)]]);
}

#[tokio::test]
async fn deleting_removes_every_file() {
    let fixture = fixture(Limits::default());
    let id = DatabaseId::random();
    fixture.backend.create(&id).await.expect("create");
    let database = fixture.backend.open(&id).await.expect("open");
    query(&*database, "CREATE TABLE t (x)", []).await;
    let files = || std::fs::read_dir(fixture.directory.path().join("databases")).expect("list");
    assert!(files().count() > 0);
    fixture.backend.delete(&id).await.expect("delete");
    assert_eq!(files().count(), 0);
}

#[tokio::test]
async fn errors_read_as_d1_s_do() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    query(&*database, "CREATE TABLE t (x UNIQUE)", []).await;
    query(&*database, "INSERT INTO t VALUES (1)", []).await;
    for (sql, expected) in [
        (
            "INSERT INTO t VALUES (1)",
            DatabaseError::Constraint(
                "UNIQUE constraint failed: t.x: SQLITE_CONSTRAINT".to_owned(),
            ),
        ),
        (
            "SELEKT 1",
            DatabaseError::Sql(
                "near \"SELEKT\": syntax error at offset 0: SQLITE_ERROR".to_owned(),
            ),
        ),
    ] {
        assert_eq!(refused(&*database, sql, []).await, expected);
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_is_read_with_replacements() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    let result = query(&*database, "SELECT CAST(x'61ff62' AS TEXT)", []).await;
    assert_eq!(result.rows, [[Value::Text("a\u{fffd}b".to_owned())]]);
}

#[tokio::test]
async fn full_text_search_works() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    let script = "CREATE VIRTUAL TABLE notes USING fts5(body);
        INSERT INTO notes VALUES ('the quick fox'), ('a lazy dog');
        INSERT INTO notes (notes) VALUES ('optimize');";
    database.exec(script.to_owned()).await.expect("exec");
    let found = "SELECT body FROM notes WHERE notes MATCH ?";
    let result = query(&*database, found, [Value::Text("fox".to_owned())]).await;
    assert_eq!(result.rows.len(), 1);
}

#[tokio::test]
async fn a_statement_runs_again_as_it_ran_before() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    query(&*database, "CREATE TABLE t (id INTEGER PRIMARY KEY, x)", []).await;
    let insert = "INSERT INTO t (x) VALUES (?)";
    for id in 1..=40_i64 {
        let added = query(&*database, insert, [Value::Integer(id * 10)]).await;
        assert_eq!(added.meta.last_row_id, id);
        assert_eq!((added.meta.changes, added.meta.changed_db), (1, true));
        let select = "SELECT x, ?2 AS y FROM t WHERE id = ?1";
        let params = [Value::Integer(id), Value::Text(id.to_string())];
        let found = query(&*database, select, params.clone()).await;
        assert_eq!(found.columns, ["x", "y"]);
        assert_eq!(found.rows, [[Value::Integer(id * 10), params[1].clone()]]);
        assert_eq!((found.meta.changes, found.meta.changed_db), (0, false));
        assert_eq!(found.meta.size_after, added.meta.size_after);
        // Others take its place meanwhile.
        query(&*database, &format!("SELECT {id}"), []).await;
    }
    let wrong = refused(&*database, insert, []).await;
    assert!(wrong.to_string().contains("1 expected, 0 given"), "{wrong}");
}

#[tokio::test]
async fn a_statement_sees_the_schema_of_now() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    let select = "SELECT * FROM t";
    query(&*database, "CREATE TABLE t AS SELECT 1 AS x", []).await;
    assert_eq!(query(&*database, select, []).await.columns, ["x"]);
    query(&*database, "ALTER TABLE t ADD COLUMN y DEFAULT 2", []).await;
    let both = query(&*database, select, []).await;
    assert_eq!(both.columns, ["x", "y"]);
    assert_eq!(both.rows, [[Value::Integer(1), Value::Integer(2)]]);
    query(&*database, "DROP TABLE t", []).await;
    let error = refused(&*database, select, []).await;
    assert!(error.to_string().contains("no such table"), "{error}");
    query(&*database, "CREATE TABLE t (z)", []).await;
    assert_eq!(query(&*database, select, []).await.columns, ["z"]);
}

#[tokio::test]
async fn a_statement_that_failed_half_way_leaves_nothing_behind() {
    let limits = Limits {
        rows: 2,
        ..Limits::default()
    };
    let fixture = fixture(limits);
    let database = fixture.database().await;
    query(&*database, "CREATE TABLE t (x)", []).await;
    let select = "SELECT x FROM t";
    for x in 0..3 {
        assert_eq!(query(&*database, select, []).await.rows.len(), x);
        query(&*database, "INSERT INTO t VALUES (1)", []).await;
    }
    let error = refused(&*database, select, []).await;
    assert!(matches!(error, DatabaseError::Limit(_)), "{error:?}");
    query(&*database, "DELETE FROM t", []).await;
    assert!(query(&*database, select, []).await.rows.is_empty());
}

#[tokio::test]
async fn a_missing_file_is_unavailable() {
    let fixture = fixture(Limits::default());
    let id = DatabaseId::random();
    fixture.backend.create(&id).await.expect("create");
    let database = fixture.backend.open(&id).await.expect("open");
    let file = fixture.directory.path().join(format!("databases/{id}.db"));
    std::fs::remove_file(file).expect("remove");
    let error = refused(&*database, "SELECT 1", []).await;
    assert!(matches!(error, DatabaseError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_damaged_file_is_unavailable() {
    let fixture = fixture(Limits::default());
    let id = DatabaseId::random();
    fixture.backend.create(&id).await.expect("create");
    let file = fixture.directory.path().join(format!("databases/{id}.db"));
    std::fs::write(file, [b'x'; 8192]).expect("damage");
    let database = fixture.backend.open(&id).await.expect("open");
    let error = refused(&*database, "SELECT * FROM t", []).await;
    assert!(matches!(error, DatabaseError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn more_databases_than_connections_take_turns() {
    let fixture = fixture(Limits::default());
    let mut databases = Vec::new();
    for _ in 0..300 {
        let database = fixture.database().await;
        query(&*database, "CREATE TABLE t (x)", []).await;
        databases.push(database);
    }
    for database in databases {
        query(&*database, "INSERT INTO t VALUES (1)", []).await;
    }
}

#[tokio::test]
async fn a_waiting_writer_times_out_clearly() {
    let fixture = fixture(Limits::default());
    let id = DatabaseId::random();
    fixture.backend.create(&id).await.expect("create");
    let database = fixture.backend.open(&id).await.expect("open");
    query(&*database, "CREATE TABLE t (x)", []).await;
    // Another process that holds the write lock.
    let file = fixture.directory.path().join(format!("databases/{id}.db"));
    let mut other = other_process(&file).await;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .expect("lock");
    let error = refused(&*database, "INSERT INTO t VALUES (1)", []).await;
    assert!(matches!(error, DatabaseError::Timeout(_)), "{error:?}");
    query(&*database, "SELECT * FROM t", []).await;
}

async fn other_process(file: &Path) -> sqlx::SqliteConnection {
    use sqlx::ConnectOptions;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    options.connect().await.expect("connect")
}

#[tokio::test]
async fn the_platform_s_database_is_reached_by_its_id() {
    let directory = tempfile::tempdir().expect("temporary directory");
    let backend = SqliteDatabases::open(directory.path()).expect("open");
    let platform = DatabaseId::from(DatabaseId::PLATFORM);
    assert!(
        backend.open(&platform).await.is_err(),
        "opening never creates"
    );
    assert!(backend.create(&platform).await.is_err());
    SqliteMetadata::open(directory.path().join("platform.db"))
        .await
        .expect("migrate");
    let database = backend.open(&platform).await.expect("open");
    let result = query(&*database, "SELECT count(*) FROM workers", []).await;
    assert_eq!(result.rows, [[Value::Integer(0)]]);
    let many = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 150000) SELECT x FROM n";
    assert_eq!(query(&*database, many, []).await.rows.len(), 150_000);
    assert!(backend.delete(&platform).await.is_err());
    query(&*database, "SELECT 1", []).await;
}

#[tokio::test]
async fn a_call_whose_caller_is_gone_is_stopped() {
    let limits = Limits {
        time: Duration::from_secs(600),
        ..Limits::default()
    };
    let fixture = fixture(limits);
    let id = DatabaseId::random();
    fixture.backend.create(&id).await.expect("create");
    let database = fixture.backend.open(&id).await.expect("open");
    query(&*database, "CREATE TABLE t (x)", []).await;
    let endless = "INSERT INTO t WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
        SELECT max(x) FROM n";
    let call = database.query(vec![statement(endless, [])]);
    let given_up = tokio::time::timeout(Duration::from_millis(200), call).await;
    assert!(given_up.is_err(), "it runs on");
    // Deleting waits for the calls that run: it ends only because the statement does.
    fixture.backend.delete(&id).await.expect("delete");
}
