//! What every SQL backend must do. The statements are in the part of SQL that D1, and so SQLite, accepts.

use std::sync::Arc;

use super::{Database, DatabaseBackend, DatabaseError, ResultSet, Statement, Value};
use crate::id::DatabaseId;

/// Runs every check, each on a database of its own.
///
/// # Panics
/// Where one fails; the message names it.
pub async fn run(backend: &dyn DatabaseBackend) {
    an_absent_database_is_unavailable(backend).await;
    creating_twice_keeps_the_contents(backend).await;
    deleting_removes_the_contents(backend).await;
    an_id_that_is_a_path_is_refused(backend).await;

    let fresh = Fresh(backend);
    values_come_back_as_they_went_in(&*fresh.database().await).await;
    parameters_are_numbered_as_sqlite_does(&*fresh.database().await).await;
    a_wrong_number_of_parameters_is_refused(&*fresh.database().await).await;
    one_statement_at_a_time(&*fresh.database().await).await;
    a_batch_is_all_or_nothing(&*fresh.database().await).await;
    a_batch_sees_its_own_changes(&*fresh.database().await).await;
    meta_counts_what_changed(&*fresh.database().await).await;
    columns_are_named_without_rows(&*fresh.database().await).await;
    constraints_are_told_from_other_errors(&*fresh.database().await).await;
    foreign_keys_are_enforced(&*fresh.database().await).await;
    transactions_are_the_callers_no_more(&*fresh.database().await).await;
    exec_runs_statements_in_turn(&*fresh.database().await).await;
    exec_stops_at_the_first_error(&*fresh.database().await).await;
    concurrent_writes_all_land(fresh.database().await).await;
}

struct Fresh<'a>(&'a dyn DatabaseBackend);

impl Fresh<'_> {
    async fn database(&self) -> Arc<dyn Database> {
        let id = DatabaseId::random();
        self.0.create(&id).await.expect("create");
        self.0.open(&id).await.expect("open")
    }
}

pub fn statement(sql: &str, params: impl IntoIterator<Item = Value>) -> Statement {
    Statement {
        sql: sql.to_owned(),
        params: params.into_iter().collect(),
    }
}

/// Runs one statement.
///
/// # Panics
/// Where it fails.
pub async fn query(
    database: &dyn Database,
    sql: &str,
    params: impl IntoIterator<Item = Value>,
) -> ResultSet {
    let results = database.query(vec![statement(sql, params)]).await;
    let mut results = results.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    assert_eq!(results.len(), 1, "one result for one statement");
    results.remove(0)
}

