//! Domains of customers: claimed, proven by DNS, and routed.

use ouro_test_harness::{DnsServer, TestServer, TestServerOptions};
use serde_json::{Value, json};

const WORKER: &str = "export default { fetch: (request) => new Response(request.url) };";

async fn server(dns: &DnsServer) -> TestServer {
    let options = TestServerOptions::with_built_management();
    let server = TestServer::with(options.set("domains.resolver", dns.address())).await;
    server.deploy("hello", WORKER).await;
    server
}

async fn claim(server: &TestServer, name: &str) -> Value {
    let body = json!({ "name": name, "worker": "hello" });
    let made = server.api.call("POST", "/domains", body).await;
    made.expect(201).json()
}

#[tokio::test]
async fn a_domain_serves_its_worker_once_it_is_proven() {
    let dns = DnsServer::start().await;
    let server = server(&dns).await;
    let verify = || {
        server
            .api
            .call("POST", "/domains/www.example.com/verify", Value::Null)
    };
    let domain = claim(&server, "www.example.com").await;
    let challenge = &domain["challenge"];
    assert_eq!(challenge["name"], "_ouro-challenge.www.example.com");
    server.client.get("www.example.com", "/").await.expect(404);

    let absent = verify().await.expect(422).json();
    let message = absent["message"].as_str().expect("a message");
    assert!(
        message.contains("there is no TXT record `_ouro-challenge.www.example.com`"),
        "{message}"
    );
    dns.add("_ouro-challenge.www.example.com", "another");
    verify().await.expect(422);
    server.client.get("www.example.com", "/").await.expect(404);

    let token = challenge["value"].as_str().expect("a token");
    dns.add("_ouro-challenge.www.example.com", token);
    assert_eq!(verify().await.expect(200).json()["verified"], true);
    for host in [
        "www.example.com",
        "WWW.Example.COM",
        "www.example.com.",
        "www.example.com:8080",
    ] {
        let answer = server.client.get(host, "/a").await.expect(200);
        assert!(
            answer
                .text()
                .to_lowercase()
                .starts_with("http://www.example.com"),
            "{}",
            answer.text()
        );
        assert_eq!(answer.header("x-ouro-version"), "");
    }
    for host in [
        "example.com",
        "a.www.example.com",
        "xwww.example.com",
        "www.example.com.evil",
    ] {
        server.client.get(host, "/").await.expect(404);
    }

    server
        .deploy(
            "hello",
            "export default { fetch: () => new Response('newer') };",
        )
        .await;
    let newer = server.client.get("www.example.com", "/").await.expect(200);
    assert_eq!(newer.text(), "newer", "it follows what is live");
    let renamed = server
        .api
        .call("PATCH", "/workers/hello", json!({ "name": "ciao" }))
        .await;
    renamed.expect(200);
    server.client.get("www.example.com", "/").await.expect(200);

    let path = "/domains/www.example.com";
    server
        .api
        .call("DELETE", path, Value::Null)
        .await
        .expect(204);
    server.client.get("www.example.com", "/").await.expect(404);
}

#[tokio::test]
async fn a_domain_comes_back_after_a_restart_and_goes_with_its_worker() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || {
        let options = TestServerOptions {
            data_dir: Some(folder.path().join("data")),
            ..TestServerOptions::with_built_management()
        };
        options.set("domains.verify", false)
    };
    let server = TestServer::with(options()).await;
    server.deploy("hello", WORKER).await;
    assert_eq!(claim(&server, "shop.example").await["verified"], true);
    server.client.get("shop.example", "/").await.expect(200);
    server.shut_down().await;
    let server = TestServer::with(options()).await;
    server.client.get("shop.example", "/").await.expect(200);
    server
        .api
        .call("DELETE", "/workers/hello", Value::Null)
        .await
        .expect(204);
    server.client.get("shop.example", "/").await.expect(404);
    server.shut_down().await;
}

#[tokio::test]
async fn a_dns_server_that_is_not_there_proves_nothing() {
    let dns = DnsServer::start().await;
    let server = server(&dns).await;
    claim(&server, "example.com").await;
    drop(dns);
    let answer = server
        .api
        .call("POST", "/domains/example.com/verify", Value::Null)
        .await;
    assert_eq!(answer.expect(503).json()["code"], "unavailable");
}
