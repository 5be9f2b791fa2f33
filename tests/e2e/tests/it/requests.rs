//! What a worker sees of a request, and what a client sees of its answer.

use bytes::Bytes;
use http::Request;
use http_body_util::{Empty, Full};
use ouro_test_harness::{TestServer, Upstream};
use serde_json::json;

const HELLO: &str = r#"export default { fetch() { return new Response("Hello, world!\n"); } };"#;

#[tokio::test]
async fn a_typescript_worker_answers_on_its_own_host() {
    let server = TestServer::shared().await;
    server.deploy("hello", HELLO).await;
    let answer = server.get("hello", "/").await.expect(200);
    assert_eq!(answer.text(), "Hello, world!\n");
    assert_eq!(answer.header("content-length"), "14");
    assert_eq!(answer.header("content-type"), "text/plain;charset=UTF-8");
    assert!(!answer.header("date").is_empty());
    assert_eq!(answer.header("x-request-id").len(), "exe_".len() + 32);
}

#[tokio::test]
async fn the_host_is_matched_in_any_case_and_with_any_port() {
    let server = TestServer::shared().await;
    server.deploy("any-case", HELLO).await;
    for host in [
        "any-case.localhost",
        "ANY-case.LocalHost:80",
        "any-case.localhost:9999",
    ] {
        server.client.get(host, "/").await.expect(200);
    }
}

#[tokio::test]
async fn an_unknown_host_is_404() {
    let server = TestServer::shared().await;
    for host in [
        "nobody.localhost",
        "a.b.localhost",
        "example.org",
        "localhost.example.org",
    ] {
        let answer = server.client.get(host, "/").await.expect(404);
        let body = answer.json();
        assert_eq!(body["code"], "unknown_host");
        assert_eq!(body["message"], format!("no worker is served at `{host}`"));
        assert_eq!(body["request_id"], answer.header("x-request-id"));
    }
}

#[tokio::test]
async fn every_request_gets_a_fresh_instance() {
    let server = TestServer::shared().await;
    let source = r#"
        let count = 0;
        export default { fetch() { count += 1; globalThis.seen = (globalThis.seen ?? 0) + 1; return Response.json([count, globalThis.seen]); } };
    "#;
    server.deploy("fresh", source).await;
    for _ in 0..3 {
        assert_eq!(
            server.get("fresh", "/").await.expect(200).json(),
            json!([1, 1])
        );
    }
}

#[tokio::test]
async fn randomness_differs_between_requests() {
    let server = TestServer::shared().await;
    let source = r#"export default { fetch() { return Response.json([Math.random(), crypto.randomUUID()]); } };"#;
    server.deploy("random", source).await;
    let first = server.get("random", "/").await.expect(200).json();
    let second = server.get("random", "/").await.expect(200).json();
    assert_ne!(first[0], second[0]);
    assert_ne!(first[1], second[1]);
}

#[tokio::test]
async fn a_worker_sees_method_url_headers_and_body() {
    let server = TestServer::shared().await;
    let source = r#"
        export default {
            async fetch(request: Request) {
                const { method, url, headers } = request;
                return Response.json({ method, url, header: headers.get("x-test"), body: await request.text() }, { status: 201, headers: { "x-answer": "yes" } });
            },
        };
    "#;
    server.deploy("echo", source).await;
    let request = Request::put("/a%20path?q=1&q=2")
        .header("x-test", "a, b")
        .body(Full::new(Bytes::from("{\"ü\":1}")));
    let answer = server
        .client
        .call("echo.localhost", request.expect("a request"))
        .await
        .expect(201);
    assert_eq!(answer.header("x-answer"), "yes");
    let url = "http://echo.localhost/a%20path?q=1&q=2";
    assert_eq!(
        answer.json(),
        json!({ "method": "PUT", "url": url, "header": "a, b", "body": "{\"ü\":1}" })
    );
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = TestServer::shared().await;
    server.deploy("head", HELLO).await;
    let request = Request::head("/")
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let answer = server
        .client
        .call("head.localhost", request)
        .await
        .expect(200);
    assert_eq!(answer.header("content-length"), "14");
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn several_cookies_are_several_fields() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { fetch() {
            const headers = new Headers();
            headers.append("set-cookie", "a=1");
            headers.append("set-cookie", "b=2");
            return new Response(null, { status: 204, headers });
        } };
    "#;
    server.deploy("cookies", source).await;
    let answer = server.get("cookies", "/").await.expect(204);
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
}

#[tokio::test]
async fn wait_until_runs_to_its_end_after_the_response() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { fetch(request, env, ctx) {
            ctx.waitUntil((async () => { await new Promise((resolve) => setTimeout(resolve, 100)); console.log("after"); })());
            return new Response("now");
        } };
    "#;
    server.deploy("later", source).await;
    assert_eq!(server.get("later", "/").await.expect(200).text(), "now");
    let records = server.api.executions("later", 1).await;
    assert_eq!(records[0]["console"][0]["message"], "after");
}

#[tokio::test]
async fn a_wait_until_that_fails_first_does_not_take_the_answers_place() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { async fetch(request, env, ctx) {
            ctx.waitUntil(Promise.reject(new Error("background")));
            await null;
            return new Response("answered");
        } };
    "#;
    server.deploy("background", source).await;
    let answer = server.get("background", "/").await.expect(200);
    assert_eq!(answer.text(), "answered");
    let records = server.api.executions("background", 1).await;
    assert_eq!(records[0]["outcome"], "exception");
    assert!(records[0]["error"].to_string().contains("background"));
}

#[tokio::test]
async fn outbound_fetch_reaches_another_server() {
    let server = TestServer::shared().await;
    let upstream = Upstream::start().await;
    let source = r#"
        export default { async fetch(request) {
            const response = await fetch(await request.text(), { method: "POST", body: "data", headers: { "x-from": "worker" } });
            return new Response(response.body, response);
        } };
    "#;
    server.deploy("outbound", source).await;
    let answer = server
        .post("outbound", "/", upstream.url("/path?q=1"))
        .await
        .expect(200);
    assert_eq!(answer.text(), "data");
    assert_eq!(answer.header("x-request"), "POST /path?q=1 worker");
}

#[tokio::test]
async fn outbound_bodies_stream_both_ways() {
    let server = TestServer::shared().await;
    let upstream = Upstream::start().await;
    let source = r#"
        export default { async fetch(request, env) {
            const to = request.headers.get("x-to");
            return fetch(to, { method: "POST", body: request.body, duplex: "half" });
        } };
    "#;
    server.deploy("proxy", source).await;
    let body = Bytes::from(vec![7; 3_000_000]);
    let request = Request::post("/")
        .header("x-to", upstream.url("/"))
        .body(Full::new(body.clone()));
    let answer = server
        .client
        .call("proxy.localhost", request.expect("a request"))
        .await
        .expect(200);
    assert_eq!(answer.body, body);
}

#[tokio::test]
async fn an_outbound_fetch_that_reaches_nobody_is_an_error_of_the_worker() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { async fetch(request) {
            try { await fetch(await request.text()); return new Response("reached"); } catch (e) { return new Response(e.name); }
        } };
    "#;
    server.deploy("unreachable", source).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its address");
    assert_eq!(
        server
            .post("unreachable", "/", format!("http://{free}/"))
            .await
            .expect(200)
            .text(),
        "TypeError"
    );
}
