//! Clients that take their time: at the head, at the body, at reading.

use std::time::Duration;

use futures_util::future::join_all;
use ouro_test_harness::{Deploy, build_worker, eventually};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::node::Node;
use crate::raw::{read_to_end, status};

const SLOW: usize = 300;

const WORKER: &str = r#"
    export default { async fetch(request) {
        if (request.method === "POST") return new Response(await request.text());
        const chunk = new Uint8Array(65_536);
        return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
    } };
"#;

async fn node() -> Node {
    let mut node = Node::start(&["--head-timeout-ms", "1500"]).await;
    let deploy = Deploy::default()
        .field(
            "limits",
            json!({ "wall_ms": 1_500, "memory_bytes": 32 << 20, "invocations_at_once": 500 }),
        )
        .file("/large", "application/octet-stream", vec![0_u8; 20 << 20]);
    let deployed = node
        .api()
        .deploy("slow", &build_worker(WORKER), deploy)
        .await;
    deployed.expect(201);
    node.settle();
    node
}

async fn connections(node: &Node, count: usize) -> Vec<TcpStream> {
    let address = node.client().address();
    let connect = async |_| TcpStream::connect(address).await.expect("a connection");
    join_all((0..count).map(connect)).await
}

/// Sends the bytes one by one, with pauses, for as long as the other side listens; answers with what it said.
async fn drip(mut stream: TcpStream, first: &str, then: &str) -> String {
    stream
        .write_all(first.as_bytes())
        .await
        .expect("a beginning");
    for byte in then.bytes().cycle() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut heard = [0; 1];
        let peeked = tokio::time::timeout(Duration::from_millis(1), stream.peek(&mut heard)).await;
        if peeked.is_ok() || stream.write_all(&[byte]).await.is_err() {
            break;
        }
    }
    read_to_end(&mut stream).await
}

/// No more connections than the neighbour's, the test's own and what they leave idle.
async fn are_closed(node: &Node) {
    eventually("the slow connections are closed", || async {
        (node.metrics().await.get("ouro_http_connections", &[]) < 20.0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_come_byte_by_byte_are_not_waited_for() {
    let node = node().await;
    let slow = connections(&node, SLOW).await;
    let heads = slow
        .into_iter()
        .map(|it| drip(it, "GET / HTTP/1.1\r\nhost: slow.localhost\r\nx-a: ", "y"));
    let answers = join_all(heads).await;
    assert!(
        answers.iter().all(|it| matches!(status(it), 0 | 408)),
        "{answers:?}"
    );
    are_closed(&node).await;
    node.is_as_before("slow heads").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_come_byte_by_byte_take_the_time_of_their_worker() {
    let node = node().await;
    let slow = connections(&node, SLOW).await;
    let head = "POST / HTTP/1.1\r\nhost: slow.localhost\r\ncontent-length: 1000000\r\n\r\n";
    let answers = join_all(slow.into_iter().map(|it| drip(it, head, "y"))).await;
    assert!(answers.iter().all(|it| status(it) == 504), "{answers:?}");
    are_closed(&node).await;
    node.is_as_before("slow bodies").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_reads_take_the_time_of_their_worker() {
    let node = node().await;
    are_not_read(&node, "/").await;
    node.is_as_before("answers that nobody reads").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assets_that_nobody_reads_are_given_up() {
    let node = node().await;
    are_not_read(&node, "/large").await;
    node.is_as_before("assets that nobody reads").await;
}

/// Asks many times, and reads no more than the first line.
async fn are_not_read(node: &Node, path: &str) {
    let address = node.client().address();
    let ask = async |_| {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let head = format!("GET {path} HTTP/1.1\r\nhost: slow.localhost\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("a request");
        let mut line = [0; 12];
        stream.read_exact(&mut line).await.expect("a head");
        // Where so many begin at once, the time of some is over before they had a turn.
        assert!(
            [b"HTTP/1.1 200", b"HTTP/1.1 504"].contains(&&line),
            "{line:?}"
        );
        stream
    };
    let slow = join_all((0..SLOW).map(ask)).await;
    are_closed(node).await;
    drop(slow);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_are_closed() {
    let node = node().await;
    let mut idle = connections(&node, SLOW).await;
    for stream in &mut idle[..SLOW / 2] {
        let head = b"GET / HTTP/1.1\r\nhost: quiet.localhost\r\n\r\n";
        stream.write_all(head).await.expect("a request");
    }
    are_closed(&node).await;
    node.is_as_before("idle connections").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_sent_ahead_wait_in_the_clients_own_memory() {
    let node = node().await;
    let request = "GET / HTTP/1.1\r\nhost: quiet.localhost\r\n\r\n".repeat(10_000);
    let ahead = connections(&node, 20).await.into_iter().map(|mut stream| {
        let request = request.clone();
        async move {
            let written = stream.write_all(request.as_bytes());
            // The server reads no further than it has answered, so this may never end.
            let _ = tokio::time::timeout(Duration::from_secs(2), written).await;
            stream
        }
    });
    let ahead = join_all(ahead).await;
    node.is_unharmed("requests sent ahead").await;
    drop(ahead);
    are_closed(&node).await;
    node.is_as_before("requests sent ahead").await;
}
