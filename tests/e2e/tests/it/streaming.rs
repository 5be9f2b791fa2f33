//! Bodies stream both ways with back-pressure.

use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty};
use ouro_test_harness::{Deploy, OuroProcess, TestServer, TestServerOptions};
use serde_json::json;

const GIB: u64 = 1 << 30;
const CHUNK: usize = 64 << 10;
/// What a process may grow by while a gibibyte passes: no copy of it fits in.
const GROWTH_MAX: u64 = 128 << 20;

/// A body of so many bytes that are never in memory together.
struct Zeros(u64);

impl Body for Zeros {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        static CHUNK_OF_ZEROS: [u8; CHUNK] = [0; CHUNK];
        let size = self.0.min(CHUNK as u64);
        self.0 -= size;
        let chunk = Bytes::from_static(&CHUNK_OF_ZEROS[..size as usize]);
        Poll::Ready((size > 0).then_some(Ok(Frame::data(chunk))))
    }
}

const STREAMS: &str = r#"
export default {
    async fetch(request: Request) {
        const url = new URL(request.url);
        if (url.pathname === "/echo") return new Response(request.body);
        if (url.pathname === "/count") {
            let bytes = 0;
            for await (const chunk of request.body!) bytes += chunk.length;
            return Response.json(bytes);
        }
        let left = Number(url.searchParams.get("bytes"));
        const chunk = new Uint8Array(65536);
        return new Response(new ReadableStream({
            pull(controller) {
                if (left === 0) return controller.close();
                const size = Math.min(left, chunk.length);
                left -= size;
                controller.enqueue(chunk.subarray(0, size));
            },
        }));
    },
};
"#;

fn patient() -> Deploy {
    let limits = json!({ "cpu_ms": 300_000, "wall_ms": 300_000, "request_body_bytes": GIB });
    Deploy::default().field("limits", limits)
}

#[tokio::test]
async fn a_streamed_response_arrives_whole_and_in_chunks() {
    let server = TestServer::shared().await;
    server.deploy("streams", STREAMS).await;
    let answer = server.get("streams", "/?bytes=1000000").await.expect(200);
    assert_eq!(answer.body.len(), 1_000_000);
    assert_eq!(answer.header("content-length"), "");
    assert_eq!(answer.header("transfer-encoding"), "chunked");
}

#[tokio::test]
async fn a_request_body_streams_through_to_the_response() {
    let server = TestServer::shared().await;
    server.deploy("echo-stream", STREAMS).await;
    let body = Bytes::from(vec![7; 3_000_000]);
    assert_eq!(
        server
            .post("echo-stream", "/echo", body.clone())
            .await
            .expect(200)
            .body,
        body
    );
}

#[tokio::test]
async fn a_response_that_breaks_off_is_seen_by_the_client() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { fetch() {
            let sent = false;
            return new Response(new ReadableStream({
                async pull(c) {
                    // A failure that is known before the head leaves is a 500 instead.
                    if (sent) await new Promise((resolve) => setTimeout(resolve, 100));
                    if (sent) throw new Error("broken");
                    sent = true;
                    c.enqueue(new TextEncoder().encode("half"));
                },
            }));
        } };
    "#;
    server.deploy("breaks", source).await;
    let request = Request::get("/")
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let response = server
        .client
        .send("breaks.localhost", request)
        .await
        .expect("a head");
    assert_eq!(response.status(), 200);
    assert!(response.into_body().collect().await.is_err());
    let record = &server.api.executions("breaks", 1).await[0];
    assert_eq!(record["outcome"], "exception");
}

/// A server that leaves its data to a process. The binary may carry no management API; the one installed here is in the store.
async fn on_disk(data_dir: &Path) -> TestServer {
    let options = TestServerOptions {
        data_dir: Some(data_dir.to_owned()),
        ..Default::default()
    };
    TestServer::with(options).await
}

#[tokio::test]
async fn a_gibibyte_up_and_down_leaves_memory_flat() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path().join("data");
    let server = on_disk(&data_dir).await;
    server.deploy_with("gib", STREAMS, patient()).await;
    server.shut_down().await;

    let process = OuroProcess::serve(&data_dir, &[]);
    let host = "gib.localhost";
    process
        .client
        .get(host, "/?bytes=1000000")
        .await
        .expect(200);
    let before = process.memory_bytes();
    let mut peak = before;

    let request = Request::get(format!("/?bytes={GIB}"))
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let mut body = process
        .client
        .send(host, request)
        .await
        .expect("a head")
        .into_body();
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        let bytes = frame
            .expect("a whole body")
            .into_data()
            .map_or(0, |data| data.len() as u64);
        if received / (GIB / 16) != (received + bytes) / (GIB / 16) {
            peak = peak.max(process.memory_bytes());
        }
        received += bytes;
    }
    assert_eq!(received, GIB);

    let upload = Request::post("/count").body(Zeros(GIB)).expect("a request");
    let mut upload = std::pin::pin!(process.client.call(host, upload));
    let mut look = tokio::time::interval(std::time::Duration::from_millis(50));
    let answer = loop {
        tokio::select! {
            answer = upload.as_mut() => break answer,
            _ = look.tick() => peak = peak.max(process.memory_bytes()),
        }
    };
    assert_eq!(answer.expect(200).json(), json!(GIB));
    assert!(
        peak - before < GROWTH_MAX,
        "grew from {before} to {peak} bytes"
    );
}

