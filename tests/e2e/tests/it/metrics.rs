//! What the host counts of the ends of invocations: on the operator's port, and as the health of a worker.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use http_body::Frame;
use http_body_util::StreamBody;
use ouro_test_harness::{Answer, Deploy, Metrics, TestServer, TestServerOptions, eventually};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const HELLO: &str = "export default { fetch: () => new Response('hello') };";
const ASK: &str = r#"
    export default { async fetch(request) {
        try {
            return new Response(await (await fetch(await request.text())).text());
        } catch (error) {
            return new Response(error.message);
        }
    } };
"#;
const SLEEPS: &str = r#"
    export default { async fetch() {
        await new Promise((resolve) => setTimeout(resolve, 60_000));
        return new Response();
    } };
"#;
/// Answers at once, and ends when the request's body has.
const WAITS: &str = r#"
    export default { fetch(request) {
        const { readable, writable } = new TransformStream();
        request.text().then(async (text) => {
            const writer = writable.getWriter();
            await writer.write(new TextEncoder().encode(text));
            await writer.close();
        });
        return new Response(readable);
    } };
"#;
/// Ends as its path says.
const ENDS: &str = r#"
    export default { async fetch(request, env) {
        const path = new URL(request.url).pathname;
        if (path === "/throw") throw new Error(`no luck with ${env.KEY}\nand more`);
        if (path === "/loop") for (;;) {}
        if (path === "/hoard") { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); }
        return new Response("ok");
    } };
"#;

fn options() -> TestServerOptions {
    TestServerOptions::with_built_management().set("metrics.listen", "127.0.0.1:0")
}

async fn deploy_ends(server: &TestServer) {
    let limits = json!({ "cpu_ms": 300, "memory_bytes": 32 << 20 });
    let deploy = Deploy::default()
        .field("limits", limits)
        .field("secrets", json!({ "KEY": "hunter2" }));
    server.deploy_with("ends", ENDS, deploy).await;
}

/// An invocation that runs until it is released; it has begun to answer.
async fn running(server: &TestServer) -> (oneshot::Sender<()>, JoinHandle<Answer>) {
    server.deploy("waits", WAITS).await;
    let (release, released) = oneshot::channel();
    let body = stream::once(async {
        let _ = released.await;
        Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"done")))
    });
    let request = Request::post("/").body(StreamBody::new(body));
    let request = request.expect("a request");
    let response = server.client.send("waits.localhost", request).await;
    let rest = Answer::read(response.expect("an answer"));
    let rest = tokio::spawn(async { rest.await.expect("a whole body") });
    (release, rest)
}

fn invocations(metrics: &Metrics, outcome: &str) -> f64 {
    let labels = [("trigger", "http"), ("outcome", outcome)];
    metrics.get("ouro_invocations_total", &labels)
}

fn responses(metrics: &Metrics, class: &str) -> f64 {
    metrics.get("ouro_http_responses_total", &[("class", class)])
}

/// Waits until so many instances are in use.
async fn instances(server: &TestServer, count: f64) {
    eventually("instances in use", || async {
        let metrics = server.metrics().await;
        (metrics.get("ouro_instances", &[]) == count).then_some(())
    })
    .await;
}

async fn health(server: &TestServer, worker: &str) -> Value {
    let path = format!("/workers/{worker}");
    server.api.get(&path).await.expect(200).json()["health"].clone()
}

