//! What a warm-up request leaves in a worker's snapshot is where every invocation begins.

use ouro_test_harness::{Deploy, TestServer, WarmUp, build_warm_worker};
use serde_json::json;

const LAZY: &str = r#"
let made = 0;
let table = null;
export default { fetch(request) {
    if (table === null) {
        made++;
        table = new Map([["a", 1]]);
    }
    table.set(new URL(request.url).pathname, table.size);
    return Response.json({ made, keys: [...table.keys()], chance: Math.random(), id: crypto.getRandomValues && request.url.includes("id") ? crypto.randomUUID() : null });
} };
"#;

#[tokio::test]
async fn invocations_begin_with_what_a_warm_up_request_left_and_leave_nothing_themselves() {
    let server = TestServer::shared().await;
    let worker = build_warm_worker(LAZY, &[WarmUp::get("/built")]);
    server
        .api
        .deploy("warm", &worker, Deploy::default())
        .await
        .expect(201);
    let mut chances = Vec::new();
    for path in ["/b", "/c", "/id"] {
        let answer = server.get("warm", path).await.expect(200).json();
        assert_eq!(answer["made"], json!(1));
        assert_eq!(answer["keys"], json!(["a", "/built", path]));
        chances.push(answer["chance"].to_string());
    }
    chances.dedup();
    assert_eq!(chances.len(), 3, "chance is the invocation's own");
}
