//! Each limit at its boundary: what is just within it passes, what is just over it has the outcome that `docs/reference/limits.md` names.

mod messages;

use std::any::Any;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Instant;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Request;
use http_body::Frame;
use http_body_util::StreamBody;
use ouro_test_harness::{Answer, Deploy, OuroProcess, TestServer, TestServerOptions, eventually};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const OK: &str = "export default { fetch: () => new Response('ok') };";

async fn deploy(server: &TestServer, name: &str, source: &str, limits: Value) {
    let deploy = Deploy::default().field("limits", limits);
    server.deploy_with(name, source, deploy).await;
}

/// What the client is told of a limit, and no more.
#[track_caller]
fn assert_exceeded(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["code"], code);
    assert_eq!(answer.header("x-ouro-termination"), code.replace('_', "-"));
    assert_eq!(answer.json()["request_id"], answer.header("x-request-id"));
}

/// The latest record of a worker with so many.
async fn record(server: &TestServer, worker: &str, count: usize) -> Value {
    server.api.executions(worker, count).await[0].clone()
}

#[tokio::test]
async fn one_subrequest_too_many_is_an_exception_that_names_the_limit() {
    let server = TestServer::shared().await;
    server.deploy("limit-callee", OK).await;
    let source = r#"
        const ways = {
            fetch: () => fetch("http://limit-callee.localhost/"),
            service: (env) => env.CALLEE.fetch("http://x/"),
            socket: () => fetch("http://limit-callee.localhost/", { headers: { upgrade: "websocket" } }),
        };
        export default { async fetch(request, env) {
            const { pathname, searchParams } = new URL(request.url);
            const ask = ways[pathname.slice(1)];
            const count = Number(searchParams.get("count"));
            try {
                for (let i = 0; i < count; i++) await ask(env);
            } catch (error) {
                if (searchParams.has("catch")) return new Response(error.message);
                throw error;
            }
            return new Response("done");
        } };
    "#;
    let deploy = Deploy::default()
        .field("limits", json!({ "subrequests": 3 }))
        .field(
            "services",
            json!({ "CALLEE": { "worker": "limit-callee" } }),
        );
    server
        .deploy_with("limit-subrequests", source, deploy)
        .await;
    let mut records = 0;
    for way in ["fetch", "service", "socket"] {
        let get = |query: &str| format!("/{way}?count={query}");
        let ask = async |query: &str| server.get("limit-subrequests", &get(query)).await;
        assert_eq!(ask("3").await.expect(200).text(), "done", "{way}");
        assert_exceeded(&ask("4").await, 500, "exceeded_subrequests");
        let failed = record(&server, "limit-subrequests", records + 2).await;
        assert_eq!(failed["outcome"], "exceeded-subrequests", "{way}");
        let caught = ask("4&catch").await.expect(200);
        let text = "too many subrequests by one invocation (limit: 3 by `limits.subrequests`)";
        assert!(caught.text().contains(text), "{way}: {}", caught.text());
        records += 3;
        let went_on = record(&server, "limit-subrequests", records).await;
        assert_eq!(went_on["outcome"], "ok", "{way}");
        assert_eq!(went_on["console"][0]["message"], text, "{way}");
    }
}

