//! Starts, ends and crashes of the `ouro` process.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use ouro_test_harness::{Deploy, OuroProcess, TestServer, TestServerOptions, build_worker};

fn says(text: &str) -> String {
    format!("export default {{ fetch() {{ return new Response({text:?}); }} }};")
}

/// A data directory with the management API in it, whether the binary carries one or not.
async fn prepared(folder: &Path) -> std::path::PathBuf {
    let data_dir = folder.join("data");
    let server = TestServer::with(TestServerOptions {
        data_dir: Some(data_dir.clone()),
        ..Default::default()
    })
    .await;
    server.shut_down().await;
    data_dir
}

#[tokio::test]
async fn the_first_start_says_where_the_token_lies_and_never_the_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path().join("data");
    let process = OuroProcess::serve(&data_dir, &[]);
    let file = data_dir.join("admin-token");
    let token = std::fs::read_to_string(&file).expect("the token");
    let mode = std::fs::metadata(&file)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    process.terminate();
    let (status, log) = process.wait();
    assert!(status.success(), "{status}");
    let log = log.join("\n");
    assert!(log.contains("admin-token"), "{log}");
    assert!(!log.contains(token.trim()));
}

#[tokio::test]
async fn sigterm_finishes_what_runs_and_takes_nothing_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = prepared(folder.path()).await;
    let process = OuroProcess::serve(&data_dir, &[]);
    let source = r#"
        export default { fetch(request, env, ctx) {
            ctx.waitUntil((async () => { await new Promise((r) => setTimeout(r, 300)); console.log("last words"); })());
            return new Response(new ReadableStream({
                async start(c) {
                    const text = new TextEncoder();
                    c.enqueue(text.encode("begun "));
                    await new Promise((r) => setTimeout(r, 200));
                    c.enqueue(text.encode("finished"));
                    c.close();
                },
            }));
        } };
    "#;
    process
        .api
        .deploy("slow", &build_worker(source), Deploy::default())
        .await
        .expect(201);
    let request = Request::get("/")
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let mut body = process
        .client
        .send("slow.localhost", request)
        .await
        .expect("a head")
        .into_body();
    let first = body
        .frame()
        .await
        .expect("a frame")
        .expect("no error")
        .into_data()
        .expect("data");
    assert_eq!(first, "begun ");
    process.terminate();
    let rest = body.collect().await.expect("the rest").to_bytes();
    assert_eq!(rest, "finished");
    let address = process.client.address();
    let (status, _) = process.wait();
    assert_eq!(status.code(), Some(0));
    assert!(tokio::net::TcpStream::connect(address).await.is_err());

    let server = TestServer::with(TestServerOptions {
        data_dir: Some(data_dir),
        ..Default::default()
    })
    .await;
    let records = server.api.executions("slow", 1).await;
    assert_eq!(records[0]["console"][0]["message"], "last words");
    server.shut_down().await;
}

#[tokio::test]
async fn what_was_deployed_serves_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = prepared(folder.path()).await;
    let process = OuroProcess::serve(&data_dir, &[]);
    process
        .api
        .deploy("kept", &build_worker(&says("kept")), Deploy::default())
        .await
        .expect(201);
    process.kill();
    let process = OuroProcess::serve(&data_dir, &[]);
    assert_eq!(
        process
            .client
            .get("kept.localhost", "/")
            .await
            .expect(200)
            .text(),
        "kept"
    );
}

