//! What clients send that cannot be: each gets an answer that names it, and nothing is half-done.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use ouro_core::Digest;
use ouro_test_harness::{Component, Deploy, TestServer, TestServerOptions, build_worker};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HELLO: &str = "export default { fetch() { return new Response('hello'); } };";

/// Stores bytes as a component of a worker, and answers with the refusal's message.
async fn refused(name: &str, bytes: &[u8]) -> String {
    let server = TestServer::shared().await;
    server.deploy(name, HELLO).await;
    let component = Component::from(bytes.to_vec());
    let answer = server
        .api
        .deploy(name, &component, Deploy::default())
        .await
        .expect(422);
    assert_eq!(answer.json()["code"], "unprocessable");
    // The old version serves.
    assert_eq!(server.get(name, "/").await.expect(200).text(), "hello");
    answer.json()["message"]
        .as_str()
        .expect("a message")
        .to_owned()
}

#[tokio::test]
async fn what_is_not_a_component_is_refused() {
    assert!(
        refused("no-component", b"not wasm at all")
            .await
            .contains("not a component")
    );
    // A core module: the magic number, version 1.
    assert!(
        refused("core-module", b"\0asm\x01\0\0\0")
            .await
            .contains("not a component")
    );
}

#[tokio::test]
async fn a_cut_off_component_is_refused() {
    let whole = build_worker(HELLO).bytes;
    for length in [whole.len() / 2, whole.len() - 1] {
        refused("cut-off", &whole[..length]).await;
    }
}

#[tokio::test]
async fn an_upload_with_another_digest_is_400_and_not_stored() {
    let server = TestServer::shared().await;
    let digest = Digest::of(b"what was announced");
    let answer = server
        .api
        .upload(digest, Bytes::from_static(b"what came"))
        .await
        .expect(400);
    let issue = &answer.json()["issues"][0];
    assert_eq!(issue["path"], "digest");
    let actual = Digest::of(b"what came").to_string();
    assert!(
        issue["message"]
            .as_str()
            .is_some_and(|text| text.contains(&actual)),
        "{issue}"
    );
    assert_eq!(answer.json()["request_id"], answer.header("x-request-id"));
    let missing = server
        .api
        .call("POST", "/artifacts/missing", json!({ "digests": [digest] }))
        .await
        .json();
    assert_eq!(missing["missing"], json!([digest]));
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_not_stored() {
    let server = TestServer::shared().await;
    let token = std::fs::read_to_string(server.data_dir().join("admin-token")).expect("the token");
    let digest = Digest::of(b"cut short!");
    let mut stream = TcpStream::connect(server.client.address())
        .await
        .expect("a connection");
    let head = format!(
        "PUT /api/v1/artifacts/{digest} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-length: 10\r\n\r\ncut s",
        token.trim()
    );
    stream.write_all(head.as_bytes()).await.expect("a head");
    stream.shutdown().await.expect("a half-closed connection");
    let mut answer = Vec::new();
    // A reset is as good as an answer.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(
        !answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    let missing = server
        .api
        .call("POST", "/artifacts/missing", json!({ "digests": [digest] }))
        .await
        .json();
    assert_eq!(missing["missing"], json!([digest]));
}

#[tokio::test]
async fn a_name_that_is_no_dns_label_is_400_and_names_the_field() {
    let server = TestServer::shared().await;
    for name in ["", "-a", "a-", "A", "a.b", "a_b", &"x".repeat(64)] {
        let answer = server
            .api
            .call("POST", "/workers", json!({ "name": name }))
            .await
            .expect(400)
            .json();
        assert_eq!(answer["issues"][0]["path"], "name", "{answer}");
    }
}

#[tokio::test]
async fn a_name_that_is_taken_is_409() {
    let server = TestServer::shared().await;
    server
        .api
        .call("POST", "/workers", json!({ "name": "taken" }))
        .await
        .expect(201);
    let answer = server
        .api
        .call("POST", "/workers", json!({ "name": "taken" }))
        .await
        .expect(409)
        .json();
    assert_eq!(answer["code"], "conflict");
    server
        .api
        .call("POST", "/workers", json!({ "name": "management" }))
        .await
        .expect(409);
}

#[tokio::test]
async fn malformed_json_is_400() {
    let server = TestServer::shared().await;
    let body = Bytes::from_static(b"{\"name\": \"x\",");
    let answer = server
        .api
        .send("POST", "/workers", "application/json", body)
        .await
        .expect(400)
        .json();
    assert_eq!(answer["code"], "invalid_request");
    let answer = server
        .api
        .call("POST", "/workers", json!({ "name": 7, "other": 1 }))
        .await
        .expect(400)
        .json();
    let paths: Vec<_> = answer["issues"]
        .as_array()
        .expect("issues")
        .iter()
        .map(|issue| &issue["path"])
        .collect();
    assert!(paths.contains(&&json!("name")), "{answer}");
}

#[tokio::test]
async fn a_head_of_ten_megabytes_is_431() {
    let server = TestServer::shared().await;
    let mut stream = TcpStream::connect(server.client.address())
        .await
        .expect("a connection");
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nx-large: ")
        .await
        .expect("a head");
    let line = vec![b'x'; 1 << 20];
    for _ in 0..10 {
        // The server may close meanwhile.
        if stream.write_all(&line).await.is_err() {
            break;
        }
    }
    let mut answer = vec![0; 12];
    stream
        .read_exact(&mut answer)
        .await
        .expect("an answer in spite of what was unread");
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 431");
    // Nobody else notices.
    server.client.get("localhost", "/health").await.expect(200);
}

#[tokio::test]
async fn a_request_without_a_host_is_400() {
    let server = TestServer::shared().await;
    for head in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a.localhost\r\nhost: b.localhost\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(server.client.address())
            .await
            .expect("a connection");
        stream.write_all(head.as_bytes()).await.expect("a head");
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 400");
    }
}

#[tokio::test]
async fn an_early_answer_to_a_large_upload_arrives() {
    let server = TestServer::shared().await;
    let body = Full::new(Bytes::from(vec![0; 20 << 20]));
    let request = Request::put(format!("/api/v1/artifacts/{}", Digest::of(b"x")))
        .body(body)
        .expect("a request");
    server.client.call("localhost", request).await.expect(401);
}

#[tokio::test]
async fn a_head_that_does_not_arrive_in_time_ends_the_connection() {
    let server = TestServer::with(TestServerOptions::default().set("head_timeout_ms", 200)).await;
    let mut stream = TcpStream::connect(server.client.address())
        .await
        .expect("a connection");
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: lo")
        .await
        .expect("half a head");
    let mut answer = Vec::new();
    // A reset is as good an end.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(
        !answer.starts_with(b"HTTP/1.1 2"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    server.shut_down().await;
}