/// Answers when as many requests are under way as are expected at once, and counts the most that were.
async fn meeting(expected: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    let most = Arc::new(AtomicUsize::new(0));
    let (under_way, seen) = (Arc::new(AtomicUsize::new(0)), most.clone());
    let together = Arc::new(tokio::sync::Barrier::new(expected));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (under_way, seen, together) = (under_way.clone(), seen.clone(), together.clone());
            tokio::spawn(async move {
                let mut head = [0; 1024];
                let _ = stream.read(&mut head).await;
                seen.fetch_max(under_way.fetch_add(1, SeqCst) + 1, SeqCst);
                together.wait().await;
                under_way.fetch_sub(1, SeqCst);
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (url, most)
}

#[tokio::test]
async fn subrequests_beyond_those_at_once_wait_their_turn() {
    let options = TestServerOptions::with_built_management().set("outbound.allow", "127.0.0.1");
    let server = TestServer::with(options).await;
    let (url, most) = meeting(2).await;
    let source = r#"
        export default { async fetch(request) {
            const url = await request.text();
            const answers = await Promise.all(Array.from({ length: 8 }, () => fetch(url)));
            // Nobody has to read the bodies for the others to come.
            return Response.json(await Promise.all(answers.map((answer) => answer.text())));
        } };
    "#;
    deploy(
        &server,
        "limit-at-once",
        source,
        json!({ "subrequests_at_once": 2 }),
    )
    .await;
    let answer = server.post("limit-at-once", "/", url).await.expect(200);
    assert_eq!(answer.json(), json!(vec!["ok"; 8]));
    assert_eq!(most.load(SeqCst), 2);
    server.shut_down().await;
}

#[tokio::test]
async fn one_use_of_bindings_too_many_is_an_exception_that_names_the_limit() {
    let server = TestServer::shared().await;
    let database = json!({ "name": "limit-operations" });
    server
        .api
        .call("POST", "/databases", database)
        .await
        .expect(201);
    let source = r#"
        const ways = {
            query: (env) => env.DB.prepare("SELECT 1").all(),
            exec: (env) => env.DB.exec("SELECT 1"),
            match: () => caches.default.match("http://x/"),
            delete: () => caches.default.delete("http://x/"),
            put: () => caches.default.put("http://x/", new Response("x", { headers: { "cache-control": "max-age=9" } })),
            assets: (env) => env.ASSETS.fetch("http://x/a.txt"),
        };
        export default { async fetch(request, env) {
            const { pathname, searchParams } = new URL(request.url);
            try {
                for (let i = 0; i < Number(searchParams.get("count")); i++) await ways[pathname.slice(1)](env);
            } catch (error) {
                if (searchParams.has("catch")) return new Response(error.message);
                throw error;
            }
            return new Response("done");
        } };
    "#;
    let deploy = Deploy::default()
        .field("limits", json!({ "operations": 2 }))
        .field("databases", json!({ "DB": "limit-operations" }))
        .file("/a.txt", "text/plain", "a")
        .assets("binding", json!("ASSETS"));
    server.deploy_with("limit-operations", source, deploy).await;
    let mut records = 0;
    for way in ["query", "exec", "match", "delete", "put", "assets"] {
        let ask = async |query: &str| {
            let path = format!("/{way}?count={query}");
            server.get("limit-operations", &path).await
        };
        assert_eq!(ask("2").await.expect(200).text(), "done", "{way}");
        assert_exceeded(&ask("3").await, 500, "exceeded_operations");
        let caught = ask("3&catch").await.expect(200);
        let text = "(limit: 2 by `limits.operations`)";
        assert!(caught.text().contains(text), "{way}: {}", caught.text());
        records += 3;
    }
    let all = server.api.executions("limit-operations", records).await;
    let failed = all
        .iter()
        .filter(|it| it["outcome"] == "exceeded-operations");
    assert_eq!(failed.count(), 6);
}

#[tokio::test]
async fn console_lines_over_the_limit_are_dropped_and_counted() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { async fetch(request) {
            for (const length of await request.json()) console.log("x".repeat(length));
            return new Response();
        } };
    "#;
    deploy(
        &server,
        "limit-console",
        source,
        json!({ "console_bytes": 2_000 }),
    )
    .await;
    for (lengths, kept) in [
        ("[1000, 1000]", 2),
        ("[1000, 1001]", 1),
        // A line counts 256 bytes at least.
        ("[1, 1, 1, 1, 1, 1, 1]", 7),
        ("[1, 1, 1, 1, 1, 1, 1, 1]", 7),
    ] {
        let answer = server.post("limit-console", "/", lengths).await.expect(200);
        let id = answer.header("x-request-id").to_owned();
        let record = eventually("its record", || async {
            let all = server.api.executions("limit-console", 1).await;
            all.into_iter().find(|it| it["id"] == id.as_str())
        });
        let record = record.await;
        let lines = record["console"].as_array().map_or(0, Vec::len);
        assert_eq!(lines, kept, "{lengths}");
        let given = lengths.split(',').count();
        assert_eq!(record["console_dropped"], given - kept, "{lengths}");
    }
}

/// Holds an invocation until it is dropped.
struct Held {
    _body: mpsc::Sender<Bytes>,
    _answer: Box<dyn Any>,
}

/// Begins an invocation that goes on until its request ends.
async fn hold(server: &TestServer, worker: &str) -> Held {
    let (body, mut chunks) = mpsc::channel::<Bytes>(1);
    let frames = stream::poll_fn(move |cx| chunks.poll_recv(cx))
        .map(|chunk| Ok::<_, Infallible>(Frame::data(chunk)));
    let request = Request::post("/").body(StreamBody::new(frames));
    body.send(Bytes::from_static(b"x")).await.expect("room");
    let host = format!("{worker}.localhost");
    let answer = server.client.send(&host, request.expect("valid")).await;
    let answer = answer.expect("a head");
    assert_eq!(answer.status(), 200);
    Held {
        _body: body,
        _answer: Box::new(answer),
    }
}

const ECHO: &str = "export default { fetch: (request) => new Response(request.body ?? 'ok') };";

#[tokio::test]
async fn invocations_over_the_workers_limit_wait_and_then_are_429() {
    let server = TestServer::shared().await;
    let limits = json!({ "invocations_at_once": 1 });
    deploy(&server, "limit-crowd", ECHO, limits.clone()).await;
    let held = hold(&server, "limit-crowd").await;
    // Another version is no way around.
    deploy(&server, "limit-crowd", &format!("{ECHO} // again"), limits).await;
    let ask = || Box::pin(server.get("limit-crowd", "/"));
    // One waits, so the other is one too many.
    let (refused, waits) = match futures_util::future::select(ask(), ask()).await {
        futures_util::future::Either::Left(it) => it,
        futures_util::future::Either::Right((refused, waits)) => (refused, waits),
    };
    assert_exceeded(&refused, 429, "exceeded_invocations");
    assert_eq!(refused.header("retry-after"), "1");
    drop(held);
    assert_eq!(waits.await.expect(200).text(), "ok");
    // Other workers have their own.
    server.get("limit-crowd", "/").await.expect(200);
}

#[tokio::test]
async fn a_worker_that_waits_too_long_for_its_turn_is_429() {
    let server = TestServer::shared().await;
    let limits = json!({ "invocations_at_once": 1 });
    deploy(&server, "limit-wait", ECHO, limits).await;
    let held = hold(&server, "limit-wait").await;
    let refused = server.get("limit-wait", "/").await;
    assert_exceeded(&refused, 429, "exceeded_invocations");
    drop(held);
}

#[tokio::test]
async fn one_worker_takes_half_of_the_node_by_default() {
    let options = TestServerOptions::with_built_management().set("instances_max", 2);
    let server = TestServer::with(options).await;
    deploy(&server, "greedy", ECHO, json!({})).await;
    deploy(&server, "modest", ECHO, json!({})).await;
    let held = hold(&server, "greedy").await;
    assert_exceeded(
        &server.get("greedy", "/").await,
        429,
        "exceeded_invocations",
    );
    server.get("modest", "/").await.expect(200);
    drop(held);
    server.shut_down().await;
}

#[tokio::test]
async fn one_socket_too_many_is_an_error_that_names_the_limit() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { async fetch(request) {
            if (request.headers.get("upgrade") === "websocket") {
                const { 0: client, 1: server } = new WebSocketPair();
                server.accept();
                return new Response(null, { status: 101, webSocket: client });
            }
            const sockets = [];
            try {
                for (let i = 0; i < Number(new URL(request.url).searchParams.get("count")); i++) {
                    const { webSocket } = await fetch("http://limit-sockets.localhost/", { headers: { upgrade: "websocket" } });
                    webSocket.accept();
                    sockets.push(webSocket);
                }
                return new Response(`${sockets.length} open`);
            } catch (error) {
                return new Response(error.message);
            } finally {
                for (const socket of sockets) socket.close();
            }
        } };
    "#;
    deploy(&server, "limit-sockets", source, json!({ "websockets": 2 })).await;
    let fits = server.get("limit-sockets", "/?count=2").await.expect(200);
    assert_eq!(fits.text(), "2 open");
    let over = server.get("limit-sockets", "/?count=3").await.expect(200);
    assert!(
        over.text().contains("`limits.websockets`"),
        "{}",
        over.text()
    );
}

