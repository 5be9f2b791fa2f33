//! SQL that wants out, or wants everything.

use std::time::Duration;

use ouro_adapter_sqlite::Limits;
use ouro_core::ports::database::conformance::{query, refused, statement};
use ouro_core::ports::database::{DatabaseError, Value};

use crate::databases::fixture;

#[tokio::test]
async fn what_reaches_beyond_the_database_is_refused_by_name() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    let stolen = fixture.directory.path().join("stolen.db");
    let attach = format!("ATTACH '{}' AS other", stolen.display());
    let vacuum = format!("VACUUM INTO '{}'", stolen.display());
    query(&*database, "CREATE TABLE t (x)", []).await;
    for (sql, named) in [
        (attach.as_str(), "`ATTACH`"),
        (vacuum.as_str(), "VACUUM"),
        ("VACUUM", "VACUUM"),
        ("DETACH main", "`DETACH`"),
        ("SELECT load_extension('x')", "load_extension"),
        ("PRAGMA writable_schema = on", "`PRAGMA writable_schema`"),
        ("PRAGMA journal_mode = delete", "`PRAGMA journal_mode`"),
        ("PRAGMA journal_mode", "`PRAGMA journal_mode`"),
        ("PRAGMA max_page_count = 1", "`PRAGMA max_page_count`"),
        ("PRAGMA foreign_keys = off", "`PRAGMA foreign_keys`"),
        (
            "PRAGMA temp_store_directory = '/'",
            "`PRAGMA temp_store_directory`",
        ),
        ("PRAGMA wal_checkpoint(TRUNCATE)", "`PRAGMA wal_checkpoint`"),
        (
            "SELECT * FROM pragma_database_list",
            "`PRAGMA database_list`",
        ),
        ("CREATE TEMP TABLE u (x)", "temporary"),
        ("CREATE VIRTUAL TABLE u USING dbstat", "`dbstat`"),
        ("BEGIN", "`BEGIN` is not allowed"),
        ("SAVEPOINT s", "`SAVEPOINT` is not allowed"),
    ] {
        for error in [
            refused(&*database, sql, []).await,
            database.exec(sql.to_owned()).await.expect_err(sql),
        ] {
            assert!(matches!(error, DatabaseError::Sql(_)), "{sql}: {error:?}");
            assert!(error.to_string().contains(named), "{sql}: {error}");
        }
    }
    assert!(!stolen.exists());
}

#[tokio::test]
async fn the_schema_table_cannot_be_written() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    query(&*database, "CREATE TABLE t (x)", []).await;
    for sql in [
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (y)'",
        "DELETE FROM sqlite_schema",
    ] {
        let error = refused(&*database, sql, []).await;
        assert!(matches!(error, DatabaseError::Sql(_)), "{sql}: {error:?}");
    }
}

#[tokio::test]
async fn pragmas_that_tell_about_the_schema_are_allowed() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    query(&*database, "CREATE TABLE t (x)", []).await;
    for sql in [
        "PRAGMA table_info(t)",
        "PRAGMA TABLE_LIST",
        "SELECT * FROM pragma_table_info('t')",
        "PRAGMA foreign_keys",
        "PRAGMA quick_check",
    ] {
        assert!(!query(&*database, sql, []).await.rows.is_empty(), "{sql}");
    }
    query(&*database, "PRAGMA foreign_key_check", []).await;
    query(&*database, "PRAGMA optimize", []).await;
}

#[tokio::test]
async fn an_endless_statement_times_out() {
    let limits = Limits {
        time: Duration::from_millis(200),
        ..Limits::default()
    };
    let fixture = fixture(limits);
    let database = fixture.database().await;
    let endless =
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n";
    let error = refused(&*database, endless, []).await;
    assert!(
        matches!(&error, DatabaseError::Timeout(text) if text.contains("0.2 s")),
        "{error:?}"
    );
    let error = database.exec(endless.to_owned()).await.expect_err("exec");
    assert!(matches!(error, DatabaseError::Timeout(_)), "{error:?}");
    query(&*database, "SELECT 1", []).await;
}

#[tokio::test]
async fn a_batch_that_times_out_leaves_nothing() {
    let limits = Limits {
        time: Duration::from_millis(200),
        ..Limits::default()
    };
    let fixture = fixture(limits);
    let database = fixture.database().await;
    query(&*database, "CREATE TABLE t (x)", []).await;
    let endless = "INSERT INTO t WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)
        SELECT max(x) FROM n";
    let batch = vec![
        statement("INSERT INTO t VALUES (1)", []),
        statement(endless, []),
    ];
    let error = database.query(batch).await.expect_err("endless");
    assert!(matches!(error, DatabaseError::Timeout(_)), "{error:?}");
    let rows = query(&*database, "SELECT * FROM t", []).await.rows;
    assert!(rows.is_empty());
}

const NUMBERS: &str = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1001)";

