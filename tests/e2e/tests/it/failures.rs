//! Workers that fail: the client learns nothing but the request's id, the operator everything, and the neighbours don't notice.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use ouro_test_harness::{Deploy, TestServer, TestServerOptions, eventually};
use serde_json::json;

const THROWS: &str = r#"
interface Order { id: number }

function total(order: Order): number {
    throw new TypeError(`no price for secret order ${order.id}`);
}

export default { fetch() { return new Response(String(total({ id: 7 }))); } };
"#;

#[tokio::test]
async fn a_handler_that_throws_is_500_with_a_request_id() {
    let server = TestServer::shared().await;
    server.deploy("throws", THROWS).await;
    let answer = server.get("throws", "/").await.expect(500);
    let id = answer.header("x-request-id");
    assert_eq!(
        answer.json(),
        json!({ "code": "worker_error", "message": "the worker failed", "request_id": id })
    );

    let record = &server.api.executions("throws", 1).await[0];
    assert_eq!(record["id"], id);
    assert_eq!(record["outcome"], "exception");
    assert_eq!(record["status_code"], 500);
    let error = record["error"].as_str().expect("an error");
    assert!(
        error.starts_with("TypeError: no price for secret order 7"),
        "{error}"
    );
    // The line and column of `new TypeError` in the TypeScript source.
    assert!(error.contains("worker.ts:5:"), "{error}");
    assert!(error.contains("worker.ts:8:"), "{error}");
}

#[tokio::test]
async fn a_handler_without_a_response_is_500() {
    let server = TestServer::shared().await;
    server
        .deploy("silent", "export default { fetch() { return 42; } };")
        .await;
    server.get("silent", "/").await.expect(500);
}

#[tokio::test]
async fn an_endless_loop_ends_with_a_clear_error() {
    let server = TestServer::shared().await;
    let source = "export default { fetch() { for (;;) {} } };";
    server
        .deploy_with(
            "loop",
            source,
            Deploy::default().field("limits", json!({ "cpu_ms": 200 })),
        )
        .await;
    server
        .deploy(
            "loop-neighbour",
            "export default { fetch() { return new Response('ok'); } };",
        )
        .await;
    let (looping, neighbour) =
        tokio::join!(server.get("loop", "/"), server.get("loop-neighbour", "/"));
    neighbour.expect(200);
    let answer = looping.expect(503);
    assert_eq!(answer.json()["code"], "exceeded_cpu");
    assert_eq!(answer.header("x-ouro-termination"), "exceeded-cpu");
    let record = &server.api.executions("loop", 1).await[0];
    assert_eq!(record["outcome"], "exceeded-cpu");
    assert!(
        record["cpu_us"].as_u64().expect("a number") >= 150_000,
        "{record}"
    );
}

#[tokio::test]
async fn a_memory_bomb_ends_alone() {
    let server = TestServer::shared().await;
    let source = "export default { fetch() { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); } };";
    server
        .deploy_with(
            "bomb",
            source,
            Deploy::default().field("limits", json!({ "memory_bytes": 32 << 20 })),
        )
        .await;
    server
        .deploy(
            "bomb-neighbour",
            "export default { fetch() { return new Response('ok'); } };",
        )
        .await;
    let (bomb, neighbour) =
        tokio::join!(server.get("bomb", "/"), server.get("bomb-neighbour", "/"));
    neighbour.expect(200);
    let answer = bomb.expect(503);
    assert_eq!(answer.json()["code"], "exceeded_memory");
    let record = &server.api.executions("bomb", 1).await[0];
    assert_eq!(record["outcome"], "exceeded-memory");
    let peak = record["memory_bytes_max"].as_u64().expect("a number");
    assert!(peak <= 33 << 20, "{peak}");
}

#[tokio::test]
async fn a_worker_that_waits_too_long_is_504() {
    let server = TestServer::shared().await;
    let source = "export default { async fetch() { await new Promise((resolve) => setTimeout(resolve, 60_000)); return new Response(); } };";
    server
        .deploy_with(
            "slow",
            source,
            Deploy::default().field("limits", json!({ "wall_ms": 200 })),
        )
        .await;
    let answer = server.get("slow", "/").await.expect(504);
    assert_eq!(answer.json()["code"], "exceeded_wall");
}

#[tokio::test]
async fn deep_recursion_is_an_error_of_the_worker() {
    let server = TestServer::shared().await;
    let source = "function f(n) { return 1 + f(n + 1); } export default { fetch() { try { f(0); } catch (e) { return new Response(e.name); } } };";
    server.deploy("deep", source).await;
    assert_eq!(
        server.get("deep", "/").await.expect(200).text(),
        "RangeError"
    );
}

#[tokio::test]
async fn one_invocation_too_many_is_refused_and_the_next_one_served() {
    let server = TestServer::with(TestServerOptions::default().set("instances_max", 1)).await;
    let source = r#"
        export default { fetch(request) {
            if (new URL(request.url).pathname !== "/hold") return new Response("served");
            let left = 2;
            return new Response(new ReadableStream({
                async pull(c) {
                    if (left-- === 0) return c.close();
                    if (left === 0) await new Promise((resolve) => setTimeout(resolve, 1000));
                    c.enqueue(new TextEncoder().encode("x"));
                },
            }));
        } };
    "#;
    server.deploy("busy", source).await;
    let hold = Request::get("/hold")
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let body = server
        .client
        .send("busy.localhost", hold)
        .await
        .expect("a head")
        .into_body();
    let answer = server.get("busy", "/").await.expect(503);
    assert_eq!(answer.json()["code"], "overloaded");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.header("x-ouro-termination"), "overloaded");
    assert_eq!(body.collect().await.expect("a whole body").to_bytes(), "xx");
    eventually("a free instance", || async {
        (server.get("busy", "/").await.status == 200).then_some(())
    })
    .await;
    server.shut_down().await;
}