const HANDS_ON: &str = r#"
export default { async fetch(request: Request, { ASSETS }: { ASSETS: { fetch(request: Request): Promise<Response> } }) {
    const response = await ASSETS.fetch(request);
    return new URL(request.url).searchParams.has("touched") ? new Response(response.body) : response;
} };
"#;
/// More than sockets and the host hold of a body together, and less than an asset may have.
const LARGE: usize = 24 << 20;

/// Hands its asset on.
fn handing_on(bytes: usize) -> Deploy {
    let contents = (0..bytes).map(|at| at as u8).collect::<Vec<_>>();
    Deploy::default()
        .file("/file", "text/plain", contents)
        .assets("binding", json!("ASSETS"))
        .assets("run_worker_first", json!(true))
}

/// A head whose body nobody reads yet.
async fn head(server: &TestServer, worker: &str) -> http::Response<impl http_body::Body> {
    let request = Request::get("/file").body(Empty::<Bytes>::new());
    let host = format!("{worker}.localhost");
    let response = server.client.send(&host, request.expect("valid")).await;
    response.expect("a head")
}

#[tokio::test]
async fn a_body_that_is_handed_on_arrives_whole() {
    let server = TestServer::shared().await;
    for (worker, bytes) in [("hands-on", 1_000), ("hands-much-on", 3_000_000)] {
        server
            .deploy_with(worker, HANDS_ON, handing_on(bytes))
            .await;
        for path in ["/file", "/file?touched"] {
            let answer = server.get(worker, path).await.expect(200);
            assert_eq!(answer.body.len(), bytes, "{path}");
            let is_right = |(at, byte): (usize, &u8)| *byte == at as u8;
            assert!(answer.body.iter().enumerate().all(is_right), "{path}");
        }
        let request = Request::head("/file").body(Empty::<Bytes>::new());
        let host = format!("{worker}.localhost");
        let answer = server.client.call(&host, request.expect("valid")).await;
        assert_eq!(
            answer.expect(200).header("content-length"),
            bytes.to_string()
        );
        for record in server.api.executions(worker, 3).await {
            assert_eq!(record["outcome"], "ok");
        }
    }
}

#[tokio::test]
async fn a_client_that_goes_away_is_no_failure_of_a_worker_that_hands_on() {
    let server = TestServer::shared().await;
    server
        .deploy_with("leaves", HANDS_ON, handing_on(LARGE))
        .await;
    drop(head(&server, "leaves").await);
    let record = &server.api.executions("leaves", 1).await[0];
    assert_eq!(
        (&record["outcome"], &record["error"]),
        (&json!("ok"), &json!(null))
    );
}

#[tokio::test]
async fn the_time_limit_holds_for_a_body_that_is_handed_on() {
    let server = TestServer::shared().await;
    let deploy = handing_on(LARGE).field("limits", json!({ "wall_ms": 500 }));
    server.deploy_with("slow-client", HANDS_ON, deploy).await;
    let response = head(&server, "slow-client").await;
    let record = &server.api.executions("slow-client", 1).await[0];
    assert_eq!(record["outcome"], "exceeded-wall");
    assert!(
        response.into_body().collect().await.is_err(),
        "it was cut off"
    );
}

#[tokio::test]
async fn slow_clients_do_not_have_bodies_kept_in_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path().join("data");
    let server = on_disk(&data_dir).await;
    let site = handing_on(LARGE).assets("run_worker_first", json!(false));
    server.deploy_with("site", HANDS_ON, site).await;
    server
        .deploy_with("proxy", HANDS_ON, handing_on(LARGE))
        .await;
    server.shut_down().await;

    let process = OuroProcess::serve(&data_dir, &[]);
    let hosts = ["site.localhost", "proxy.localhost"];
    for host in hosts {
        assert_eq!(process.client.get(host, "/file").await.body.len(), LARGE);
    }
    let before = process.memory_bytes();
    let mut unread = Vec::new();
    for host in hosts.iter().cycle().take(40) {
        let request = Request::get("/file").body(Empty::<Bytes>::new());
        let response = process.client.send(host, request.expect("valid")).await;
        unread.push(response.expect("a head"));
    }
    // Half of them have an instance each, which waits for the end.
    let grown = process.memory_bytes().saturating_sub(before);
    assert!(grown < 4 * LARGE as u64, "grew by {grown} bytes");
    for response in unread {
        let body = response.into_body().collect().await.expect("a body");
        assert_eq!(body.to_bytes().len(), LARGE);
    }
}
