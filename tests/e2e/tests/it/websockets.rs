//! WebSockets: workers that serve them, workers that connect to others, and what must not bring either down.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use http::{Request, Response, StatusCode};
use ouro_test_harness::{
    Deploy, TestServer, TestServerOptions, build_worker_with_packages, eventually,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

type Socket = WebSocketStream<TcpStream>;
type Answer = Response<Option<Vec<u8>>>;

/// Answers by the path: an echo that knows some words, or no WebSocket at all.
const SERVER: &str = r#"
export default {
    async fetch(request) {
        const url = new URL(request.url);
        if (url.pathname === "/plain") return new Response("no socket here");
        if (url.pathname === "/refused") return new Response("not you", { status: 403 });
        const { 0: client, 1: server } = new WebSocketPair();
        server.binaryType = "arraybuffer";
        server.accept();
        server.addEventListener("message", ({ data }) => {
            if (data === "close") server.close(4000, "as you wish");
            else if (data === "throw") throw new Error("in a listener");
            else if (data === "spin") for (;;);
            else if (data === "late") setTimeout(() => server.send("later"), 50);
            else if (typeof data === "string" && data.startsWith("flood ")) {
                for (let i = 0; i < Number(data.slice(6)); i++) server.send(String(i).padEnd(100_000, "."));
            } else server.send(data);
        });
        server.addEventListener("close", ({ code, reason, wasClean }) => console.log("closed", code, reason, wasClean));
        server.addEventListener("error", ({ message }) => console.log("error", message));
        const headers = { "x-worker": "yes" };
        const wanted = request.headers.get("sec-websocket-protocol");
        if (wanted) headers["sec-websocket-protocol"] = wanted.split(",")[0];
        return new Response(null, { status: 101, webSocket: client, headers });
    },
};
"#;

fn request(worker: &str, path: &str) -> Request<()> {
    format!("ws://{worker}.localhost{path}")
        .into_client_request()
        .expect("a valid request")
}

async fn open(server: &TestServer, request: Request<()>) -> Result<(Socket, Answer), Error> {
    let stream = TcpStream::connect(server.client.address()).await;
    client_async(request, stream.expect("a connection")).await
}

async fn connect(server: &TestServer, worker: &str) -> Socket {
    let opened = open(server, request(worker, "/")).await;
    opened.expect("an upgrade").0
}

async fn next(socket: &mut Socket) -> Message {
    let next = tokio::time::timeout(Duration::from_secs(30), socket.next()).await;
    next.expect("in time")
        .expect("a message")
        .expect("no error")
}

async fn say(socket: &mut Socket, text: &str) {
    socket.send(Message::text(text)).await.expect("sends");
}

/// The close frame that comes after whatever else is on its way; 1006 where there is none.
async fn end(socket: &mut Socket) -> (u16, String) {
    let read = async {
        let mut end = (1006, String::new());
        // Reading on sends the answer to the close frame (RFC 6455 5.5.1).
        while let Some(message) = socket.next().await {
            match message {
                Ok(Message::Close(Some(frame))) => {
                    end = (frame.code.into(), frame.reason.as_str().to_owned());
                }
                Ok(Message::Close(None)) => end = (1005, String::new()),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        end
    };
    let end = tokio::time::timeout(Duration::from_secs(30), read).await;
    end.expect("in time")
}

fn lines(record: &Value) -> Vec<&str> {
    let console = record["console"].as_array().expect("lines");
    let lines = console.iter().map(|line| line["message"].as_str());
    lines.map(|line| line.expect("text")).collect()
}

#[tokio::test]
async fn a_worker_echoes_text_and_bytes() {
    let server = TestServer::shared().await;
    server.deploy("ws-echo", SERVER).await;
    let (mut socket, answer) = open(&server, request("ws-echo", "/"))
        .await
        .expect("an upgrade");
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(answer.headers()["x-worker"], "yes");
    for message in [
        Message::text("grüße"),
        Message::text(""),
        Message::binary(vec![0, 255, 7]),
        Message::binary(vec![]),
    ] {
        socket.send(message.clone()).await.expect("sends");
        assert_eq!(next(&mut socket).await, message);
    }
    say(&mut socket, "late").await;
    assert_eq!(next(&mut socket).await, Message::text("later"));
}

#[tokio::test]
async fn big_messages_pass_and_too_big_ones_close() {
    let server = TestServer::shared().await;
    server.deploy("ws-big", SERVER).await;
    let mut socket = connect(&server, "ws-big").await;
    let big = Message::text("x".repeat(5 << 20));
    socket.send(big.clone()).await.expect("sends");
    assert_eq!(next(&mut socket).await, big);
    // The length alone is enough: no byte of the message has to come.
    let length = (33_u64 << 20).to_be_bytes();
    let header = [&[0x82, 0xff][..], &length, &[0; 4]].concat();
    socket.get_mut().write_all(&header).await.expect("sends");
    assert_eq!(end(&mut socket).await.0, 1009);
}

#[tokio::test]
async fn either_side_closes_with_a_code_and_a_reason() {
    let server = TestServer::shared().await;
    server.deploy("ws-close", SERVER).await;
    let mut socket = connect(&server, "ws-close").await;
    say(&mut socket, "close").await;
    assert_eq!(end(&mut socket).await, (4000, "as you wish".to_owned()));
    let records = server.api.executions("ws-close", 1).await;
    assert_eq!(records[0]["status_code"], 101);
    assert_eq!(records[0]["outcome"], "ok");
    assert_eq!(
        lines(&records[0]).last(),
        Some(&"closed 4000 as you wish true")
    );

    let mut socket = connect(&server, "ws-close").await;
    let frame = CloseFrame {
        code: 4321.into(),
        reason: "enough".into(),
    };
    socket.close(Some(frame)).await.expect("sends");
    assert_eq!(end(&mut socket).await, (4321, "enough".to_owned()));
    let records = server.api.executions("ws-close", 2).await;
    assert_eq!(lines(&records[0]).last(), Some(&"closed 4321 enough true"));
}

#[tokio::test]
async fn a_client_that_is_gone_ends_the_invocation() {
    let server = TestServer::shared().await;
    server.deploy("ws-gone", SERVER).await;
    let mut socket = connect(&server, "ws-gone").await;
    say(&mut socket, "hello").await;
    assert_eq!(next(&mut socket).await, Message::text("hello"));
    drop(socket);
    let records = server.api.executions("ws-gone", 1).await;
    assert_eq!(records[0]["outcome"], "ok");
    assert!(
        lines(&records[0]).contains(&"closed 1006  false"),
        "{}",
        records[0]
    );
}

#[tokio::test]
async fn a_client_that_does_not_read_slows_the_worker_and_loses_nothing() {
    let server = TestServer::shared().await;
    server.deploy("ws-slow", SERVER).await;
    let mut socket = connect(&server, "ws-slow").await;
    say(&mut socket, "flood 200").await;
    // The worker is through with its loop, and most of its twenty megabytes wait in its own memory.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for expected in 0..200 {
        let message = next(&mut socket).await;
        let text = message.to_text().expect("text");
        assert_eq!(text.len(), 100_000);
        assert!(text.starts_with(&format!("{expected}.")), "in order");
    }
}

#[tokio::test]
async fn a_worker_that_does_not_read_slows_the_client() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { fetch() {
            const { 0: client, 1: server } = new WebSocketPair();
            let count = 0;
            server.addEventListener("message", () => count++);
            server.addEventListener("close", () => console.log(count));
            setTimeout(() => server.accept(), 600);
            return new Response(null, { status: 101, webSocket: client });
        } };
    "#;
    server.deploy("ws-deaf", source).await;
    let mut socket = connect(&server, "ws-deaf").await;
    for _ in 0..100 {
        say(&mut socket, &"x".repeat(100_000)).await;
    }
    socket.close(None).await.expect("sends");
    assert_eq!(end(&mut socket).await.0, 1005);
    let records = server.api.executions("ws-deaf", 1).await;
    assert_eq!(lines(&records[0]), ["100"]);
}

#[tokio::test]
async fn the_worker_decides_whether_it_upgrades() {
    let server = TestServer::shared().await;
    server.deploy("ws-choice", SERVER).await;
    for (path, status) in [("/plain", 200), ("/refused", 403)] {
        let refused = open(&server, request("ws-choice", path)).await;
        let Err(Error::Http(answer)) = refused else {
            panic!("{path} was upgraded");
        };
        assert_eq!(answer.status().as_u16(), status);
    }
    // And nobody is upgraded who did not ask.
    let answer = server.get("ws-choice", "/").await.expect(500);
    assert_eq!(answer.json()["code"], "worker_error");
    let records = server.api.executions("ws-choice", 3).await;
    let error = records[0]["error"].as_str().expect("an error");
    assert!(error.contains("no WebSocket handshake"), "{error}");
}

#[tokio::test]
async fn a_protocol_is_what_the_worker_chooses() {
    let server = TestServer::shared().await;
    server.deploy("ws-protocol", SERVER).await;
    let mut request = request("ws-protocol", "/");
    let wanted = "chat.v2, chat.v1".parse().expect("a value");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", wanted);
    let (_socket, answer) = open(&server, request).await.expect("an upgrade");
    assert_eq!(answer.headers()["sec-websocket-protocol"], "chat.v2");
}

#[tokio::test]
async fn hostile_frames_close_their_own_socket_alone() {
    let server = TestServer::shared().await;
    server.deploy("ws-hostile", SERVER).await;
    let mut witness = connect(&server, "ws-hostile").await;
    let mask = [0, 0, 0, 0];
    let cases: [(&str, Vec<u8>, u16); 6] = [
        ("no mask", vec![0x81, 1, b'x'], 1002),
        (
            "text that is no UTF-8",
            [&[0x81, 0x81][..], &mask, &[0xff]].concat(),
            1007,
        ),
        (
            "a reserved opcode",
            [&[0x83, 0x80][..], &mask].concat(),
            1002,
        ),
        ("reserved bits", [&[0xf1, 0x80][..], &mask].concat(), 1002),
        (
            "a fragment of nothing",
            [&[0x80, 0x80][..], &mask].concat(),
            1002,
        ),
        (
            "a fragmented ping",
            [&[0x09, 0x80][..], &mask].concat(),
            1002,
        ),
    ];
    for (what, bytes, code) in cases {
        let mut socket = connect(&server, "ws-hostile").await;
        socket.get_mut().write_all(&bytes).await.expect("sends");
        assert_eq!(end(&mut socket).await.0, code, "{what}");
    }
    say(&mut witness, "still here").await;
    assert_eq!(next(&mut witness).await, Message::text("still here"));
}

#[tokio::test]
async fn pings_are_answered_while_the_worker_sleeps() {
    let server = TestServer::shared().await;
    server.deploy("ws-ping", SERVER).await;
    let mut socket = connect(&server, "ws-ping").await;
    socket
        .send(Message::Ping("are you there".into()))
        .await
        .expect("sends");
    assert_eq!(
        next(&mut socket).await,
        Message::Pong("are you there".into())
    );
}

#[tokio::test]
async fn an_open_socket_outlives_the_wall_limit_but_not_the_cpu_limit() {
    let server = TestServer::shared().await;
    let limits = json!({ "cpu_ms": 200, "wall_ms": 300 });
    let deploy = Deploy::default().field("limits", limits);
    server.deploy_with("ws-limits", SERVER, deploy).await;
    let mut socket = connect(&server, "ws-limits").await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    say(&mut socket, "alive").await;
    assert_eq!(next(&mut socket).await, Message::text("alive"));
    say(&mut socket, "spin").await;
    assert_eq!(end(&mut socket).await.0, 1011);
    let records = server.api.executions("ws-limits", 1).await;
    assert_eq!(records[0]["outcome"], "exceeded-cpu");
}

#[tokio::test]
async fn the_wall_limit_counts_again_once_the_socket_is_closed() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { fetch(request, env, ctx) {
            const { 0: client, 1: server } = new WebSocketPair();
            server.accept();
            ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 3_600_000)));
            return new Response(null, { status: 101, webSocket: client });
        } };
    "#;
    let deploy = Deploy::default().field("limits", json!({ "wall_ms": 300 }));
    server.deploy_with("ws-wall", source, deploy).await;
    let mut socket = connect(&server, "ws-wall").await;
    socket.close(None).await.expect("sends");
    end(&mut socket).await;
    let records = server.api.executions("ws-wall", 1).await;
    assert_eq!(records[0]["outcome"], "exceeded-wall");
}