/// Runs one statement that must fail.
///
/// # Panics
/// Where it succeeds.
pub async fn refused(
    database: &dyn Database,
    sql: &str,
    params: impl IntoIterator<Item = Value>,
) -> DatabaseError {
    match database.query(vec![statement(sql, params)]).await {
        Err(error) => error,
        Ok(results) => panic!("{sql} gave {results:?}"),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

async fn count(database: &dyn Database, table: &str) -> i64 {
    let result = query(database, &format!("SELECT count(*) FROM {table}"), []).await;
    match result.rows[0][0] {
        Value::Integer(count) => count,
        ref other => panic!("count is {other:?}"),
    }
}

pub async fn an_absent_database_is_unavailable(backend: &dyn DatabaseBackend) {
    let opened = backend.open(&DatabaseId::random()).await;
    assert!(matches!(opened.err(), Some(DatabaseError::Unavailable(_))));
}

pub async fn creating_twice_keeps_the_contents(backend: &dyn DatabaseBackend) {
    let id = DatabaseId::random();
    backend.create(&id).await.expect("create");
    let database = backend.open(&id).await.expect("open");
    query(&*database, "CREATE TABLE t (x)", []).await;
    backend.create(&id).await.expect("create again");
    let database = backend.open(&id).await.expect("open");
    assert_eq!(count(&*database, "t").await, 0);
}

pub async fn deleting_removes_the_contents(backend: &dyn DatabaseBackend) {
    let id = DatabaseId::random();
    backend.create(&id).await.expect("create");
    let database = backend.open(&id).await.expect("open");
    query(&*database, "CREATE TABLE t (x)", []).await;
    backend.delete(&id).await.expect("delete");
    let error = refused(&*database, "SELECT 1", []).await;
    assert!(matches!(error, DatabaseError::Unavailable(_)), "{error:?}");
    let opened = backend.open(&id).await;
    assert!(matches!(opened.err(), Some(DatabaseError::Unavailable(_))));
    backend.delete(&id).await.expect("delete again");
    backend.create(&id).await.expect("create anew");
    let database = backend.open(&id).await.expect("open");
    query(&*database, "CREATE TABLE t (x)", []).await;
}

pub async fn an_id_that_is_a_path_is_refused(backend: &dyn DatabaseBackend) {
    for id in [
        "../db_x",
        "a/b",
        "",
        ".",
        "..",
        "/etc/x",
        "db\0x",
        "db_x?mode=memory",
    ] {
        let id = DatabaseId::from(id);
        let created = backend.create(&id).await;
        assert!(
            matches!(created, Err(DatabaseError::Sql(_))),
            "create {id:?}: {created:?}"
        );
        assert!(backend.open(&id).await.is_err(), "open {id:?}");
        assert!(backend.delete(&id).await.is_err(), "delete {id:?}");
    }
}

pub async fn values_come_back_as_they_went_in(database: &dyn Database) {
    query(database, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)", []).await;
    let values = [
        Value::Null,
        Value::Integer(0),
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Integer((1 << 53) + 1),
        Value::Real(0.1),
        Value::Real(-1e308),
        text(""),
        text("grüße 🦀"),
        text("a\0b"),
        text("1; DROP TABLE t; --"),
        Value::Blob(vec![]),
        Value::Blob(vec![0, 255, 0, 128]),
    ];
    for (n, value) in (1..).zip(&values) {
        let insert = "INSERT INTO t (n, v) VALUES (?, ?)";
        query(database, insert, [Value::Integer(n), value.clone()]).await;
    }
    let read = query(database, "SELECT v FROM t ORDER BY n", []).await;
    let read: Vec<_> = read.rows.into_iter().flatten().collect();
    assert_eq!(read, values);
}

pub async fn parameters_are_numbered_as_sqlite_does(database: &dyn Database) {
    let one = || Value::Integer(1);
    let two = || Value::Integer(2);
    for (sql, expected) in [
        ("SELECT ?, ?", [one(), two()]),
        ("SELECT ?2, ?1", [two(), one()]),
        ("SELECT :a, @b", [one(), two()]),
        ("SELECT $b, ?2", [one(), two()]),
        ("SELECT :a, ?2 WHERE :a = 1", [one(), two()]),
    ] {
        let result = query(database, sql, [one(), two()]).await;
        assert_eq!(result.rows, [expected], "{sql}");
    }
}

pub async fn a_wrong_number_of_parameters_is_refused(database: &dyn Database) {
    for (sql, given) in [
        ("SELECT ?, ?", 1),
        ("SELECT ?", 2),
        ("SELECT 1", 1),
        ("SELECT ?3", 1),
    ] {
        let error = refused(database, sql, vec![Value::Null; given]).await;
        assert!(matches!(error, DatabaseError::Sql(_)), "{sql}: {error:?}");
    }
}

pub async fn one_statement_at_a_time(database: &dyn Database) {
    query(database, "CREATE TABLE t (x)", []).await;
    for sql in [
        "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)",
        "INSERT INTO t VALUES (1); nonsense",
        "INSERT INTO t VALUES (1)\0",
        "",
        "-- nothing",
        ";",
    ] {
        let error = refused(database, sql, []).await;
        assert!(matches!(error, DatabaseError::Sql(_)), "{sql}: {error:?}");
    }
    assert_eq!(count(database, "t").await, 0, "nothing ran");
    for sql in [
        "INSERT INTO t VALUES (1);",
        " /* first */ INSERT INTO t VALUES (1) ; ; -- done\n",
    ] {
        query(database, sql, []).await;
    }
    assert_eq!(count(database, "t").await, 2);
}

pub async fn a_batch_is_all_or_nothing(database: &dyn Database) {
    query(database, "CREATE TABLE t (x INTEGER UNIQUE)", []).await;
    let insert = |x| statement("INSERT INTO t VALUES (?)", [Value::Integer(x)]);
    for last in [insert(1), statement("SELECT nonsense", []), insert(9)] {
        let fails = last.sql.contains("nonsense") || last.params == [Value::Integer(1)];
        let done = database.query(vec![insert(1), insert(2), last]).await;
        assert_eq!(done.is_err(), fails);
        let expected = if fails { 0 } else { 3 };
        assert_eq!(count(database, "t").await, expected);
    }
    let none = database.query(vec![]).await.expect("an empty batch");
    assert!(none.is_empty());
}

pub async fn a_batch_sees_its_own_changes(database: &dyn Database) {
    let results = database
        .query(vec![
            statement("CREATE TABLE t (x)", []),
            statement("INSERT INTO t VALUES (?), (?)", [text("a"), text("b")]),
            statement("SELECT x FROM t ORDER BY x", []),
        ])
        .await
        .expect("batch");
    assert_eq!(results[2].rows, [[text("a")], [text("b")]]);
}

pub async fn meta_counts_what_changed(database: &dyn Database) {
    let create = "CREATE TABLE t (id INTEGER PRIMARY KEY, x)";
    let meta = query(database, create, []).await.meta;
    assert!(
        meta.changed_db && meta.changes == 0 && meta.size_after > 0,
        "{meta:?}"
    );

    let insert = "INSERT INTO t (x) VALUES (1), (2), (3)";
    let meta = query(database, insert, []).await.meta;
    assert!(
        meta.changed_db && meta.changes == 3 && meta.rows_written >= 3,
        "{meta:?}"
    );
    assert_eq!(meta.last_row_id, 3);

    let result = query(database, "SELECT * FROM t", []).await;
    assert!(
        !result.meta.changed_db && result.meta.changes == 0,
        "{:?}",
        result.meta
    );
    assert_eq!(result.meta.rows_read, 3);
    assert!(result.meta.duration_ms >= 0.0 && result.meta.size_after > 0);

    let meta = query(database, "UPDATE t SET x = 0 WHERE id > 9", [])
        .await
        .meta;
    assert!(!meta.changed_db && meta.changes == 0, "{meta:?}");

    let returning = "DELETE FROM t WHERE id < 3 RETURNING id";
    let result = query(database, returning, []).await;
    assert_eq!(result.rows.len(), 2);
    assert_eq!(result.meta.changes, 2);
}

pub async fn columns_are_named_without_rows(database: &dyn Database) {
    query(database, "CREATE TABLE t (a, b)", []).await;
    let result = query(database, "SELECT a, b, a AS c, a FROM t", []).await;
    assert_eq!(result.columns, ["a", "b", "c", "a"]);
    assert!(result.rows.is_empty());
}

pub async fn constraints_are_told_from_other_errors(database: &dyn Database) {
    let create = "CREATE TABLE t (x UNIQUE, y NOT NULL DEFAULT 0, z CHECK (z > 0))";
    query(database, create, []).await;
    query(database, "INSERT INTO t (x) VALUES (1)", []).await;
    for (sql, message) in [
        (
            "INSERT INTO t (x) VALUES (1)",
            "UNIQUE constraint failed: t.x",
        ),
        (
            "INSERT INTO t (y) VALUES (NULL)",
            "NOT NULL constraint failed: t.y",
        ),
        (
            "INSERT INTO t (z) VALUES (0)",
            "CHECK constraint failed: z > 0",
        ),
    ] {
        match refused(database, sql, []).await {
            DatabaseError::Constraint(text) => assert!(text.contains(message), "{text}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
    for (sql, message) in [
        ("SELECT * FROM absent", "no such table: absent"),
        ("SELEKT 1", "near \"SELEKT\": syntax error"),
        ("INSERT INTO t (w) VALUES (1)", "no column named w"),
    ] {
        match refused(database, sql, []).await {
            DatabaseError::Sql(text) => assert!(text.contains(message), "{text}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
}

pub async fn foreign_keys_are_enforced(database: &dyn Database) {
    query(database, "CREATE TABLE p (id INTEGER PRIMARY KEY)", []).await;
    query(database, "CREATE TABLE c (p REFERENCES p (id))", []).await;
    let error = refused(database, "INSERT INTO c VALUES (1)", []).await;
    assert!(matches!(error, DatabaseError::Constraint(_)), "{error:?}");
}

pub async fn transactions_are_the_callers_no_more(database: &dyn Database) {
    query(database, "CREATE TABLE t (x)", []).await;
    for sql in ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "RELEASE s"] {
        let error = refused(database, sql, []).await;
        assert!(matches!(error, DatabaseError::Sql(_)), "{sql}: {error:?}");
        let error = database.exec(sql.to_owned()).await.expect_err(sql);
        assert!(matches!(error, DatabaseError::Sql(_)), "{sql}: {error:?}");
    }
    query(database, "INSERT INTO t VALUES (1)", []).await;
    assert_eq!(count(database, "t").await, 1);
}

pub async fn exec_runs_statements_in_turn(database: &dyn Database) {
    let script = "
        CREATE TABLE t (x); -- a comment; with a semicolon
        INSERT INTO t VALUES ('a;b');
        CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET x = 'c'; END;
        /* nothing; */ ;
        SELECT * FROM t
    ";
    let summary = database.exec(script.to_owned()).await.expect("exec");
    assert_eq!(summary.count, 4);
    assert!(summary.duration_ms >= 0.0);
    assert_eq!(count(database, "t").await, 1);
    let none = database.exec(" -- nothing".to_owned()).await.expect("exec");
    assert_eq!(none.count, 0);
}

pub async fn exec_stops_at_the_first_error(database: &dyn Database) {
    let script = "CREATE TABLE t (x); INSERT INTO t VALUES (1); nonsense; INSERT INTO t VALUES (2)";
    let error = database.exec(script.to_owned()).await.expect_err("exec");
    assert!(matches!(error, DatabaseError::Sql(_)), "{error:?}");
    assert_eq!(count(database, "t").await, 1, "what ran before stays");
}

pub async fn concurrent_writes_all_land(database: Arc<dyn Database>) {
    query(&*database, "CREATE TABLE t (x)", []).await;
    let writes = (0..40).map(|x| {
        let database = database.clone();
        async move {
            let insert = statement("INSERT INTO t VALUES (?)", [Value::Integer(x)]);
            let total = statement("SELECT count(*) FROM t", []);
            database.query(vec![insert, total]).await.expect("write")
        }
    });
    futures_util::future::join_all(writes).await;
    assert_eq!(count(&*database, "t").await, 40);
}