#[tokio::test]
async fn killed_at_any_moment_of_a_deploy_a_whole_version_serves_after_the_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = prepared(folder.path()).await;
    let process = OuroProcess::serve(&data_dir, &[]);
    let name = "killed";
    let version = |text: String| {
        let deploy = Deploy::default()
            .file("/version.txt", "text/plain", text.clone())
            .assets("html_handling", "none".into());
        (build_worker(&says(&text)), deploy)
    };
    let (component, deploy) = version("version 0".to_owned());
    let begun = Instant::now();
    process
        .api
        .deploy(name, &component, deploy)
        .await
        .expect(201);
    let took = begun.elapsed();
    process.kill();
    let mut live = "version 0".to_owned();
    let (mut old, mut new) = (0, 0);
    // The kills come later until one falls behind the switch, then earlier again: they crowd around it, however busy the machine is.
    let mut wait = Duration::ZERO;
    for round in 1..=12 {
        let process = OuroProcess::serve(&data_dir, &[]);
        let next = format!("version {round}");
        let (component, deploy) = version(next.clone());
        let api = process.api.clone();
        let deploy = tokio::spawn(async move { api.deploy(name, &component, deploy).await });
        tokio::time::sleep(wait).await;
        process.kill();
        let answered = deploy.await.is_ok_and(|answer| answer.status == 201);

        let process = OuroProcess::serve(&data_dir, &[]);
        let get = |path: &'static str| process.client.get("killed.localhost", path);
        let serves = get("/").await.expect(200).text().to_owned();
        assert!(
            serves == next || (serves == live && !answered),
            "round {round}: `{serves}` after `{live}`, answered: {answered}"
        );
        let asset = get("/version.txt").await.expect(200).text().to_owned();
        assert_eq!(
            asset, serves,
            "round {round}: code and assets are one version"
        );
        if serves == next {
            new += 1;
            wait /= 2;
        } else {
            old += 1;
            wait = wait * 3 / 2 + took / 8;
        }
        live = serves;
        process.kill();
    }
    assert!(
        old > 0 && new > 0,
        "the kills fell on one side of the switch only: {old} before, {new} after"
    );
}

#[tokio::test]
async fn an_unknown_key_stops_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ouro.toml");
    std::fs::write(&file, "[artifacts]\nbackent = \"s3\"\n").expect("a file");
    let output = OuroProcess::command("serve")
        .arg("--config")
        .arg(&file)
        .output()
        .expect("the command's output");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("`artifacts.backent`"), "{text}");
}

#[tokio::test]
async fn a_port_that_is_taken_stops_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = OuroProcess::serve(&folder.path().join("one"), &[]);
    let output = OuroProcess::command("serve")
        .args([
            "--listen",
            &process.client.address().to_string(),
            "--data-dir",
        ])
        .arg(folder.path().join("two"))
        .output()
        .expect("the command's output");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    let address = process.client.address().to_string();
    assert!(text.contains(&address), "{text}");
    assert!(
        text.contains("\nhint: another process listens there; --listen takes another address"),
        "{text}"
    );
}

#[tokio::test]
async fn a_data_directory_that_another_server_uses_stops_the_start_until_that_server_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path().join("data");
    let process = OuroProcess::serve(&data_dir, &[]);
    // On the same address too, so that it ends in any case.
    let mut second = OuroProcess::command("serve");
    second
        .args(["--listen", &process.client.address().to_string()])
        .arg("--data-dir")
        .arg(&data_dir);
    let output = OuroProcess::output(second).await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("another server uses the data directory `") && text.contains("--data-dir"),
        "{text}"
    );
    assert!(text.contains(&data_dir.display().to_string()), "{text}");
    // `kill -9` leaves no lock behind.
    process.kill();
    OuroProcess::serve(&data_dir, &[]);
}

#[tokio::test]
async fn the_log_has_message_and_stack_of_a_failure_in_terms_of_the_source() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = prepared(folder.path()).await;
    let mut process = OuroProcess::serve(&data_dir, &[]);
    let source = "interface Order { id: number }\nconst order: Order = { id: 7 };\n\nexport default { fetch() {\n    throw new Error(`order ${order.id}`);\n} };\n";
    process
        .api
        .deploy("logged", &build_worker(source), Deploy::default())
        .await
        .expect(201);
    let answer = process
        .client
        .get("logged.localhost", "/")
        .await
        .expect(500);
    let line = process.log_line(|line| line["fields"]["message"] == "an invocation failed");
    assert_eq!(line["fields"]["request_id"], answer.header("x-request-id"));
    let error = line["fields"]["error"].as_str().expect("an error");
    assert!(error.starts_with("Error: order 7"), "{error}");
    assert!(error.contains("worker.ts:5:"), "{error}");
}