#[tokio::test]
async fn a_listener_that_throws_ends_nothing() {
    let server = TestServer::shared().await;
    server.deploy("ws-throw", SERVER).await;
    let mut socket = connect(&server, "ws-throw").await;
    say(&mut socket, "throw").await;
    say(&mut socket, "next").await;
    assert_eq!(next(&mut socket).await, Message::text("next"));
}

#[tokio::test]
async fn draining_closes_open_sockets_as_going_away() {
    let server = TestServer::with(TestServerOptions::default()).await;
    server.deploy("ws-drain", SERVER).await;
    let mut socket = connect(&server, "ws-drain").await;
    say(&mut socket, "hello").await;
    assert_eq!(next(&mut socket).await, Message::text("hello"));
    let began = Instant::now();
    let (end, ()) = tokio::join!(end(&mut socket), server.shut_down());
    assert_eq!(end.0, 1001);
    assert!(began.elapsed() < Duration::from_secs(10), "no timeout");
}

#[tokio::test]
async fn a_worker_relays_to_another_by_handing_its_socket_on() {
    let server = TestServer::shared().await;
    server.deploy("ws-upstream", SERVER).await;
    let source = r#"
        export default { fetch(request, env) {
            const url = `http://${env.UPSTREAM}/`;
            return fetch(url, { headers: { Upgrade: "websocket", "X-Forwarded-Host": "none", Host: "ignored" } });
        } };
    "#;
    let upstream = RawUpstream::start(&server, "ws-upstream").await;
    let deploy = Deploy::default().field("vars", json!({ "UPSTREAM": upstream }));
    server.deploy_with("ws-relay", source, deploy).await;
    let mut socket = connect(&server, "ws-relay").await;
    for message in [Message::text("through"), Message::binary(vec![1, 2, 3])] {
        socket.send(message.clone()).await.expect("sends");
        assert_eq!(next(&mut socket).await, message);
    }
    say(&mut socket, "close").await;
    assert_eq!(end(&mut socket).await, (4000, "as you wish".to_owned()));
}