#[tokio::test]
async fn a_limit_over_the_operators_ceiling_is_400_and_names_it() {
    let options = TestServerOptions::with_built_management().set("limits.subrequests_max", 50);
    let server = TestServer::with(options).await;
    let component = ouro_test_harness::build_worker(OK);
    let version = async |name: &str, value: u64| {
        let limits = json!({ name: value });
        let deploy = Deploy::default().field("limits", limits);
        server.api.deploy("ceilings", &component, deploy).await
    };
    version("subrequests", 50).await.expect(201);
    version("wall_ms", 300_000).await.expect(201);
    for (name, value) in [("subrequests", 51), ("wall_ms", 300_001)] {
        let refused = version(name, value).await.expect(400).json();
        let issue = &refused["issues"][0];
        assert_eq!(issue["path"], format!("limits.{name}"));
        let message = issue["message"].as_str().expect("a message");
        let ceiling = format!("`limits.{name}_max`, which is {}", value - 1);
        assert!(message.contains(&ceiling), "{message}");
    }
    server.shut_down().await;
}

/// The answer, and the microseconds of CPU time and of time that the process took for it.
async fn measured(process: &OuroProcess, path: &str) -> (Answer, u64, u64) {
    let (before, began) = (process.cpu_us(), Instant::now());
    let answer = process.client.get("busy.localhost", path).await.expect(200);
    let took = began.elapsed().as_micros() as u64;
    (answer, process.cpu_us() - before, took)
}