#[tokio::test]
async fn every_end_is_counted_by_how_it_came() {
    let server = TestServer::with(options()).await;
    deploy_ends(&server).await;
    let wall = Deploy::default().field("limits", json!({ "wall_ms": 500 }));
    server.deploy_with("sleeps", SLEEPS, wall).await;
    let before = server.metrics().await;
    server.get("sleeps", "/").await.expect(504);
    for (path, times, status) in [
        ("/", 3, 200),
        ("/throw", 2, 500),
        ("/loop", 1, 503),
        ("/hoard", 1, 503),
    ] {
        for _ in 0..times {
            server.get("ends", path).await.expect(status);
        }
    }
    let after = server.metrics().await;
    for (outcome, expected) in [
        ("ok", 3.0),
        ("exception", 2.0),
        ("exceeded-cpu", 1.0),
        ("exceeded-memory", 1.0),
        ("exceeded-wall", 1.0),
        ("trapped", 0.0),
    ] {
        let grown = invocations(&after, outcome) - invocations(&before, outcome);
        assert_eq!(grown, expected, "{outcome}");
    }
    for (class, expected) in [("2xx", 3.0), ("4xx", 0.0), ("5xx", 5.0)] {
        let grown = responses(&after, class) - responses(&before, class);
        assert_eq!(grown, expected, "{class}");
    }
    let grown =
        |name: &str, labels: &[(&str, &str)]| after.get(name, labels) - before.get(name, labels);
    for histogram in ["duration_seconds", "cpu_seconds", "memory_bytes"] {
        assert_eq!(
            grown(&format!("ouro_invocation_{histogram}_count"), &[]),
            8.0
        );
    }
    // One slept for half a second, and one computed for 300 ms.
    assert!(grown("ouro_invocation_duration_seconds_sum", &[]) >= 0.5);
    assert!(grown("ouro_invocation_duration_seconds_bucket", &[("le", "0.25")]) <= 7.0);
    assert!(grown("ouro_invocation_cpu_seconds_sum", &[]) >= 0.25);
    let failures = after.all("ouro_worker_recent_failures").into_iter();
    let failures = failures.map(|(labels, count)| {
        let [worker, outcome] = ["worker", "outcome"].map(|name| labels[name].as_str());
        ((worker, outcome), count)
    });
    let expected = [
        (("ends", "exception"), 2.0),
        (("ends", "exceeded-cpu"), 1.0),
        (("ends", "exceeded-memory"), 1.0),
        (("sleeps", "exceeded-wall"), 1.0),
    ];
    assert_eq!(
        failures.collect::<BTreeMap<_, _>>(),
        BTreeMap::from(expected)
    );
    let recent = after.all("ouro_worker_recent_invocations").into_iter();
    let recent = recent.map(|(labels, count)| (labels["worker"].as_str(), count));
    let expected = BTreeMap::from([("ends", 7.0), ("sleeps", 1.0)]);
    assert_eq!(recent.collect::<BTreeMap<_, _>>(), expected);
    server.shut_down().await;
}

#[tokio::test]
async fn small_assets_are_read_from_the_store_once() {
    let server = TestServer::with(options()).await;
    let deploy = || {
        Deploy::default()
            .file("/small", "text/plain", "0123456789")
            .file("/large", "text/plain", vec![b'x'; (256 << 10) + 1])
    };
    for worker in ["one", "other"] {
        server.deploy_with(worker, HELLO, deploy()).await;
        for path in ["/small", "/large", "/small"] {
            server.get(worker, path).await.expect(200);
        }
    }
    let metrics = server.metrics().await;
    let get = |name: &str| metrics.get(name, &[]);
    assert_eq!(get("ouro_assets_cache_misses_total"), 1.0);
    assert_eq!(get("ouro_assets_cache_hits_total"), 3.0);
    assert!((10.0..1_000.0).contains(&get("ouro_assets_bytes")));
    server.shut_down().await;
}