#[tokio::test]
async fn a_worker_reaches_another_of_this_node_without_the_network() {
    let server = TestServer::shared().await;
    server.deploy("ws-inner", SERVER).await;
    let source = r#"
        export default { fetch() {
            return fetch("http://ws-inner.localhost/", { headers: { Upgrade: "websocket" } });
        } };
    "#;
    server.deploy("ws-outer", source).await;
    let mut socket = connect(&server, "ws-outer").await;
    // Longer than what a connection within the process holds.
    let long = Message::text("x".repeat(300_000));
    for message in [
        Message::text("through"),
        Message::binary(vec![1, 2, 3]),
        long,
    ] {
        socket.send(message.clone()).await.expect("sends");
        assert_eq!(next(&mut socket).await, message);
    }
    say(&mut socket, "close").await;
    assert_eq!(end(&mut socket).await, (4000, "as you wish".to_owned()));
    let records = server.api.executions("ws-inner", 1).await;
    assert_eq!(records[0]["trigger"], "service");
}

#[tokio::test]
async fn circles_of_sockets_end_with_a_clear_error() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { async fetch() {
            try {
                const answer = await fetch("http://ws-circle.localhost/", { headers: { Upgrade: "websocket" } });
                return new Response(await answer.text(), { status: 400 });
            } catch (error) {
                return new Response(error.message, { status: 400 });
            }
        } };
    "#;
    server.deploy("ws-circle", source).await;
    let answer = server.get("ws-circle", "/").await.expect(400);
    let text = answer.text();
    assert!(text.contains("Subrequest depth limit exceeded"), "{text}");
}

