//! Clients that send what is no request, or two where others see one.

use ouro_test_harness::{Deploy, build_worker};
use serde_json::json;

use crate::node::Node;
use crate::raw::{count, exchange, status};

/// Says what it was asked, as far as it read it.
const TELLS: &str = r#"
    export default { async fetch(request) {
        let body;
        try { body = await request.text(); } catch (error) { body = error.name; }
        const { host, pathname } = new URL(request.url);
        return Response.json({ host, path: pathname, method: request.method, body });
    } };
"#;

async fn node() -> Node {
    let node = Node::start(&["--head-timeout-ms", "300"]).await;
    let deploy = Deploy::default().field(
        "limits",
        json!({ "wall_ms": 1_000, "request_body_bytes": 1_000_000 }),
    );
    let deployed = node
        .api()
        .deploy("tells", &build_worker(TELLS), deploy)
        .await;
    deployed.expect(201);
    node
}

type Case = (&'static str, Vec<u8>, &'static [u16]);

fn case(what: &'static str, bytes: impl Into<Vec<u8>>, expected: &'static [u16]) -> Case {
    (what, bytes.into(), expected)
}

/// A request that must not be seen as one where it stands in the body of another.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nhost: tells.localhost\r\n\r\n";

fn post(fields: &str, body: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: tells.localhost\r\n{fields}\r\n\r\n{body}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_end_can_be_read_in_two_ways_is_the_last_of_its_connection() {
    let node = node().await;
    let chunked = "transfer-encoding: chunked";
    let cases = [
        // RFC 9112 6.1: whoever takes it closes the connection after it.
        (
            "both lengths",
            post(
                &format!("content-length: 6\r\n{chunked}"),
                &format!("0\r\n\r\n{HIDDEN}"),
            ),
        ),
        (
            "both lengths, the other way around",
            post(
                &format!("{chunked}\r\ncontent-length: 100"),
                &format!("0\r\n\r\n{HIDDEN}"),
            ),
        ),
        // RFC 9112 6.3.
        (
            "two lengths",
            post("content-length: 0\r\ncontent-length: 50", HIDDEN),
        ),
        (
            "two lengths in one field",
            post("content-length: 0, 50", HIDDEN),
        ),
        ("a length with a sign", post("content-length: +0", HIDDEN)),
        ("a negative length", post("content-length: -1", HIDDEN)),
        (
            "a length in hexadecimal",
            post("content-length: 0x0", HIDDEN),
        ),
        (
            "a length with a space inside",
            post("content-length: 5 0", HIDDEN),
        ),
        (
            "a length that is no number of 64 bits",
            post("content-length: 18446744073709551616", HIDDEN),
        ),
        ("an empty length", post("content-length:", HIDDEN)),
        (
            "another coding at the end",
            post(
                "transfer-encoding: chunked, identity",
                &format!("0\r\n\r\n{HIDDEN}"),
            ),
        ),
        (
            "a coding that looks like another",
            post("transfer-encoding: xchunked", &format!("0\r\n\r\n{HIDDEN}")),
        ),
        (
            "a coding behind a tab",
            post(
                "transfer-encoding:\x0bchunked",
                &format!("0\r\n\r\n{HIDDEN}"),
            ),
        ),
        (
            "a coding in HTTP/1.0",
            post(chunked, &format!("0\r\n\r\n{HIDDEN}")).replacen("1.1", "1.0", 1),
        ),
        // RFC 9112 5.1.
        (
            "a space before the colon",
            post("content-length : 50", HIDDEN),
        ),
        (
            "a folded line",
            post("x-a: b\r\n content-length: 50", HIDDEN),
        ),
        ("a line without a colon", post("content-length 50", HIDDEN)),
        ("a name with NUL", post("x\0: 1", HIDDEN)),
        ("a value with NUL", post("x: \x001", HIDDEN)),
        (
            "a value with a bare CR",
            post("x: 1\rcontent-length: 50", HIDDEN),
        ),
        // RFC 9112 7.1.
        (
            "a chunk of no size",
            post(chunked, &format!("zz\r\n{HIDDEN}")),
        ),
        (
            "a chunk of a negative size",
            post(chunked, &format!("-1\r\n{HIDDEN}")),
        ),
        (
            "a chunk with a prefix",
            post(chunked, &format!("0x0\r\n\r\n{HIDDEN}")),
        ),
        (
            "a chunk of more than 64 bits",
            post(chunked, &format!("fffffffffffffffff\r\n{HIDDEN}")),
        ),
        (
            "a chunk that is longer than it says",
            post(chunked, &format!("1\r\nab\r\n0\r\n\r\n{HIDDEN}")),
        ),
        (
            "a chunk that is shorter than it says",
            post(chunked, "ff\r\nab\r\n0\r\n\r\n"),
        ),
        (
            "a chunk behind a space",
            post(chunked, &format!(" 0\r\n\r\n{HIDDEN}")),
        ),
        (
            "an extension without end",
            post(
                chunked,
                &format!("1;{}\r\na\r\n0\r\n\r\n{HIDDEN}", "x".repeat(100_000)),
            ),
        ),
        (
            "trailers without end",
            post(
                chunked,
                &format!("0\r\n{}\r\n{HIDDEN}", "x: y\r\n".repeat(100_000)),
            ),
        ),
    ];
    for (what, bytes) in cases {
        let answers = exchange(node.client().address(), bytes.as_bytes()).await;
        assert!(!answers.contains("/hidden"), "{what}: {answers}");
        assert!(count(&answers) <= 1, "{what}: {answers}");
        assert!(
            status(&answers) < 500 || answers.contains("\"code\""),
            "{what}: {answers}"
        );
        node.is_unharmed(what).await;
    }
    node.is_as_before("all of them").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_is_answered_as_such() {
    let node = node().await;
    let get =
        |line: &str, host: &str| format!("{line}\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    let (line, host) = ("GET / HTTP/1.1", "tells.localhost");
    let cases = [
        case("nothing", b"\r\n\r\n\r\n".to_vec(), &[0, 400]),
        case(
            "noise",
            (0..=255).cycle().take(100_000).collect::<Vec<u8>>(),
            &[0, 400],
        ),
        case("zeros", vec![0; 100_000], &[0, 400]),
        case(
            "TLS",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
            &[0, 400],
        ),
        case("HTTP/0.9", b"GET /\r\n".to_vec(), &[0, 400]),
        case(
            "HTTP/2",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            &[0, 400, 505],
        ),
        case(
            "a version that is none",
            get("GET / HTTP/9.9", host),
            &[0, 400, 505],
        ),
        case(
            "a method with a bracket",
            get("G(T / HTTP/1.1", host),
            &[400],
        ),
        case(
            "a target with a space",
            get("GET /a b HTTP/1.1", host),
            &[400],
        ),
        case(
            "a target with a control",
            get("GET /\x01 HTTP/1.1", host),
            &[400],
        ),
        case(
            "a target of a megabyte",
            get(&format!("GET /{} HTTP/1.1", "a".repeat(1 << 20)), host),
            &[400, 414, 431],
        ),
        case(
            "a method of a megabyte",
            get(&format!("{} / HTTP/1.1", "A".repeat(1 << 20)), host),
            &[400, 431],
        ),
        case(
            "ten thousand fields",
            get(&format!("{line}{}", "\r\nx: y".repeat(10_000)), host),
            &[431],
        ),
        case(
            "a cookie of a megabyte",
            get(&format!("{line}\r\ncookie: {}", "x".repeat(1 << 20)), host),
            &[431],
        ),
        case(
            "ten thousand cookies",
            get(&format!("{line}{}", "\r\ncookie: a=b".repeat(10_000)), host),
            &[431],
        ),
        case(
            "no host",
            b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n".to_vec(),
            &[400],
        ),
        case(
            "two hosts",
            get(&format!("{line}\r\nhost: {host}"), host),
            &[400],
        ),
        case("an empty host", get(line, ""), &[400]),
        case(
            "a host of controls",
            get(line, "tells\x01.localhost"),
            &[400],
        ),
        case(
            "a host with a path",
            get(line, "tells.localhost/../management"),
            &[404],
        ),
        case(
            "a host with two ports",
            get(line, "tells.localhost:1:2"),
            &[404],
        ),
        case("a host of dots", get(line, "....localhost"), &[404]),
        case(
            "a host that is a list",
            get(line, "tells.localhost, quiet.localhost"),
            &[404],
        ),
        case(
            "a host that is a user",
            get(line, "quiet@tells.localhost"),
            &[404],
        ),
        case(
            "a host of ten thousand letters",
            get(line, &format!("{}.localhost", "a".repeat(10_000))),
            &[404],
        ),
        case(
            "a target that names another host",
            get("GET http://nobody.localhost/ HTTP/1.1", host),
            &[404],
        ),
        case(
            "a target that is an authority",
            get("CONNECT tells.localhost:80 HTTP/1.1", host),
            &[200, 400, 404, 405, 500],
        ),
        case(
            "a target that is a star",
            get("OPTIONS * HTTP/1.1", host),
            &[200, 400],
        ),
        case(
            "another protocol",
            get(
                &format!(
                    "{line}\r\nupgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAA"
                ),
                host,
            ),
            &[200],
        ),
        case(
            "a body that is never sent",
            post("content-length: 100\r\nexpect: 100-continue", ""),
            &[0, 100, 408, 500, 504],
        ),
        case(
            "a body over the limit of the worker",
            post("content-length: 1000001", ""),
            &[413],
        ),
        case(
            "a body over any limit",
            post("content-length: 9223372036854775807", ""),
            &[413],
        ),
    ];
    for (what, bytes, expected) in cases {
        let answers = exchange(node.client().address(), &bytes).await;
        assert!(expected.contains(&status(&answers)), "{what}: {answers}");
        node.is_unharmed(what).await;
    }
    node.is_as_before("all of them").await;
}