#[tokio::test]
async fn the_page_tells_of_the_process_and_its_room() {
    let server = TestServer::with(options().set("executions.queue_max", 77)).await;
    server.deploy("hello", HELLO).await;
    server.get("hello", "/").await.expect(200);
    let metrics = server.metrics().await;
    let get = |name: &str| metrics.get(name, &[]);
    assert_eq!(get("ouro_instances_max"), 20.0);
    assert_eq!(get("ouro_workers"), 2.0, "hello and management");
    assert_eq!(get("ouro_execution_records_queued_max"), 77.0);
    assert!(get("ouro_http_connections") >= 1.0);
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(metrics.get("ouro_build_info", &version), 1.0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a time");
    let age = now.as_secs_f64() - get("process_start_time_seconds");
    assert!((0.0..600.0).contains(&age), "{age}");
    assert!(get("process_resident_memory_bytes") > 1e6);
    assert!(get("process_cpu_seconds_total") > 0.0);
    assert!(get("process_open_fds") < get("process_max_fds"));
    let unwell = |status| metrics.get("ouro_workers_unwell", &[("status", status)]);
    assert_eq!((unwell("dying"), unwell("failing")), (0.0, 0.0));
    server.shut_down().await;
}

#[tokio::test]
async fn instances_in_use_and_refused_requests_are_counted() {
    let server = TestServer::with(options().set("instances_max", 1)).await;
    let (release, running) = running(&server).await;
    // What the deployment asked of the management API may be ending still.
    instances(&server, 1.0).await;
    server.get("waits", "/").await.expect(503);
    let metrics = server.metrics().await;
    let refused = [("reason", "instances")];
    assert_eq!(metrics.get("ouro_invocations_refused_total", &refused), 1.0);
    release.send(()).expect("it runs");
    let answer = running.await.expect("an answer");
    assert_eq!(answer.expect(200).text(), "done");
    instances(&server, 0.0).await;
    server.shut_down().await;
}

#[tokio::test]
async fn dropped_records_are_counted_and_no_worker_is_judged_by_what_is_left() {
    let options = options()
        .set("executions.plain_per_second", 0)
        .set("executions.notable_per_second", 0);
    let server = TestServer::with(options).await;
    deploy_ends(&server).await;
    let dropped = |metrics: &Metrics| {
        metrics.get(
            "ouro_execution_records_dropped_total",
            &[("reason", "load")],
        )
    };
    let before = dropped(&server.metrics().await);
    for _ in 0..5 {
        server.get("ends", "/loop").await.expect(503);
    }
    server.get("ends", "/").await.expect(200);
    // What the tests asked of the management API left records too.
    assert!(dropped(&server.metrics().await) >= before + 6.0);
    let list = server.api.get("/workers/ends/executions").await.expect(200);
    assert_eq!(list.json()["items"], json!([]));
    let health = health(&server, "ends").await;
    assert_eq!(health["status"], "dying");
    assert_eq!(health["outcomes"], json!({ "ok": 1, "exceeded-cpu": 5 }));
    server.shut_down().await;
}

#[tokio::test]
async fn a_worker_that_keeps_dying_is_known_with_the_reason() {
    let server = TestServer::with(options()).await;
    deploy_ends(&server).await;
    let fresh = health(&server, "ends").await;
    assert_eq!(fresh["status"], "idle");
    assert_eq!(fresh["last_failure"], Value::Null);
    server.get("ends", "/").await.expect(200);
    assert_eq!(health(&server, "ends").await["status"], "healthy");
    for _ in 0..4 {
        server.get("ends", "/throw").await.expect(500);
    }
    let thrown = health(&server, "ends").await;
    assert_eq!(thrown["status"], "healthy", "four say nothing yet");
    // One line, and no secret.
    assert_eq!(thrown["last_failure"]["message"], "Error: no luck with …");
    server.get("ends", "/throw").await.expect(500);
    assert_eq!(health(&server, "ends").await["status"], "failing");
    for _ in 0..6 {
        server.get("ends", "/hoard").await.expect(503);
    }
    let last = server.get("ends", "/hoard").await.expect(503);
    let dying = health(&server, "ends").await;
    assert_eq!(dying["status"], "dying");
    assert_eq!(dying["invocations"], 13);
    let outcomes = json!({ "ok": 1, "exception": 5, "exceeded-memory": 7 });
    assert_eq!(dying["outcomes"], outcomes);
    let failure = &dying["last_failure"];
    assert_eq!(failure["outcome"], "exceeded-memory");
    assert_eq!(failure["execution_id"], last.header("x-request-id"));
    let message = failure["message"].as_str().expect("a message");
    assert!(message.contains("bytes of memory"), "{message}");
    let metrics = server.metrics().await;
    let of_status = [("status", "dying")];
    assert_eq!(metrics.get("ouro_workers_unwell", &of_status), 1.0);
    let listed = server.api.get("/workers").await.expect(200).json();
    let listed = listed["items"].as_array().expect("items").iter();
    let mut found = listed.filter(|item| item["name"] == "ends");
    assert_eq!(found.next().expect("listed")["health"], dying);
    server.shut_down().await;
}

#[tokio::test]
async fn after_a_restart_native_code_comes_from_the_cache() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || TestServerOptions {
        data_dir: Some(folder.path().join("data")),
        ..options()
    };
    let counts = |metrics: &Metrics| {
        let compiled = metrics.get("ouro_native_code_compile_seconds_count", &[]);
        let misses = metrics.get("ouro_native_code_cache_misses_total", &[]);
        assert_eq!(compiled, misses);
        (
            metrics.get("ouro_native_code_cache_hits_total", &[]),
            misses,
        )
    };
    let server = TestServer::with(options()).await;
    server.deploy("hello", HELLO).await;
    server.get("hello", "/").await.expect(200);
    let (_, misses) = counts(&server.metrics().await);
    assert_eq!(
        misses, 4.0,
        "two engines and the memories that they begin with"
    );
    server.shut_down().await;

    let server = TestServer::with(options()).await;
    server.get("hello", "/").await.expect(200);
    assert_eq!(counts(&server.metrics().await), (4.0, 0.0));
    server.shut_down().await;
}