#[tokio::test]
async fn sockets_leave_instances_to_requests() {
    let options = TestServerOptions::default().set("instances_max", 8);
    let server = TestServer::with(options).await;
    server.deploy("ws-many", SERVER).await;
    server.deploy("ws-more", SERVER).await;
    server.deploy("ws-last", SERVER).await;
    let refused = async |worker: &str| match open(&server, request(worker, "/")).await {
        Err(Error::Http(answer)) => {
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.headers()["retry-after"], "1");
        }
        other => panic!("not refused: {other:?}"),
    };
    let mut first = connect(&server, "ws-many").await;
    let _second = connect(&server, "ws-many").await;
    refused("ws-many").await;
    let _others = [
        connect(&server, "ws-more").await,
        connect(&server, "ws-more").await,
    ];
    refused("ws-last").await;
    assert_eq!(
        server.get("ws-many", "/plain").await.expect(200).text(),
        "no socket here"
    );
    first.close(None).await.expect("sends");
    end(&mut first).await;
    eventually("a free place", || async {
        open(&server, request("ws-last", "/")).await.ok()
    })
    .await;
    server.shut_down().await;
}

#[tokio::test]
async fn a_worker_talks_to_a_server_by_the_standard_interface() {
    let server = TestServer::shared().await;
    server.deploy("ws-remote", SERVER).await;
    let source = r#"
        export default { async fetch(request, env) {
            const log = [];
            const socket = new WebSocket(`ws://${env.UPSTREAM}/`, ["a", "b"]);
            log.push(socket.readyState);
            socket.binaryType = "arraybuffer";
            socket.onopen = () => { log.push(["open", socket.protocol]); socket.send("one"); socket.send(new Uint8Array([1, 2])); };
            socket.onmessage = ({ data }) => {
                log.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
                if (log.length === 4) socket.close(3001, "done");
            };
            const { code, reason, wasClean } = await new Promise((resolve) => (socket.onclose = resolve));
            log.push([code, reason, wasClean], socket.readyState);
            const failed = new WebSocket("ws://127.0.0.1:1/");
            log.push(await new Promise((resolve) => (failed.onclose = ({ code }) => resolve(code))));
            return Response.json(log);
        } };
    "#;
    let upstream = RawUpstream::start(&server, "ws-remote").await;
    let deploy = Deploy::default().field("vars", json!({ "UPSTREAM": upstream }));
    server.deploy_with("ws-client", source, deploy).await;
    assert_eq!(
        server.get("ws-client", "/").await.expect(200).json(),
        json!([
            0,
            ["open", "a"],
            "one",
            [1, 2],
            [3001, "done", true],
            3,
            1006
        ])
    );
}

