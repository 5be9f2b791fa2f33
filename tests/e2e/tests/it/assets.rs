//! Static files of a version, before the worker and by its binding.

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use ouro_test_harness::{Answer, Deploy, TestServer};
use serde_json::json;

const WORKER: &str = r#"
export default { async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/through") return env.ASSETS.fetch(new URL("/app.js", url));
    return new Response("worker " + url.pathname);
} };
"#;

fn site() -> Deploy {
    Deploy::default()
        .file("/index.html", "text/html; charset=utf-8", "<h1>home</h1>")
        .file("/about.html", "text/html; charset=utf-8", "<h1>about</h1>")
        .file("/app.js", "text/javascript", "console.log(1);")
        .file("/a b.txt", "text/plain", "0123456789")
        .file("/404.html", "text/html", "nothing here")
        .assets("binding", json!("ASSETS"))
}

async fn get(server: &TestServer, worker: &str, path: &str, header: (&str, &str)) -> Answer {
    let request = Request::get(path)
        .header(header.0, header.1)
        .body(Empty::<Bytes>::new())
        .expect("a request");
    server
        .client
        .call(&format!("{worker}.localhost"), request)
        .await
}

#[tokio::test]
async fn files_are_served_before_the_worker() {
    let server = TestServer::shared().await;
    server.deploy_with("site", WORKER, site()).await;
    let home = server.get("site", "/").await.expect(200);
    assert_eq!(home.text(), "<h1>home</h1>");
    assert_eq!(home.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(home.header("content-length"), "13");
    assert_eq!(
        home.header("cache-control"),
        "public, max-age=0, must-revalidate"
    );
    assert_eq!(
        server.get("site", "/about").await.expect(200).text(),
        "<h1>about</h1>"
    );
    assert_eq!(
        server
            .get("site", "/about.html?x=1")
            .await
            .expect(307)
            .header("location"),
        "/about?x=1"
    );
    assert_eq!(
        server.get("site", "/a%20b.txt").await.expect(200).text(),
        "0123456789"
    );
    assert_eq!(
        server.get("site", "/other").await.expect(200).text(),
        "worker /other"
    );
    assert_eq!(
        server.post("site", "/", "").await.expect(200).text(),
        "worker /"
    );
}

#[tokio::test]
async fn a_file_that_the_client_has_is_304() {
    let server = TestServer::shared().await;
    server.deploy_with("etag", WORKER, site()).await;
    let first = server.get("etag", "/app.js").await.expect(200);
    let etag = first.header("etag");
    assert_eq!(etag.len(), 66);
    let again = get(&server, "etag", "/app.js", ("if-none-match", etag))
        .await
        .expect(304);
    assert!(again.body.is_empty());
    assert_eq!(again.header("etag"), etag);
    get(&server, "etag", "/app.js", ("if-none-match", "\"other\""))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_range_is_206_and_one_behind_the_end_416() {
    let server = TestServer::shared().await;
    server.deploy_with("range", WORKER, site()).await;
    let part = get(&server, "range", "/a%20b.txt", ("range", "bytes=2-4"))
        .await
        .expect(206);
    assert_eq!(part.text(), "234");
    assert_eq!(part.header("content-range"), "bytes 2-4/10");
    assert_eq!(part.header("content-length"), "3");
    let behind = get(&server, "range", "/a%20b.txt", ("range", "bytes=10-"))
        .await
        .expect(416);
    assert_eq!(behind.header("content-range"), "bytes */10");
}

#[tokio::test]
async fn head_of_a_file_has_its_length() {
    let server = TestServer::shared().await;
    server.deploy_with("asset-head", WORKER, site()).await;
    let request = Request::head("/app.js")
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let answer = server
        .client
        .call("asset-head.localhost", request)
        .await
        .expect(200);
    assert_eq!(answer.header("content-length"), "15");
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn a_worker_reads_its_files_by_the_binding() {
    let server = TestServer::shared().await;
    server.deploy_with("through", WORKER, site()).await;
    let answer = server.get("through", "/through").await.expect(200);
    assert_eq!(answer.text(), "console.log(1);");
    assert_eq!(answer.header("content-type"), "text/javascript");
}

#[tokio::test]
async fn the_not_found_page_answers_browsers() {
    let server = TestServer::shared().await;
    server
        .deploy_with(
            "lost",
            WORKER,
            site().assets("not_found_handling", json!("404-page")),
        )
        .await;
    let page = get(&server, "lost", "/nowhere", ("sec-fetch-mode", "navigate"))
        .await
        .expect(404);
    assert_eq!(page.text(), "nothing here");
    assert_eq!(
        server.get("lost", "/nowhere").await.expect(200).text(),
        "worker /nowhere"
    );

    server
        .deploy_with(
            "spa",
            WORKER,
            site().assets("not_found_handling", json!("single-page-application")),
        )
        .await;
    let page = get(&server, "spa", "/nowhere", ("sec-fetch-mode", "navigate"))
        .await
        .expect(200);
    assert_eq!(page.text(), "<h1>home</h1>");
}

#[tokio::test]
async fn a_worker_that_runs_first_sees_every_request() {
    let server = TestServer::shared().await;
    server
        .deploy_with(
            "first",
            WORKER,
            site().assets("run_worker_first", json!(true)),
        )
        .await;
    assert_eq!(
        server.get("first", "/app.js").await.expect(200).text(),
        "worker /app.js"
    );
    assert_eq!(
        server.get("first", "/through").await.expect(200).text(),
        "console.log(1);"
    );
}

#[tokio::test]
async fn a_worker_that_names_its_paths_gets_these_and_no_other() {
    let server = TestServer::shared().await;
    let deploy = site()
        .assets("run_worker_first", json!(["/app*", "!/app.js"]))
        .assets("not_found_handling", json!("404-page"));
    server.deploy_with("paths", WORKER, deploy).await;
    let worker = server.get("paths", "/app/x").await.expect(200);
    assert_eq!(worker.text(), "worker /app/x");
    let file = server.get("paths", "/app.js").await.expect(200);
    assert_eq!(file.text(), "console.log(1);");
    let page = server.get("paths", "/other").await.expect(404);
    assert_eq!(page.text(), "nothing here");
}

#[tokio::test]
async fn rules_change_headers_of_files_and_redirect() {
    let server = TestServer::shared().await;
    let deploy = site()
        .assets(
            "headers",
            json!([
                { "path": "/*.js", "set": { "cache-control": "public, max-age=31536000, immutable", "x-name": ":splat" } },
                { "path": "/about", "unset": ["etag"] },
            ]),
        )
        .assets(
            "redirects",
            json!([
                { "from": "/old/:page", "to": "/:page", "status": 301 },
                { "from": "/script", "to": "/app.js", "status": 200 },
                { "from": "/lost", "to": "/nowhere", "status": 200 },
            ]),
        );
    server.deploy_with("rules", WORKER, deploy).await;
    let script = server.get("rules", "/app.js").await.expect(200);
    let etag = script.header("etag").to_owned();
    let again = get(&server, "rules", "/app.js", ("if-none-match", &etag)).await;
    for answer in [&script, &again.expect(304)] {
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(answer.header("x-name"), "app");
    }
    let about = server.get("rules", "/about").await.expect(200);
    assert!(!about.headers.contains_key("etag"));
    let moved = server.get("rules", "/old/about?a=b").await.expect(301);
    assert_eq!(moved.header("location"), "/about?a=b");
    let inside = server.get("rules", "/script").await.expect(200);
    assert_eq!(inside.text(), "console.log(1);");
    server.get("rules", "/lost").await.expect(404);
    // The worker's own responses are its own.
    let own = server.get("rules", "/x.js").await.expect(200);
    assert!(!own.headers.contains_key("x-name"));
}

#[tokio::test]
async fn files_of_every_size_are_validated_cut_into_ranges_and_whole() {
    let server = TestServer::shared().await;
    for (worker, bytes) in [
        ("asset-empty", 0),
        ("asset-small", 1_000),
        ("asset-large", 700_000),
    ] {
        let contents = (0..bytes).map(|at| at as u8).collect::<Vec<_>>();
        let deploy = Deploy::default().file("/file", "text/plain", contents.clone());
        server.deploy_with(worker, WORKER, deploy).await;
        // What was read before is answered alike.
        for _ in 0..2 {
            let whole = server.get(worker, "/file").await.expect(200);
            assert_eq!(whole.body, contents);
            assert_eq!(whole.header("content-length"), bytes.to_string());
            let etag = whole.header("etag").to_owned();
            let known = get(&server, worker, "/file", ("if-none-match", &etag)).await;
            assert!(known.expect(304).body.is_empty());
            if bytes > 0 {
                let part = get(&server, worker, "/file", ("range", "bytes=900-")).await;
                assert_eq!(part.expect(206).body, contents[900..]);
            }
        }
    }
}
