//! The record of an invocation.

use ouro_test_harness::{TestServer, TestServerOptions};
use serde_json::json;

#[tokio::test]
async fn an_invocation_leaves_a_record_with_its_console_lines() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { fetch(request) {
            console.log("visited", new URL(request.url).pathname);
            console.error({ code: 7 });
            return new Response("teapot", { status: 418 });
        } };
    "#;
    server.deploy("recorded", source).await;
    let answer = server.get("recorded", "/page").await.expect(418);
    let records = server.api.executions("recorded", 1).await;
    let record = &records[0];
    assert_eq!(record["id"], answer.header("x-request-id"));
    assert_eq!(record["trigger"], "http");
    assert_eq!(record["outcome"], "ok");
    assert_eq!(record["status_code"], 418);
    assert_eq!(record["error"], json!(null));
    assert_eq!(record["console"][0]["level"], "log");
    assert_eq!(record["console"][0]["message"], "visited /page");
    assert_eq!(record["console"][1]["level"], "error");
    assert_eq!(record["console"][1]["message"], "{ code: 7 }");
    for figure in ["duration_us", "cpu_us", "memory_bytes_max"] {
        assert!(
            record[figure].as_u64().is_some_and(|value| value > 0),
            "{figure} in {record}"
        );
    }
    let live = server.api.get("/workers/recorded").await.expect(200).json();
    assert_eq!(record["version_id"], live["live"]["id"]);
}

#[tokio::test]
async fn a_list_has_what_happened_before_it_was_asked_for() {
    // Longer than the test waits.
    let options = TestServerOptions::default().set("executions.flush_ms", 60_000);
    let server = TestServer::with(options).await;
    let source = "export default { fetch: () => new Response() };";
    server.deploy("just-now", source).await;
    for count in 1..=2 {
        server.get("just-now", "/").await.expect(200);
        let records = server.api.executions("just-now", count).await;
        assert_eq!(records.len(), count);
    }
    server.shut_down().await;
}

#[tokio::test]
async fn records_are_listed_by_outcome_and_page() {
    let server = TestServer::shared().await;
    let source = "export default { fetch(r) { if (r.url.endsWith('/bad')) throw new Error('bad'); return new Response(); } };";
    server.deploy("outcomes", source).await;
    for path in ["/", "/bad", "/"] {
        server.get("outcomes", path).await;
    }
    server.api.executions("outcomes", 3).await;
    let failed = server
        .api
        .get("/workers/outcomes/executions?outcome=exception")
        .await
        .expect(200)
        .json();
    assert_eq!(failed["items"].as_array().map(Vec::len), Some(1));
    let page = server
        .api
        .get("/workers/outcomes/executions?limit=2")
        .await
        .expect(200)
        .json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
    let next = page["next"].as_str().expect("a cursor");
    let rest = server
        .api
        .get(&format!(
            "/workers/outcomes/executions?limit=2&cursor={next}"
        ))
        .await
        .expect(200)
        .json();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest["next"], json!(null));
}

#[tokio::test]
async fn under_load_records_of_successes_are_dropped_and_failures_kept() {
    let options = TestServerOptions::default().set("executions.plain_per_second", 1);
    let server = TestServer::with(options).await;
    let source = "export default { fetch(r) { if (r.url.endsWith('/bad')) throw new Error('bad'); return new Response(); } };";
    server.deploy("loaded", source).await;
    for _ in 0..50 {
        server.get("loaded", "/").await.expect(200);
    }
    server.get("loaded", "/bad").await.expect(500);
    let failed = ouro_test_harness::eventually("the record of the failure", || async {
        let page = server
            .api
            .get("/workers/loaded/executions?outcome=exception")
            .await
            .expect(200)
            .json();
        page["items"]
            .as_array()
            .filter(|items| !items.is_empty())
            .cloned()
    });
    assert_eq!(failed.await.len(), 1);
    let all = server
        .api
        .get("/workers/loaded/executions?limit=100")
        .await
        .expect(200)
        .json();
    let count = all["items"].as_array().map_or(0, Vec::len);
    assert!(count < 50, "{count} records");
    server.shut_down().await;
}