#[tokio::test]
async fn the_port_has_three_pages_for_reading_and_nothing_else() {
    let server = TestServer::with(options()).await;
    let operator = server.operator().expect("an operator's port");
    let page = operator.get("localhost", "/metrics").await.expect(200);
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(page.header("content-type"), content_type);
    assert_eq!(
        operator.get("x", "/healthz").await.expect(200).text(),
        "alive\n"
    );
    assert_eq!(
        operator.get("x", "/readyz").await.expect(200).text(),
        "ready\n"
    );
    for path in ["/", "/api/v1/workers", "/metrics/", "/health"] {
        operator.get("localhost", path).await.expect(404);
    }
    let refused = operator.post("localhost", "/metrics", "").await.expect(405);
    assert_eq!(refused.header("allow"), "GET, HEAD");
    // On the port of clients they are paths of the management API, which knows none of them.
    server.client.get("localhost", "/metrics").await.expect(401);
    server.shut_down().await;
}

#[tokio::test]
async fn without_a_configured_address_there_is_no_port() {
    let server = TestServer::with(TestServerOptions::with_built_management()).await;
    assert!(server.operator().is_none());
    server.shut_down().await;
}

#[tokio::test]
async fn a_node_that_drains_is_alive_and_not_ready() {
    let server = TestServer::with(options()).await;
    let operator = server.operator().expect("an operator's port");
    let (release, running) = running(&server).await;
    let drained = tokio::spawn(server.shut_down());
    let said = eventually("it drains", || async {
        let answer = operator.get("localhost", "/readyz").await;
        (answer.status != 200).then_some(answer)
    });
    let said = said.await.expect(503);
    assert_eq!(said.text(), "draining\n");
    operator.get("localhost", "/healthz").await.expect(200);
    release.send(()).expect("it runs");
    running.await.expect("an answer").expect(200);
    drained.await.expect("drained");
}

#[tokio::test]
async fn workers_do_not_reach_the_port_whatever_is_opened() {
    // The harness opens loopback; here its addresses are opened by themselves too.
    let opened = "127.0.0.0/8, 127.0.0.1, ::1";
    let server = TestServer::with(options().set("outbound.allow", opened)).await;
    server.deploy("ask", ASK).await;
    let port = server.operator().expect("a port").address().port();
    for host in ["127.0.0.1", "localhost", "127.0.0.2", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{port}/metrics");
        let said = server.post("ask", "/", url).await.expect(200);
        assert!(
            said.text().contains("not allowed"),
            "{host}: {}",
            said.text()
        );
    }
    server.shut_down().await;
}
