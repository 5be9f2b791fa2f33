//! Full disks and killed processes. The part that suffers runs in a copy of this test program.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use ouro_adapter_sqlite::SqliteDatabases;
use ouro_core::id::DatabaseId;
use ouro_core::ports::database::conformance::{query, statement};
use ouro_core::ports::database::{Database, DatabaseBackend, DatabaseError, Value};

/// Set for the copy: the data directory.
const CHILD_DATA: &str = "OURO_TEST_DATA";

const ID: &str = "db_crash";

/// This test program, running one test alone, after `shell` commands.
fn child(shell: &str, test: &str, data: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{shell} exec \"$@\""))
        .arg("sh")
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env(CHILD_DATA, data);
    command
}

async fn open(data: impl AsRef<Path>) -> (SqliteDatabases, std::sync::Arc<dyn Database>) {
    let backend = SqliteDatabases::open(data).expect("open");
    let id = DatabaseId::from(ID);
    backend.create(&id).await.expect("create");
    let database = backend.open(&id).await.expect("open");
    (backend, database)
}

fn pair(n: i64) -> Vec<ouro_core::ports::database::Statement> {
    let row = || {
        let params = [Value::Integer(n), Value::Blob(vec![0; 20_000])];
        statement("INSERT INTO t VALUES (?, ?)", params)
    };
    vec![row(), row()]
}

async fn assert_pairs_are_whole(data: &Path) {
    let (_backend, database) = open(data).await;
    let check = query(&*database, "PRAGMA integrity_check", []).await;
    assert_eq!(check.rows, [[Value::Text("ok".to_owned())]]);
    let halves = "SELECT n FROM t GROUP BY n HAVING count(*) <> 2";
    assert!(query(&*database, halves, []).await.rows.is_empty());
    let some = query(&*database, "SELECT 1 FROM t LIMIT 1", []).await;
    assert_eq!(some.rows.len(), 1, "what was committed is there");
}

/// A limit on file sizes stands in for a full disk: the same write fails, and it needs no mount.
#[tokio::test]
async fn a_full_disk_is_unavailable_and_loses_nothing() {
    if let Some(data) = std::env::var_os(CHILD_DATA) {
        let (_backend, database) = open(data).await;
        query(&*database, "CREATE TABLE t (n, x)", []).await;
        let mut n = 0;
        let error = loop {
            n += 1;
            match database.query(pair(n)).await {
                Ok(_) => assert!(n < 1_000, "the disk never fills"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, DatabaseError::Unavailable(_)), "{error:?}");
        query(&*database, "SELECT count(*) FROM t", []).await;
        return;
    }
    let data = tempfile::tempdir().expect("temporary directory");
    let test = "crashes::a_full_disk_is_unavailable_and_loses_nothing";
    let limited = "trap '' XFSZ; ulimit -f 2048;";
    let status = child(limited, test, data.path()).status().expect("run");
    assert!(status.success());
    assert_pairs_are_whole(data.path()).await;
}

#[tokio::test]
async fn a_killed_process_leaves_whole_batches() {
    if let Some(data) = std::env::var_os(CHILD_DATA) {
        let (_backend, database) = open(data).await;
        query(&*database, "CREATE TABLE IF NOT EXISTS t (n, x)", []).await;
        let last = query(&*database, "SELECT coalesce(max(n), 0) FROM t", []).await;
        let Value::Integer(mut n) = last.rows[0][0] else {
            panic!("{last:?}");
        };
        loop {
            n += 1;
            database.query(pair(n)).await.expect("write");
            println!("wrote");
            std::io::stdout().flush().expect("flush");
        }
    }
    let data = tempfile::tempdir().expect("temporary directory");
    for round in 1..=5 {
        let mut writer = child(
            "",
            "crashes::a_killed_process_leaves_whole_batches",
            data.path(),
        )
        .stdout(Stdio::piped())
        .spawn()
        .expect("run");
        let output = writer.stdout.take().expect("piped");
        let lines = BufReader::new(output).lines();
        let wrote = lines.map(|line| line.expect("a line"));
        assert_eq!(
            wrote
                .filter(|line| line.contains("wrote"))
                .take(round * 3)
                .count(),
            round * 3
        );
        writer.kill().expect("kill -9");
        writer.wait().expect("wait");
        assert_pairs_are_whole(data.path()).await;
    }
}
