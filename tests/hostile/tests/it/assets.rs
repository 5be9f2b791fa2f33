//! Names of assets that would be paths of something else, where they are uploaded and where they are asked for.

use ouro_core::Digest;
use ouro_test_harness::{Deploy, build_worker};
use serde_json::{Value, json};

use crate::node::Node;
use crate::raw::{exchange, status};

const NONE: &str = "export default { fetch: () => new Response('no asset', { status: 404 }) };";

/// Everything that is in a folder, and below.
fn files(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            found.push(path.display().to_string());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_of_an_asset_is_a_path_of_the_host() {
    let node = Node::start(&[]).await;
    let component = build_worker(NONE);
    let long = format!("/{}", "a".repeat(100_000));
    let deep = "/a".repeat(10_000);
    let names = [
        "",
        "/",
        "a",
        "..",
        "/..",
        "/../a",
        "/a/../../b",
        "/a/..",
        "/./a",
        "//a",
        "//h/a",
        "/a//b",
        "/a/",
        "a/b",
        "\\..\\a",
        "/..\\a",
        "/a\0b",
        "/a\nb",
        "/a\rb",
        "/%2e%2e/a",
        "/..%2fa",
        "/%00",
        "C:\\a",
        "/C:/a",
        "file:///etc/passwd",
        "http://h/a",
        "/a?b",
        "/a#b",
        "/\u{202e}a",
        "/\u{ff0e}\u{ff0e}/a",
        "/\u{fffd}",
        "/ä",
        "/a\u{308}",
        "/\u{7f}",
        "/ a ",
        "/con",
        "/a.",
        "/__proto__",
        "/constructor",
        &long,
        &deep,
    ];
    for (at, name) in names.iter().enumerate() {
        let worker = format!("named-{at}");
        let deploy = Deploy::default().file(name, "text/plain", format!("contents of {at}"));
        let answer = node.api().deploy(&worker, &component, deploy).await;
        // A name that is taken is one that can be asked for, and nothing else.
        assert!(
            matches!(answer.status.as_u16(), 201 | 400),
            "{name:?}: {} {}",
            answer.status,
            answer.text()
        );
        if answer.status == 201 {
            let asked = node.client().get(&format!("{worker}.localhost"), "/").await;
            assert!(asked.status.as_u16() < 500, "{name:?}: {}", asked.text());
        }
    }
    let twice =
        b"{\"component\":\"COMPONENT\",\"assets\":{\"files\":{\"/a\":{},\"/a\":{},\"/A\":{}}}}";
    let twice = String::from_utf8_lossy(twice).replace("COMPONENT", &component.digest.to_string());
    let answer = node.api().send(
        "POST",
        "/workers/named-0/versions",
        "application/json",
        twice.into(),
    );
    answer.await.expect(400);
    // What was stored is stored under its digest.
    let artifacts = node.data_dir().join("artifacts");
    for file in files(&artifacts) {
        let name = file.rsplit('/').next().unwrap_or_default();
        let is_named = name.parse::<Digest>().is_ok() || name.len() == 2 || name == "tmp";
        assert!(is_named, "{file}");
    }
    node.is_as_before("names of assets").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn digests_of_assets_are_digests() {
    let node = Node::start(&[]).await;
    let component = build_worker(NONE);
    let deployed = node
        .api()
        .deploy("digests", &component, Deploy::default())
        .await;
    deployed.expect(201);
    let name_file = async |digest: &str, size: Value| {
        let file = json!({ "digest": digest, "size": size, "content_type": "text/plain" });
        let body = json!({ "component": component.digest, "assets": { "files": { "/a": file } } });
        let api = node.api();
        api.call("POST", "/workers/digests/versions", body).await
    };
    for digest in [
        "",
        "..",
        "../../host-key",
        "/etc/passwd",
        &"0".repeat(63),
        &"g".repeat(64),
        &"0".repeat(100_000),
    ] {
        let answer = name_file(digest, json!(1)).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 422),
            "{digest:.80}: {}",
            answer.text()
        );
        let path = format!("/artifacts/{}", digest.replace('/', "%2F"));
        if path.len() < 1_000 {
            let answer = node
                .api()
                .send("PUT", &path, "application/octet-stream", "x".into())
                .await;
            assert!(
                matches!(answer.status.as_u16(), 400 | 404),
                "{digest:.80}: {}",
                answer.text()
            );
        }
    }
    // One that nobody stored, a size that is not that of the contents, and none at all.
    let stored = Digest::of(b"stored");
    node.api().upload(stored, "stored".into()).await.expect(200);
    for (digest, size) in [
        (Digest::of(b"absent").to_string(), json!(1)),
        (stored.to_string(), json!(-1)),
        (stored.to_string(), json!(1e300)),
    ] {
        let answer = name_file(&digest, size.clone()).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 422),
            "{digest} {size}: {}",
            answer.text()
        );
    }
    node.is_as_before("digests of assets").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_target_of_a_request_is_a_path_of_the_host() {
    let node = Node::start(&[]).await;
    let deploy = Deploy::default().file("/a/b.txt", "text/plain", "the asset");
    let deployed = node
        .api()
        .deploy("paths", &build_worker(NONE), deploy)
        .await;
    deployed.expect(201);
    let whole = node.client().get("paths.localhost", "/a/b.txt").await;
    assert_eq!(whole.expect(200).text(), "the asset");
    let secret = std::fs::read_to_string(node.data_dir().join("admin-token")).expect("the token");
    for target in [
        "/../admin-token",
        "/../../admin-token",
        "/a/../../admin-token",
        "/%2e%2e/admin-token",
        "/%2e%2e%2fadmin-token",
        "/..%5cadmin-token",
        "/..\\admin-token",
        "//admin-token",
        "/a//b.txt",
        "/a/%00b.txt",
        "/a/b.txt%00.html",
        "/%c0%ae%c0%ae/admin-token",
        "/%",
        "/%zz",
        "/%ff",
        "/a/b.txt/",
        "/a/b.txt/..",
        "/a\\b.txt",
        "/file:///etc/passwd",
        "file:///etc/passwd",
        "/etc/passwd",
        "/proc/self/environ",
        "/.",
        "/..",
    ] {
        let request =
            format!("GET {target} HTTP/1.1\r\nhost: paths.localhost\r\nconnection: close\r\n\r\n");
        let answer = exchange(node.client().address(), request.as_bytes()).await;
        assert!(
            matches!(status(&answer), 200 | 301 | 302 | 307 | 308 | 400 | 404),
            "{target}: {answer}"
        );
        assert!(
            status(&answer) != 200 || answer.ends_with("the asset"),
            "{target}: {answer}"
        );
        assert!(
            !answer.contains(secret.trim()) && !answer.contains("root:"),
            "{target}: {answer}"
        );
    }
    // Ranges that are none, or a thousand.
    let many = format!("bytes={}0-", "0-0,".repeat(1_000));
    for range in [
        "bytes=-0",
        "bytes=9-1",
        "bytes=-99999999999999999999",
        "bytes=0-18446744073709551616",
        "bytes=,",
        "x=0-1",
        &many,
    ] {
        let request = format!(
            "GET /a/b.txt HTTP/1.1\r\nhost: paths.localhost\r\nrange: {range}\r\nconnection: close\r\n\r\n"
        );
        let answer = exchange(node.client().address(), request.as_bytes()).await;
        assert!(
            matches!(status(&answer), 200 | 206 | 416),
            "{range:.40}: {answer}"
        );
        assert!(answer.len() < 10_000, "{range:.40}: {} bytes", answer.len());
    }
    node.is_as_before("targets of requests").await;
}
