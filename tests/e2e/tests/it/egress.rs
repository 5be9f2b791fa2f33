//! Whom workers reach over the network: nobody in private networks but what the operator opens, and of the rest what the version allows.

use ouro_test_harness::{Deploy, TestServer, TestServerOptions, Upstream};
use serde_json::{Value, json};

/// Answers with what `fetch` of the body's URL gives, or with its error; for `ws:` it asks for a WebSocket.
const ASK: &str = r#"
    export default { async fetch(request) {
        const url = await request.text();
        const headers = url.startsWith("ws:") ? { upgrade: "websocket" } : {};
        try {
            return new Response(`${(await fetch(url.replace("ws:", "http:"), { headers })).status}`);
        } catch (error) {
            return new Response(error.message);
        }
    } };
"#;

async fn start(allow: &str) -> TestServer {
    TestServer::with(TestServerOptions::with_built_management().set("outbound.allow", allow)).await
}

async fn deploy(server: &TestServer, name: &str, allow_net: Value) {
    let deploy = Deploy::default().field("allow_net", allow_net);
    server.deploy_with(name, ASK, deploy).await;
}

async fn ask(server: &TestServer, worker: &str, url: &str) -> String {
    let answer = server.post(worker, "/", url.to_owned()).await;
    answer.expect(200).text().to_owned()
}

#[tokio::test]
async fn private_addresses_are_out_of_reach_however_they_are_written() {
    let server = start("").await;
    let upstream = Upstream::start().await;
    deploy(&server, "ask", json!(true)).await;
    let port = upstream.address().port();
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f000001",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
    ] {
        for scheme in ["http", "ws"] {
            let said = ask(&server, "ask", &format!("{scheme}://{host}:{port}/")).await;
            assert!(said.contains("not allowed"), "{scheme} {host}: {said}");
        }
    }
}

#[tokio::test]
async fn the_node_itself_is_out_of_reach_under_names_that_it_does_not_serve() {
    let server = start("").await;
    deploy(&server, "ask", json!(true)).await;
    let url = format!("http://{}/api/v1/workers", server.client.address());
    let said = ask(&server, "ask", &url).await;
    assert!(said.contains("not allowed"), "{said}");
}

#[tokio::test]
async fn a_redirect_leads_no_further_than_a_request() {
    let (open, closed) = (Upstream::start().await, Upstream::start().await);
    let server = start(&open.address().to_string()).await;
    deploy(&server, "ask", json!(true)).await;
    assert_eq!(ask(&server, "ask", &open.url("/")).await, "200");
    let home = open.url(&format!("/redirect?{}", open.url("/")));
    assert_eq!(ask(&server, "ask", &home).await, "200");
    let away = open.url(&format!("/redirect?{}", closed.url("/")));
    let said = ask(&server, "ask", &away).await;
    assert!(said.contains("not allowed"), "{said}");
    deploy(&server, "ask-home", json!([open.address().to_string()])).await;
    let unlisted = format!("http://localhost:{}/", open.address().port());
    let away = open.url(&format!("/redirect?{unlisted}"));
    let said = ask(&server, "ask-home", &away).await;
    assert!(said.contains("`allow_net`"), "{said}");
}

#[tokio::test]
async fn a_version_reaches_the_hosts_that_it_allows() {
    let server = start("127.0.0.0/8").await;
    let upstream = Upstream::start().await;
    let host = upstream.address().to_string();
    let named = format!("localhost:{}", upstream.address().port());
    for (name, allow_net, reached) in [
        ("everybody", json!(true), true),
        ("nobody", json!(false), false),
        ("listed", json!([host]), true),
        ("unlisted", json!([named, "example.com"]), false),
        ("another-port", json!(["127.0.0.1:9"]), false),
    ] {
        deploy(&server, name, allow_net).await;
        let said = ask(&server, name, &upstream.url("/")).await;
        assert_eq!(said == "200", reached, "{name}: {said}");
        assert_ne!(said.contains("`allow_net`"), reached, "{name}: {said}");
        let socket = upstream.url("/").replace("http:", "ws:");
        let said = ask(&server, name, &socket).await;
        // The upstream speaks no WebSocket, and answers as ever.
        assert_eq!(said == "200", reached, "{name}: {said}");
        assert_ne!(said.contains("`allow_net`"), reached, "{name}: {said}");
    }
}

#[tokio::test]
async fn a_connection_that_one_worker_opened_serves_none_that_may_not_ask() {
    let server = start("127.0.0.0/8").await;
    let upstream = Upstream::start().await;
    deploy(&server, "may", json!(true)).await;
    deploy(&server, "may-not", json!(["example.com"])).await;
    assert_eq!(ask(&server, "may", &upstream.url("/")).await, "200");
    let said = ask(&server, "may-not", &upstream.url("/")).await;
    assert!(said.contains("not allowed"), "{said}");
}

#[tokio::test]
async fn a_list_with_what_is_no_host_is_refused_by_name() {
    let server = start("").await;
    let component = ouro_test_harness::build_worker(ASK);
    for wrong in [
        json!(["http://example.com"]),
        json!(["*"]),
        json!("all"),
        json!(7),
    ] {
        let deploy = Deploy::default().field("allow_net", wrong.clone());
        let answer = server.api.deploy("wrong", &component, deploy).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(
            answer.text().contains("allow_net"),
            "{wrong}: {}",
            answer.text()
        );
    }
}