const CPU_TRIES: usize = 5;
/// One in twenty; an unoptimised host takes more for itself.
const CPU_PARTS: u64 = if cfg!(debug_assertions) { 10 } else { 20 };

#[tokio::test]
async fn cpu_time_is_metered_to_within_five_percent() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path().join("data");
    // The binary may carry no management API; the one installed here is in the store.
    let options = TestServerOptions {
        data_dir: Some(data_dir.clone()),
        ..TestServerOptions::with_built_management()
    };
    let server = TestServer::with(options).await;
    // In turns of computing and of waiting, as JavaScript and in the host.
    let source = r#"
        export default { async fetch(request) {
            if (new URL(request.url).pathname === "/wait") {
                await new Promise((resolve) => setTimeout(resolve, 2000));
                return new Response();
            }
            const bytes = new Uint8Array(1 << 20);
            let sum = 0;
            for (let turn = 0; turn < 20; turn++) {
                for (let i = 0; i < 1_000_000; i++) sum = (sum + i * i) % 1_000_003;
                await crypto.subtle.digest("SHA-256", bytes);
                await new Promise((resolve) => setTimeout(resolve, 1));
            }
            return new Response(String(sum));
        } };
    "#;
    server.deploy("busy", source).await;
    server.shut_down().await;
    let process = OuroProcess::serve(&data_dir, &[]);
    process.client.get("busy.localhost", "/").await.expect(200);
    let mut seen = Vec::new();
    for _ in 0..CPU_TRIES {
        // What the process does for itself in this time is not the invocation's.
        let (_, idle, waited) = measured(&process, "/wait").await;
        let (answer, used, took) = measured(&process, "/").await;
        let used = used.saturating_sub(idle * took / waited);
        let id = answer.header("x-request-id").to_owned();
        let path = format!("/workers/busy/executions/{id}");
        let recorded = eventually("its record", || async {
            process.api.get(&path).await.json()["cpu_us"].as_u64()
        });
        let recorded = recorded.await;
        // What the process does beside it counts against the measure alone, so the nearest try says most.
        if recorded.abs_diff(used) * CPU_PARTS <= used {
            return;
        }
        seen.push((recorded, used));
    }
    panic!("recorded and used microseconds: {seen:?}");
}