#[tokio::test]
async fn both_ends_of_a_pair_work_within_one_worker() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { async fetch() {
            const [a, b] = Object.values(new WebSocketPair());
            const log = [];
            b.accept();
            b.addEventListener("message", ({ data }) => { log.push(data); b.send(data.toUpperCase()); });
            b.addEventListener("close", ({ code }) => log.push(code));
            a.accept();
            a.send("ping");
            log.push("sent");
            log.push(await new Promise((resolve) => a.addEventListener("message", ({ data }) => resolve(data))));
            a.close(4004, "bye");
            log.push(await new Promise((resolve) => a.addEventListener("close", ({ code, reason }) => resolve([code, reason]))));
            return Response.json(log);
        } };
    "#;
    server.deploy("ws-pair", source).await;
    assert_eq!(
        server.get("ws-pair", "/").await.expect(200).json(),
        json!(["sent", "ping", "PING", 4004, [4004, "bye"]])
    );
}

#[tokio::test]
async fn hono_upgrades_with_its_own_helper() {
    let server = TestServer::shared().await;
    let source = r#"
        import { Hono } from "hono";
        import { upgradeWebSocket } from "hono/cloudflare-workers";

        const app = new Hono();
        app.get("/ws", upgradeWebSocket(() => ({
            onMessage: (event, ws) => ws.send(`hono: ${event.data}`),
        })));
        export default app;
    "#;
    let component = build_worker_with_packages(source);
    let deployed = server.api.deploy("ws-hono", &component, Deploy::default());
    deployed.await.expect(201);
    let opened = open(&server, request("ws-hono", "/ws")).await;
    let mut socket = opened.expect("an upgrade").0;
    say(&mut socket, "hi").await;
    assert_eq!(next(&mut socket).await, Message::text("hono: hi"));
}

/// A port that passes bytes on to one worker of the server, since workers cannot choose the `Host` they send.
struct RawUpstream;

impl RawUpstream {
    async fn start(server: &TestServer, worker: &'static str) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let own = listener.local_addr().expect("bound").to_string();
        let (target, name) = (server.client.address(), own.clone());
        tokio::spawn(async move {
            while let Ok((mut inner, _)) = listener.accept().await {
                let name = name.clone();
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(inner.read_u8().await.expect("a head"));
                    }
                    let host = format!("{worker}.localhost");
                    let head = String::from_utf8(head).expect("text").replace(&name, &host);
                    let mut outer = TcpStream::connect(target).await.expect("a server");
                    outer.write_all(head.as_bytes()).await.expect("sends");
                    // How it ends is the two sides' affair.
                    let _ = tokio::io::copy_bidirectional(&mut inner, &mut outer).await;
                });
            }
        });
        own
    }
}
