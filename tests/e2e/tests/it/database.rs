//! The D1 client API over SQLite.

use ouro_test_harness::{Deploy, TestServer};
use serde_json::{Value, json};

async fn deploy(server: &TestServer, name: &str, body: &str) {
    server
        .api
        .call("POST", "/databases", json!({ "name": name }))
        .await
        .expect(201);
    let source =
        format!("export default {{ async fetch(request, env) {{ const DB = env.DB; {body} }} }};");
    server
        .deploy_with(
            name,
            &source,
            Deploy::default().field("databases", json!({ "DB": name })),
        )
        .await;
}

async fn run(name: &str, body: &str) -> Value {
    let server = TestServer::shared().await;
    deploy(&server, name, body).await;
    server.get(name, "/").await.expect(200).json()
}

#[tokio::test]
async fn statements_are_prepared_bound_and_read_in_every_shape() {
    let answer = run(
        "d1-shapes",
        r#"
        await DB.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, size REAL, raw BLOB)");
        const insert = await DB.prepare("INSERT INTO t (name, size, raw) VALUES (?, ?2, ?3)").bind("a", 1.5, new Uint8Array([1, 2])).run();
        await DB.prepare("INSERT INTO t (name) VALUES (?)").bind(null).run();
        const select = DB.prepare("SELECT id, name, size FROM t ORDER BY id");
        return Response.json({
            insert: [insert.success, insert.meta.changes, insert.meta.last_row_id],
            all: (await select.all()).results,
            first: await select.first(),
            column: await select.first("size"),
            raw: await select.raw(),
            none: await DB.prepare("SELECT 1 FROM t WHERE id = 99").first(),
        });
        "#,
    );
    let expected = json!({
        "insert": [true, 1, 1],
        "all": [{ "id": 1, "name": "a", "size": 1.5 }, { "id": 2, "name": null, "size": null }],
        "first": { "id": 1, "name": "a", "size": 1.5 },
        "column": 1.5,
        "raw": [[1, "a", 1.5], [2, null, null]],
        "none": null,
    });
    assert_eq!(answer.await, expected);
}

#[tokio::test]
async fn a_batch_is_one_transaction() {
    let answer = run(
        "d1-batch",
        r#"
        await DB.exec("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        const insert = DB.prepare("INSERT INTO t VALUES (?)");
        await DB.batch([insert.bind(1), insert.bind(2)]);
        let error = null;
        try { await DB.batch([insert.bind(3), insert.bind(1)]); } catch (e) { error = e.message; }
        return Response.json({ rows: await DB.prepare("SELECT id FROM t").raw(), failed: error !== null && /UNIQUE/.test(error) });
        "#,
    );
    assert_eq!(answer.await, json!({ "rows": [[1], [2]], "failed": true }));
}

#[tokio::test]
async fn data_outlives_the_instance_and_the_version() {
    let server = TestServer::shared().await;
    let counter = r#"
        await DB.exec("CREATE TABLE IF NOT EXISTS c (n INTEGER)");
        await DB.prepare("INSERT INTO c VALUES (1)").run();
        return Response.json(await DB.prepare("SELECT count(*) AS n FROM c").first("n"));
    "#;
    deploy(&server, "d1-counter", counter).await;
    for expected in 1..=3 {
        assert_eq!(
            server.get("d1-counter", "/").await.expect(200).json(),
            json!(expected)
        );
    }
    let path = "/databases/d1-counter/exec";
    let answer = server.api.call(
        "POST",
        path,
        json!({ "sql": "SELECT count(*) FROM c WHERE n = ?", "params": [1] }),
    );
    assert_eq!(answer.await.expect(200).json()["rows"], json!([[3]]));
    // A live version uses it.
    server
        .api
        .call("DELETE", "/databases/d1-counter", Value::Null)
        .await
        .expect(409);
}

#[tokio::test]
async fn the_file_system_is_out_of_reach_of_sql() {
    let answer = run(
        "d1-hostile",
        r#"
        const refused = [];
        for (const sql of ["ATTACH DATABASE '../platform.db' AS p", "VACUUM INTO '/dev/shm/copy.db'", "PRAGMA journal_mode = DELETE", "SELECT load_extension('x')"]) {
            try { await DB.prepare(sql).run(); refused.push(false); } catch { refused.push(true); }
        }
        return Response.json(refused);
        "#,
    );
    assert_eq!(answer.await, json!([true, true, true, true]));
}
