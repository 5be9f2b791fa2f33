//! From the head of a request to the worker that serves it, with hyper as the gateway uses it: a request reaches the worker that its host
//! names, or none.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

use super::{Entry, Target, none};
use crate::host::{self, Named};

const BASE: &str = "example.org";
const WORKERS: [&str; 5] = ["management", "hello", "a-b", "x", "example"];

pub const ENTRY: Entry = Entry {
    name: "host",
    start: || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        Box::new(Hosts(runtime.expect("a runtime")))
    },
    examples: none,
    words: &[
        b"\r\n",
        b"\r\nHost: hello.example.org\r\n",
        b"Host: ",
        b"X-Forwarded-Host: ",
        b"http://hello.example.org/",
        b".example.org",
        b"example.org",
        b"EXAMPLE.org",
        b"management",
        b"live.",
        b"user:password@",
        b":8080",
        b"[::1]",
        b"xn--",
        b"%2e",
        b"OPTIONS * HTTP/1.1\r\n",
        b"CONNECT hello.example.org:80 HTTP/1.1\r\n",
        b"\r\n ",
        b"\0",
        b",",
    ],
    memory: (1 << 20, 64),
};

struct Hosts(Runtime);

/// One request, as hyper read it.
struct Seen {
    uri: Uri,
    headers: HeaderMap,
}

impl Target for Hosts {
    fn run(&mut self, input: &[u8]) -> String {
        let seen = self.0.block_on(read(input));
        let routed = seen.iter().map(|seen| route(seen).unwrap_or("none"));
        routed.collect::<Vec<_>>().join(" ")
    }
}

async fn read(input: &[u8]) -> Vec<Seen> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (mut client, server) = tokio::io::duplex(1 << 20);
    let service = service_fn(|request: Request<Incoming>| {
        let (head, _body) = request.into_parts();
        seen.lock().expect("one thread").push(Seen {
            uri: head.uri,
            headers: head.headers,
        });
        async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(server), service);
    let exchange = async {
        // The server may have closed.
        let _ = client.write_all(input).await;
        let _ = client.shutdown().await;
        let mut answers = Vec::new();
        let _ = client.read_to_end(&mut answers).await;
    };
    let _ = tokio::join!(connection, exchange);
    std::mem::take(&mut *seen.lock().expect("one thread"))
}

fn route(seen: &Seen) -> Option<&'static str> {
    let direct = routed(seen, false);
    assert_eq!(direct, expected(seen), "{} {:?}", seen.uri, seen.headers);
    let forwarded = routed(seen, true);
    if !seen.headers.contains_key("x-forwarded-host") {
        assert_eq!(forwarded, direct, "nothing is forwarded");
    }
    direct.or(forwarded)
}

/// As the gateway does it. Its table of routes takes names in any case.
fn routed(seen: &Seen, trust_forwarded: bool) -> Option<&'static str> {
    let authority = host::authority(&seen.uri, &seen.headers, trust_forwarded)?;
    let Named::Live(name) = host::parse(authority, BASE)? else {
        return None;
    };
    let mut workers = WORKERS.into_iter();
    workers.find(|worker| worker.eq_ignore_ascii_case(name))
}

/// What the host names, read another way: the whole name is compared.
fn expected(seen: &Seen) -> Option<&'static str> {
    let fields: Vec<_> = seen.headers.get_all("host").iter().collect();
    let host = match (seen.uri.authority(), &fields[..]) {
        (Some(authority), _) => authority.as_str().split('@').next_back()?,
        (None, [field]) => field.to_str().ok()?,
        _ => return None,
    };
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_ours = |worker: &str| {
        name.eq_ignore_ascii_case(&format!("{worker}.{BASE}"))
            || name.eq_ignore_ascii_case(&format!("live.{worker}.{BASE}"))
            || worker == "management" && name.eq_ignore_ascii_case(BASE)
    };
    let mut workers = WORKERS.into_iter();
    workers.find(|worker| is_ours(worker) && port.bytes().all(|byte| byte.is_ascii_digit()))
}
