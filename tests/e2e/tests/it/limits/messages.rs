//! Bodies and heads of requests and responses.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use ouro_test_harness::{Deploy, TestServer, TestServerOptions};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{OK, assert_exceeded, deploy, record};

/// A request whose length is not announced.
fn chunked(
    path: &str,
    chunks: &[usize],
) -> Request<impl http_body::Body<Data = Bytes, Error = Infallible> + use<>> {
    let chunks: Vec<_> = chunks.iter().map(|length| vec![b'x'; *length]).collect();
    let frames = stream::iter(chunks).map(|chunk| Ok(Frame::data(Bytes::from(chunk))));
    let request = Request::post(path).body(StreamBody::new(frames));
    request.expect("a request")
}

const READS: &str = r#"
    export default { async fetch(request) {
        if (request.url.endsWith("/catch")) {
            try { await request.text(); } catch (error) { return new Response(`${error.name}: ${error.message}`); }
        }
        return new Response(String((await request.arrayBuffer()).byteLength));
    } };
"#;

#[tokio::test]
async fn a_request_body_over_its_limit_is_413() {
    let server = TestServer::shared().await;
    let limits = json!({ "request_body_bytes": 100_000 });
    deploy(&server, "limit-request", READS, limits).await;
    let host = "limit-request.localhost";
    let fits = server.post("limit-request", "/", vec![0; 100_000]).await;
    assert_eq!(fits.expect(200).text(), "100000");
    // Announced: the worker is not asked.
    let announced = server.post("limit-request", "/", vec![0; 100_001]).await;
    assert_exceeded(&announced, 413, "exceeded_request_body");

    let fits = server
        .client
        .call(host, chunked("/", &[60_000, 40_000]))
        .await;
    assert_eq!(fits.expect(200).text(), "100000");
    let grown = chunked("/", &[60_000, 40_000, 1]);
    let grown = server.client.call(host, grown).await;
    assert_exceeded(&grown, 413, "exceeded_request_body");
    let record = record(&server, "limit-request", 3).await;
    assert_eq!(record["id"], grown.header("x-request-id"));
    assert_eq!(record["outcome"], "exceeded-request-body");
    assert_eq!(record["status_code"], 413);

    // What the read throws can be caught.
    let caught = chunked("/catch", &[60_000, 40_001]);
    let caught = server.client.call(host, caught).await.expect(200);
    let text = "(limit: 100000 by `limits.request_body_bytes`)";
    assert!(
        caught.text().starts_with("TypeError: "),
        "{}",
        caught.text()
    );
    assert!(caught.text().contains(text), "{}", caught.text());
}

const ANSWERS: &str = r#"
    export default { fetch(request) {
        const { pathname, searchParams } = new URL(request.url);
        let left = Number(searchParams.get("bytes"));
        if (pathname === "/whole") return new Response("x".repeat(left));
        const chunk = Number(searchParams.get("chunk") ?? left);
        return new Response(new ReadableStream({ pull(controller) {
            const size = Math.min(left, chunk);
            if (size > 0) controller.enqueue(new Uint8Array(size));
            left -= size;
            if (left === 0) controller.close();
        } }));
    } };
"#;

#[tokio::test]
async fn a_response_body_over_its_limit_is_500_while_nothing_has_left() {
    let server = TestServer::shared().await;
    let limits = json!({ "response_body_bytes": 1_000 });
    deploy(&server, "limit-response", ANSWERS, limits).await;
    for (path, records) in [("/whole?", 2), ("/stream?", 4), ("/stream?chunk=300&", 6)] {
        let at = |bytes: u32| format!("{path}bytes={bytes}");
        let fits = server.get("limit-response", &at(1_000)).await.expect(200);
        assert_eq!(fits.body.len(), 1_000);
        let over = server.get("limit-response", &at(1_001)).await;
        assert_exceeded(&over, 500, "exceeded_response");
        let record = record(&server, "limit-response", records).await;
        assert_eq!(record["outcome"], "exceeded-response", "{path}");
        assert_eq!(record["status_code"], 500, "{path}");
    }
}

#[tokio::test]
async fn a_response_body_over_its_limit_is_cut_off_where_it_has_begun() {
    let server = TestServer::shared().await;
    let limits = json!({ "response_body_bytes": 1_000_000 });
    deploy(&server, "limit-stream", ANSWERS, limits).await;
    let fits = server
        .get("limit-stream", "/stream?bytes=1000000&chunk=10000")
        .await;
    assert_eq!(fits.expect(200).body.len(), 1_000_000);
    let over = Request::get("/stream?bytes=1000001&chunk=10000").body(Full::<Bytes>::default());
    let over = server
        .client
        .send("limit-stream.localhost", over.expect("valid"))
        .await;
    let over = over.expect("a head");
    assert_eq!(over.status(), 200);
    assert!(over.into_body().collect().await.is_err(), "it was cut off");
    let record = record(&server, "limit-stream", 2).await;
    assert_eq!(record["outcome"], "exceeded-response");
    assert_eq!(record["status_code"], 200);
}

