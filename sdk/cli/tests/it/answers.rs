//! How answers of a server become output and exit status. The server here says what a test wants it to say.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::{JoinHandle, spawn};

use crate::command::{Ran, folder, ouro};

/// Answers one request and gives back its head.
fn server(status: &'static str, body: &'static str) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let reader = BufReader::new(connection.try_clone().unwrap());
        let head = reader
            .lines()
            .map(Result::unwrap)
            .take_while(|line| !line.is_empty())
            .collect();
        let length = body.len();
        write!(
            connection,
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        head
    });
    (port, serving)
}

fn list(host: &str, port: u16) -> Ran {
    let url = format!("http://{host}:{port}");
    ouro(
        folder(&[]).path(),
        &["workers", "list", "--token", "t0ken", "--url", &url],
    )
}

#[test]
fn a_list_is_a_table_on_stdout() {
    let (port, serving) = server(
        "200 OK",
        r#"{"items":[{"name":"shop","url":"http://shop.localhost:8080","updated_at":"2026-11-20T10:00:00.123Z",
            "live":{"id":"ver_0123456789abcdef","number":3},"health":{"status":"dying"}},{"name":"new\u001b[2J","live":null}],"next":null}"#,
    );
    let ran = list("localhost", port);
    assert_eq!(
        ran.stdout,
        "NAME     LIVE              HEALTH  UPDATED               URL\n\
         shop     3 (ver_01234567)  dying   2026-11-20T10:00:00Z  http://shop.localhost:8080\n\
         new\u{fffd}[2J  -\n"
    );
    assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    let head = serving.join().unwrap();
    assert_eq!(head[0], "GET /api/v1/workers?limit=100 HTTP/1.1");
    assert!(
        head.contains(&"authorization: Bearer t0ken".to_owned()),
        "{head:?}"
    );
}

#[test]
fn a_worker_in_trouble_is_told_with_its_last_failure() {
    let (port, _serving) = server(
        "200 OK",
        r#"{"name":"shop","live":null,"health":{"status":"dying","window_ms":600000,"invocations":1192,
            "outcomes":{"ok":2,"exceeded-memory":1190},"last_failure":{"outcome":"exceeded-memory","message":"too much\u001b[2J",
            "ended_at":"2026-11-20T03:00:00.123Z","execution_id":"exe_0123456789abcdef"}}}"#,
    );
    let url = format!("http://localhost:{port}");
    let args = ["workers", "get", "shop", "--token", "t", "--url", &url];
    let ran = ouro(folder(&[]).path(), &args);
    assert_eq!(
        ran.stdout,
        "name        shop\n\
         live        -\n\
         health      dying (last 10 minutes: 1190 exceeded-memory, 2 ok)\n\
         failure     2026-11-20T03:00:00Z exe_01234567 exceeded-memory too much\u{fffd}[2J\n"
    );
}

#[test]
fn executions_are_a_table_with_time_and_memory() {
    let (port, _serving) = server(
        "200 OK",
        r#"{"items":[{"id":"exe_0123456789abcdef","trigger":"http","outcome":"exceeded-cpu","status_code":503,
            "started_at":"2026-11-20T03:00:00.123Z","duration_us":60100,"cpu_us":50000,"memory_bytes_max":33554432}],"next":null}"#,
    );
    let url = format!("http://localhost:{port}");
    let ran = ouro(
        folder(&[]).path(),
        &["executions", "shop", "--token", "t", "--url", &url],
    );
    assert_eq!(
        ran.stdout,
        "STARTED               EXECUTION     TRIGGER  OUTCOME       STATUS  DURATION  CPU      MEMORY\n\
         2026-11-20T03:00:00Z  exe_01234567  http     exceeded-cpu  503     60.1 ms   50.0 ms  33.6 MB\n"
    );
}

#[test]
fn a_worker_that_did_nothing_yet_is_said_to_have_no_executions() {
    let (port, _serving) = server("200 OK", r#"{"items":[],"next":null}"#);
    let url = format!("http://localhost:{port}");
    let args = [
        "executions",
        "shop",
        "--logs",
        "--token",
        "t",
        "--url",
        &url,
    ];
    let ran = ouro(folder(&[]).path(), &args);
    assert_eq!((ran.stdout.as_str(), ran.status), ("", 0));
    assert_eq!(ran.stderr, "`shop` has no executions\n");
}

#[test]
fn a_name_below_localhost_is_this_machine() {
    let (port, serving) = server("200 OK", r#"{"items":[],"next":null}"#);
    assert_eq!(list("api.eu.localhost", port).status, 0);
    let host = format!("host: api.eu.localhost:{port}");
    assert!(serving.join().unwrap().contains(&host));
}

#[test]
fn a_wrong_token_is_the_users_to_mend() {
    let (port, _serving) = server(
        "401 Unauthorized",
        r#"{"code":"unauthorized","message":"wrong token"}"#,
    );
    let ran = list("localhost", port);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr
            .starts_with("error: wrong token\nhint: the token is not that of"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_fault_of_the_server_has_status_2_and_the_requests_id() {
    let (port, _serving) = server(
        "500 Internal Server Error",
        r#"{"code":"internal","message":"internal error","request_id":"exe_1"}"#,
    );
    let ran = list("localhost", port);
    assert_eq!(
        (ran.stderr.as_str(), ran.status),
        ("error: internal error (request exe_1)\n", 2)
    );
}

#[test]
fn what_is_no_ouro_server_is_said_to_be_none() {
    let (port, _serving) = server("200 OK", "<html>");
    let ran = list("localhost", port);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("is not the management API"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_deploy_that_the_server_refuses_is_told_before_the_build() {
    let (port, serving) = server(
        "401 Unauthorized",
        r#"{"code":"unauthorized","message":"the token is not valid"}"#,
    );
    let folder = folder(&[("index.ts", "const broken = ;")]);
    let deploy = |url: &str| {
        let args = [
            "deploy", "index.ts", "--name", "shop", "--token", "t", "--url", url,
        ];
        let ran = ouro(folder.path(), &args);
        assert_eq!((ran.stdout.as_str(), ran.status), ("", 1));
        ran.stderr
    };
    let url = format!("http://localhost:{port}");
    assert_eq!(
        deploy(&url),
        format!(
            "error: the token is not valid\nhint: the token is not that of `{url}/`; see `ouro admin token path`\n"
        )
    );
    let head = serving.join().unwrap();
    assert_eq!(head[0], "GET /api/v1/workers/shop HTTP/1.1");
    // Nobody listens there any more.
    let unreachable = deploy(&url);
    let expected = format!("error: cannot reach `{url}/`: ");
    assert!(unreachable.starts_with(&expected), "{unreachable}");
}

#[test]
fn sql_may_begin_with_a_comment() {
    let (port, serving) = server(
        "404 Not Found",
        r#"{"error":{"code":"not_found","message":"no database `db`"}}"#,
    );
    let url = format!("http://localhost:{port}");
    let sql = "-- the first\nSELECT 1";
    let ran = ouro(
        folder(&[]).path(),
        &[
            "databases",
            "exec",
            "db",
            sql,
            "--token",
            "t0ken",
            "--url",
            &url,
        ],
    );
    let head = serving.join().unwrap();
    assert!(
        head[0].starts_with("POST /api/v1/databases/db/"),
        "{head:?} {}",
        ran.stderr
    );
    assert_eq!(ran.status, 1, "{}", ran.stderr);
}
