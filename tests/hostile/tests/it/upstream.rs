//! Servers that answer a worker's `fetch` with what is no answer, none that ends, or more than anybody can hold.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use ouro_test_harness::{Deploy, build_worker};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::node::Node;

/// Asks the upstream for the path of its own request, and says how that went.
const ASKS: &str = r#"
    export default { async fetch(request, env) {
        const { pathname } = new URL(request.url);
        try {
            const response = await fetch(env.UPSTREAM + pathname);
            const text = await response.text();
            return new Response(`${response.status} ${text.slice(0, 100)}`);
        } catch (error) {
            return new Response(`${error.name}: ${error.message}`);
        }
    } };
"#;

/// What an upstream does once it has read the head of a request.
#[derive(Clone)]
enum Act {
    /// Sends this and closes.
    Says(Vec<u8>),
    /// Sends this, and then that for as long as somebody reads.
    Repeats(Vec<u8>, Vec<u8>),
    /// The same, slowly.
    Drips(Vec<u8>, Vec<u8>),
    /// Sends this and keeps the connection open.
    Hangs(Vec<u8>),
}

/// What has to come of it: the status of the worker's answer, the outcome, and a part of the worker's text.
type Expected = (u16, &'static str, &'static str);

const TAKEN: Expected = (200, "ok", "200 ");
const REFUSED: Expected = (200, "ok", "TypeError: ");
const LATE: Expected = (504, "exceeded-wall", "");
/// Whichever limit it was.
const ENDED: Expected = (0, "exceeded-", "");
const LARGE: Expected = (503, "exceeded-memory", "");

fn head(fields: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n").into_bytes()
}

fn with_body(fields: &str, body: &[u8]) -> Act {
    let mut all = head(&format!("{fields}\r\ncontent-length: {}", body.len()));
    all.extend_from_slice(body);
    Act::Says(all)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn acts() -> Vec<(&'static str, Act, Expected)> {
    let says = |text: &str| Act::Says(text.as_bytes().to_vec());
    let zeros = vec![0; 200 << 20];
    let bomb = gzip(&zeros);
    let nested = gzip(&gzip(&bomb));
    let cut = bomb[..bomb.len() / 2].to_vec();
    let chunked = "transfer-encoding: chunked";
    vec![
        ("closes", says(""), REFUSED),
        ("hangs", Act::Hangs(Vec::new()), LATE),
        (
            "head-hangs",
            Act::Hangs(b"HTTP/1.1 200 OK\r\n".to_vec()),
            LATE,
        ),
        (
            "head-drips",
            Act::Drips(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), b"y".to_vec()),
            LATE,
        ),
        (
            "head-endless",
            Act::Repeats(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: y\r\n".to_vec()),
            REFUSED,
        ),
        (
            "field-endless",
            Act::Repeats(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'y'; 4096]),
            REFUSED,
        ),
        (
            "noise",
            Act::Says((0..=255).cycle().take(10_000).collect()),
            REFUSED,
        ),
        ("status-none", says("HTTP/1.1 99999 OK\r\n\r\n"), REFUSED),
        ("status-zero", says("HTTP/1.1 000 OK\r\n\r\n"), REFUSED),
        ("version-none", says("HTTP/7.3 200 OK\r\n\r\n"), REFUSED),
        (
            "interim-endless",
            Act::Repeats(Vec::new(), b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
            LATE,
        ),
        (
            "switches",
            Act::Hangs(
                b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"
                    .to_vec(),
            ),
            (200, "ok", "101 "),
        ),
        ("field-nul", Act::Says(head("x: a\0b")), REFUSED),
        (
            "length-negative",
            Act::Says(head("content-length: -1")),
            REFUSED,
        ),
        (
            "lengths-two",
            Act::Says(head("content-length: 1\r\ncontent-length: 2")),
            REFUSED,
        ),
        (
            "length-giant",
            Act::Hangs(head("content-length: 18446744073709551615")),
            REFUSED,
        ),
        ("body-hangs", Act::Hangs(head("content-length: 10")), LATE),
        (
            "body-drips",
            Act::Drips(head("content-length: 1000000"), b"y".to_vec()),
            LATE,
        ),
        ("body-short", Act::Says(head("content-length: 10")), REFUSED),
        (
            "body-endless",
            Act::Repeats(head("x: y"), vec![b'y'; 65_536]),
            LARGE,
        ),
        (
            "chunk-none",
            Act::Says([head(chunked), b"zz\r\n".to_vec()].concat()),
            REFUSED,
        ),
        (
            "chunk-giant",
            Act::Hangs([head(chunked), b"fffffffffffffffff\r\n".to_vec()].concat()),
            REFUSED,
        ),
        (
            "chunk-extension",
            Act::Repeats([head(chunked), b"1;".to_vec()].concat(), vec![b'x'; 4096]),
            REFUSED,
        ),
        (
            "chunks-tiny",
            Act::Repeats(head(chunked), b"1\r\ny\r\n".to_vec()),
            ENDED,
        ),
        (
            "trailers-endless",
            Act::Repeats(
                [head(chunked), b"0\r\n".to_vec()].concat(),
                b"x: y\r\n".to_vec(),
            ),
            REFUSED,
        ),
        (
            "gzip-bomb",
            with_body("content-encoding: gzip", &bomb),
            LARGE,
        ),
        (
            "deflate-bomb",
            with_body("content-encoding: deflate", &deflate(&zeros)),
            LARGE,
        ),
        (
            "gzip-in-gzip",
            with_body("content-encoding: gzip, gzip, gzip", &nested),
            TAKEN,
        ),
        ("gzip-cut", with_body("content-encoding: gzip", &cut), LARGE),
        (
            "gzip-none",
            with_body("content-encoding: gzip", b"this is no gzip"),
            REFUSED,
        ),
        (
            "codings-many",
            with_body(
                &format!("content-encoding: gzip{}", ", gzip".repeat(500)),
                b"x",
            ),
            (200, "ok", ""),
        ),
        (
            "brotli-none",
            with_body("content-encoding: br", &[0xff; 1000]),
            REFUSED,
        ),
        (
            "zstd-none",
            with_body(
                "content-encoding: zstd",
                &[0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff, 0xff],
            ),
            TAKEN,
        ),
        (
            "redirects",
            Act::Says(
                b"HTTP/1.1 302 Found\r\nlocation: /redirects\r\ncontent-length: 0\r\n\r\n".to_vec(),
            ),
            REFUSED,
        ),
        (
            "redirect-file",
            Act::Says(
                b"HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\n\r\n"
                    .to_vec(),
            ),
            REFUSED,
        ),
        (
            "redirect-long",
            Act::Says(
                format!(
                    "HTTP/1.1 302 Found\r\nlocation: http://x/{}\r\ncontent-length: 0\r\n\r\n",
                    "y".repeat(60_000)
                )
                .into_bytes(),
            ),
            REFUSED,
        ),
        (
            "cookies",
            Act::Says(head(&format!(
                "content-length: 0{}",
                "\r\nset-cookie: a=b".repeat(900)
            ))),
            TAKEN,
        ),
        (
            "fields-many",
            Act::Says(head(&format!(
                "content-length: 0{}",
                "\r\nx: y".repeat(2_000)
            ))),
            REFUSED,
        ),
        (
            "after-body",
            Act::Says(
                [
                    head("content-length: 1"),
                    b"aHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhidden".to_vec(),
                ]
                .concat(),
            ),
            (200, "ok", "200 a"),
        ),
    ]
}

/// One server for all of them, by the path that it is asked for.
async fn start(acts: Vec<(&'static str, Act, Expected)>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acts = acts.clone();
            // The node may be gone first.
            tokio::spawn(async move { drop(serve(stream, &acts).await) });
        }
    });
    address
}