#[tokio::test]
async fn a_body_that_is_handed_on_is_held_to_the_limit() {
    let server = TestServer::shared().await;
    let source = "export default { fetch: (request, env) => env.ASSETS.fetch(request) };";
    for (worker, bytes, limit, status) in [
        ("limit-handed-on", 2_000, 1_999, 500),
        ("limit-much-handed-on", 2_000_000, 1_999_999, 200),
    ] {
        let deploy = |limit: usize| {
            Deploy::default()
                .file("/file", "text/plain", vec![b'x'; bytes])
                .assets("binding", json!("ASSETS"))
                .assets("run_worker_first", json!(true))
                .field("limits", json!({ "response_body_bytes": limit }))
        };
        server.deploy_with(worker, source, deploy(bytes)).await;
        let fits = server.get(worker, "/file").await.expect(200);
        assert_eq!(fits.body.len(), bytes);
        server.deploy_with(worker, source, deploy(limit)).await;
        let request = Request::get("/file").body(Full::<Bytes>::default());
        let host = format!("{worker}.localhost");
        let over = server.client.send(&host, request.expect("valid")).await;
        let over = over.expect("a head");
        assert_eq!(over.status(), status);
        assert_eq!(over.into_body().collect().await.is_err(), status == 200);
        let record = record(&server, worker, 2).await;
        assert_eq!(record["outcome"], "exceeded-response");
        assert_eq!(record["status_code"], status);
    }
}

/// Status line and the rest of the answer to a head of these fields.
async fn raw(server: &TestServer, fields: &[String]) -> String {
    let mut stream = TcpStream::connect(server.client.address())
        .await
        .expect("a connection");
    // HTTP/1.0: the server closes the connection after its answer.
    let head = format!("GET / HTTP/1.0\r\n{}\r\n\r\n", fields.join("\r\n"));
    stream.write_all(head.as_bytes()).await.expect("a head");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn a_request_head_over_its_limits_is_431() {
    let server = TestServer::shared().await;
    let limits = json!({ "header_bytes": 2_000, "header_count": 20 });
    deploy(&server, "limit-head", OK, limits).await;
    let host = "host: limit-head.localhost".to_owned();
    let length = |bytes: usize| {
        let others = host.len() - ": ".len() + "x".len();
        vec![host.clone(), format!("x: {}", "y".repeat(bytes - others))]
    };
    let count = |fields: usize| {
        let more = (1..fields).map(|at| format!("x-{at}: y"));
        std::iter::once(host.clone())
            .chain(more)
            .collect::<Vec<_>>()
    };
    for (fits, over) in [(length(2_000), length(2_001)), (count(20), count(21))] {
        let answer = raw(&server, &fits).await;
        assert_eq!(answer.get(9..12), Some("200"), "{answer}");
        let answer = raw(&server, &over).await;
        assert_eq!(answer.get(9..12), Some("431"), "{answer}");
        assert!(answer.contains("\"exceeded_request_headers\""), "{answer}");
        let header = "x-ouro-termination: exceeded-request-headers";
        assert!(answer.contains(header), "{answer}");
    }
    // Over the operator's ceiling it is refused before its worker is known.
    let answer = raw(&server, &count(101)).await;
    assert_eq!(answer.get(9..12), Some("431"), "{answer}");
    assert!(!answer.contains("exceeded"), "{answer}");
}

#[tokio::test]
async fn the_operator_raises_the_ceilings_of_heads() {
    let options = TestServerOptions::with_built_management()
        .set("limits.header_bytes_max", 200_000)
        .set("limits.header_count_max", 300);
    let server = TestServer::with(options).await;
    let limits = json!({ "header_bytes": 200_000, "header_count": 300 });
    deploy(&server, "large-heads", OK, limits).await;
    let more = (1..300).map(|at| format!("x-{at}: {}", "y".repeat(500)));
    let fields: Vec<_> = std::iter::once("host: large-heads.localhost".to_owned())
        .chain(more)
        .collect();
    let answer = raw(&server, &fields).await;
    assert_eq!(answer.get(9..12), Some("200"), "{answer}");
    server.shut_down().await;
}

#[tokio::test]
async fn a_response_head_over_its_limits_is_500() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { fetch(request) {
            const { searchParams } = new URL(request.url);
            const headers = new Headers();
            const bytes = Number(searchParams.get("bytes"));
            if (bytes) headers.set("x", "y".repeat(bytes - 1));
            for (let i = 0; i < Number(searchParams.get("count")); i++) headers.set(`x-${i}`, "y");
            return new Response(null, { headers });
        } };
    "#;
    let limits = json!({ "header_bytes": 2_000, "header_count": 20 });
    deploy(&server, "limit-answer", source, limits).await;
    for (fits, over) in [("?bytes=2000", "?bytes=2001"), ("?count=20", "?count=21")] {
        server
            .get("limit-answer", &format!("/{fits}"))
            .await
            .expect(200);
        let answer = server.get("limit-answer", &format!("/{over}")).await;
        assert_exceeded(&answer, 500, "exceeded_response");
    }
    // Those of one millisecond come in any order.
    let records = server.api.executions("limit-answer", 4).await;
    let over = |limit: &str| {
        let mut over = records.iter();
        over.any(|record| {
            record["outcome"] == "exceeded-response"
                && record["error"]
                    .as_str()
                    .is_some_and(|it| it.contains(limit))
        })
    };
    assert!(
        over("limits.header_bytes") && over("limits.header_count"),
        "{records:?}"
    );
}