#[tokio::test]
async fn rows_are_counted_while_they_are_read() {
    let limits = Limits {
        rows: 1_000,
        ..Limits::default()
    };
    let fixture = fixture(limits);
    let database = fixture.database().await;
    let error = refused(&*database, &format!("{NUMBERS} SELECT x FROM n"), []).await;
    assert!(
        matches!(&error, DatabaseError::Limit(text) if text.contains("1000 rows")),
        "{error:?}"
    );
    let result = query(
        &*database,
        &format!("{NUMBERS} SELECT x FROM n LIMIT 1000"),
        [],
    )
    .await;
    assert_eq!(result.rows.len(), 1_000);
    let half = || statement(&format!("{NUMBERS} SELECT x FROM n LIMIT 501"), []);
    let error = database
        .query(vec![half(), half()])
        .await
        .expect_err("both together");
    assert!(matches!(error, DatabaseError::Limit(_)), "{error:?}");
}

#[tokio::test]
async fn bytes_are_counted_while_they_are_read() {
    let limits = Limits {
        result_bytes: 1 << 20,
        ..Limits::default()
    };
    let fixture = fixture(limits);
    let database = fixture.database().await;
    let error = refused(
        &*database,
        &format!("{NUMBERS} SELECT zeroblob(10000) FROM n"),
        [],
    )
    .await;
    assert!(
        matches!(&error, DatabaseError::Limit(text) if text.contains("bytes")),
        "{error:?}"
    );
}

#[tokio::test]
async fn values_and_statements_have_limits() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    for sql in [
        "SELECT zeroblob(2100000)".to_owned(),
        "SELECT hex(zeroblob(1100000))".to_owned(),
        format!("SELECT '{}'", "x".repeat(100_000)),
    ] {
        let error = refused(&*database, &sql, []).await;
        assert!(matches!(error, DatabaseError::Limit(_)), "{error:?}");
    }
    let long = Value::Blob(vec![0; 2_100_000]);
    let error = refused(&*database, "SELECT ?", [long]).await;
    assert!(matches!(error, DatabaseError::Limit(_)), "{error:?}");
    let one = format!("SELECT '{}'", "x".repeat(100_000));
    let error = database
        .exec(one)
        .await
        .expect_err("one statement of a script");
    assert!(matches!(error, DatabaseError::Limit(_)), "{error:?}");
    let insert = format!("INSERT INTO t VALUES ('{}');\n", "x".repeat(1_000));
    let script = format!("CREATE TABLE t (x);\n{}", insert.repeat(200));
    let summary = database.exec(script).await.expect("a script may be longer");
    assert_eq!(summary.count, 201);
}

#[tokio::test]
async fn a_long_like_pattern_is_refused() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    let like = |bytes: usize| format!("SELECT 'a' LIKE '{}'", "%a".repeat(bytes / 2));
    query(&*database, &like(50), []).await;
    let error = refused(&*database, &like(52), []).await;
    assert!(error.to_string().contains("pattern"), "{error:?}");
}

#[tokio::test]
async fn deep_expressions_do_not_overflow_the_stack() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    for sql in [
        format!("SELECT {}1{}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT {}1", "- ".repeat(20_000)),
        format!("SELECT 1{}", " + 1".repeat(20_000)),
        format!("SELECT {}1{}", "abs(".repeat(900), ")".repeat(900)),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(5_000)),
    ] {
        // Refused or not: the process goes on.
        let _ = database.query(vec![statement(&sql, [])]).await;
    }
    query(&*database, "SELECT 1", []).await;
}

#[tokio::test]
async fn a_database_does_not_outgrow_its_limit() {
    let limits = Limits {
        database_bytes: 1 << 20,
        ..Limits::default()
    };
    let fixture = fixture(limits);
    let database = fixture.database().await;
    query(&*database, "CREATE TABLE t (x)", []).await;
    let insert = "INSERT INTO t VALUES (zeroblob(100000))";
    let full = loop {
        match database.query(vec![statement(insert, [])]).await {
            Ok(results) => assert!(results[0].meta.size_after <= 1 << 20),
            Err(error) => break error,
        }
    };
    assert!(
        matches!(&full, DatabaseError::Limit(text) if text.contains("1048576 bytes")),
        "{full:?}"
    );
    query(&*database, "DELETE FROM t", []).await;
    query(&*database, insert, []).await;
}

#[tokio::test]
async fn a_trigger_that_rolls_back_leaves_the_connection_usable() {
    let fixture = fixture(Limits::default());
    let database = fixture.database().await;
    let script = "CREATE TABLE t (x);
        CREATE TRIGGER g BEFORE INSERT ON t WHEN new.x = 2 BEGIN SELECT raise(ROLLBACK, 'no twos'); END;";
    database.exec(script.to_owned()).await.expect("exec");
    let insert = |x| statement("INSERT INTO t VALUES (?)", [Value::Integer(x)]);
    let error = database.query(vec![insert(1), insert(2), insert(3)]).await;
    assert!(
        matches!(&error, Err(DatabaseError::Constraint(text)) if text.contains("no twos")),
        "{error:?}"
    );
    let rows = query(&*database, "SELECT * FROM t", []).await.rows;
    assert!(rows.is_empty());
}