async fn serve(mut stream: TcpStream, acts: &[(&str, Act, Expected)]) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (_, act, _) = acts
        .iter()
        .find(|(name, ..)| path.trim_start_matches('/') == *name)
        .expect("a path of the table");
    match act.clone() {
        Act::Says(bytes) => stream.write_all(&bytes).await,
        Act::Hangs(bytes) => {
            stream.write_all(&bytes).await?;
            stream.read_to_end(&mut Vec::new()).await.map(drop)
        }
        Act::Repeats(first, then) => {
            let then = then.repeat(65_536 / then.len() + 1);
            stream.write_all(&first).await?;
            loop {
                stream.write_all(&then).await?;
            }
        }
        Act::Drips(first, then) => {
            stream.write_all(&first).await?;
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                stream.write_all(&then).await?;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upstreams_end_the_worker_that_asks_them_at_most() {
    let mut node = Node::start(&["--outbound-allow", "127.0.0.0/8"]).await;
    let acts = acts();
    let upstream = start(acts.clone()).await;
    let deploy = Deploy::default()
        .field("vars", json!({ "UPSTREAM": format!("http://{upstream}") }))
        .field(
            "limits",
            json!({ "cpu_ms": 5_000, "wall_ms": 1_000, "memory_bytes": 32 << 20 }),
        );
    let deployed = node.api().deploy("asks", &build_worker(ASKS), deploy).await;
    deployed.expect(201);
    node.settle();
    let mut wrong = Vec::new();
    for (name, _, (status, outcome, text)) in &acts {
        let answer = node
            .client()
            .get("asks.localhost", &format!("/{name}"))
            .await;
        let record = record(&node, answer.header("x-request-id")).await;
        let ended = record["outcome"].as_str().expect("an outcome");
        let body = String::from_utf8_lossy(&answer.body);
        let is_status = answer.status == *status || (*status == 0 && answer.status.as_u16() >= 500);
        if !is_status || !ended.starts_with(outcome) || !body.contains(text) {
            wrong.push(format!("{name}: {} {ended} {body}", answer.status));
        }
        node.is_unharmed(name).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    node.is_as_before("all upstreams").await;
}

async fn record(node: &Node, id: &str) -> Value {
    crate::programs::record(node, "asks", id).await
}

/// Bodies of requests are the worker's to take apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_expands_ends_the_worker_that_expands_it() {
    let source = r#"
        export default { async fetch(request) {
            const whole = request.body.pipeThrough(new DecompressionStream(new URL(request.url).pathname.slice(1)));
            return new Response(String((await new Response(whole).arrayBuffer()).byteLength));
        } };
    "#;
    let mut node = Node::start(&[]).await;
    let deploy = Deploy::default().field(
        "limits",
        json!({ "cpu_ms": 10_000, "memory_bytes": 32 << 20 }),
    );
    let deployed = node
        .api()
        .deploy("expands", &build_worker(source), deploy)
        .await;
    deployed.expect(201);
    node.settle();
    let zeros = vec![0; 200 << 20];
    for (format, bomb) in [("gzip", gzip(&zeros)), ("deflate-raw", deflate(&zeros))] {
        let answer = node
            .client()
            .post("expands.localhost", &format!("/{format}"), bomb)
            .await;
        let answer = answer.expect(503);
        assert_eq!(
            answer.header("x-ouro-termination"),
            "exceeded-memory",
            "{format}"
        );
        let record = crate::programs::record(&node, "expands", answer.header("x-request-id")).await;
        assert_eq!(record["outcome"], "exceeded-memory", "{format}");
        node.is_unharmed(format).await;
    }
    node.is_as_before("requests that expand").await;
}
