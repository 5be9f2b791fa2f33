//! Versions by names of their own, and several that are live together.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Request;
use http_body_util::Empty;
use ouro_core::Digest;
use ouro_test_harness::{Answer, Deploy, TestServer, build_worker};
use serde_json::{Value, json};

fn says(text: &str) -> String {
    format!("export default {{ fetch() {{ return new Response({text:?}); }} }};")
}

/// Makes a version that is not live; answers with its id.
async fn upload(server: &TestServer, worker: &str, text: &str) -> String {
    let deploy = Deploy::default()
        .field("activate", json!(false))
        .file("/version.txt", "text/plain", text.to_owned())
        .assets("html_handling", "none".into());
    let made = server
        .api
        .deploy(worker, &build_worker(&says(text)), deploy)
        .await
        .expect(201)
        .json();
    made["id"].as_str().expect("an id").to_owned()
}

async fn deploy(server: &TestServer, worker: &str, body: Value) -> Value {
    let path = format!("/workers/{worker}/deployments");
    server
        .api
        .call("POST", &path, body)
        .await
        .expect(201)
        .json()
}

async fn set_alias(server: &TestServer, worker: &str, alias: &str, version: Value) -> Value {
    let path = format!("/workers/{worker}/aliases/{alias}");
    let body = json!({ "version": version });
    server.api.call("PUT", &path, body).await.expect(200).json()
}

/// Asks with header fields.
async fn ask(server: &TestServer, host: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::get("/");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::<bytes::Bytes>::new());
    server.client.call(host, request.expect("a request")).await
}

#[tokio::test]
async fn an_alias_serves_its_version_and_its_assets_until_it_names_another() {
    let server = TestServer::shared().await;
    let first = upload(&server, "aliased", "one").await;
    let second = upload(&server, "aliased", "two").await;
    server.get("aliased", "/").await.expect(404);
    let set = set_alias(&server, "aliased", "staging", json!(1)).await;
    let port = server.client.address().port();
    assert_eq!(
        set["url"],
        format!("http://staging.aliased.localhost:{port}")
    );
    for (host, text, id) in [
        ("staging.aliased", "one", &first),
        ("STAGING.Aliased", "one", &first),
        (&second[4..12], "two", &second),
        (&first[4..], "one", &first),
    ] {
        let host = if host.contains('.') {
            host.to_owned()
        } else {
            format!("{host}.aliased")
        };
        let answer = server.get(&host, "/").await.expect(200);
        assert_eq!(
            (answer.text(), answer.header("x-ouro-version")),
            (text, id.as_str())
        );
        let asset = server.get(&host, "/version.txt").await.expect(200);
        assert_eq!(
            (asset.text(), asset.header("x-ouro-version")),
            (text, id.as_str())
        );
    }
    set_alias(&server, "aliased", "staging", json!(second)).await;
    let moved = server.get("staging.aliased", "/").await.expect(200);
    assert_eq!(moved.text(), "two");

    deploy(&server, "aliased", json!({ "version": 1 })).await;
    for host in ["aliased", "live.aliased"] {
        let live = server.get(host, "/").await.expect(200);
        assert_eq!((live.text(), live.header("x-ouro-version")), ("one", ""));
    }
    let records = server.api.executions("aliased", 1).await;
    assert!(
        records
            .iter()
            .any(|record| record["version_id"] == json!(second))
    );

    let path = "/workers/aliased/aliases/staging";
    server
        .api
        .call("DELETE", path, Value::Null)
        .await
        .expect(204);
    server.get("staging.aliased", "/").await.expect(404);
}

#[tokio::test]
async fn names_that_mean_no_version_are_not_found() {
    let server = TestServer::shared().await;
    let id = upload(&server, "unnamed", "one").await;
    set_alias(&server, "unnamed", "staging", json!(1)).await;
    upload(&server, "unnamed-too", "two").await;
    let digits = &id[4..];
    for host in [
        "other.unnamed.localhost".to_owned(),
        "staging.unnamed-too.localhost".to_owned(),
        "staging.nobody.localhost".to_owned(),
        "a.staging.unnamed.localhost".to_owned(),
        "staging..unnamed.localhost".to_owned(),
        ".unnamed.localhost".to_owned(),
        "%.unnamed.localhost".to_owned(),
        "________.unnamed.localhost".to_owned(),
        "staging.unnamed.evil-localhost".to_owned(),
        "unnamed.evillocalhost".to_owned(),
        format!("{}.unnamed.localhost", &digits[..7]),
        format!("{digits}0.unnamed.localhost"),
        format!("{id}.unnamed.localhost"),
        format!("{}.unnamed-too.localhost", &digits[..12]),
    ] {
        let answer = server.client.get(&host, "/").await;
        assert_eq!(answer.status, 404, "{host}: {}", answer.text());
        assert_eq!(answer.json()["code"], "unknown_host", "{host}");
    }
    for host in [
        "staging.unnamed.localhost.",
        "staging.unnamed.localhost.:80",
    ] {
        assert_eq!(server.client.get(host, "/").await.expect(200).text(), "one");
    }
}

#[tokio::test]
async fn old_versions_of_the_management_api_are_out_of_reach() {
    let server = TestServer::shared().await;
    let live = server.api.get("/workers/management").await.expect(200);
    let id = live.json()["live"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let host = format!("{}.management", &id[4..12]);
    server.get(&host, "/health").await.expect(404);
}

/// The first 64 bits of the key's SHA-256 modulo 10,000, as docs/reference/routing.md has it.
fn point(key: &str) -> u64 {
    let digest = Digest::of(key.as_bytes());
    let first: [u8; 8] = digest.as_bytes()[..8].try_into().expect("8 bytes");
    u64::from_be_bytes(first) % 10_000
}

#[tokio::test]
async fn a_split_answers_by_the_version_key() {
    let server = TestServer::shared().await;
    let old = upload(&server, "split-keys", "old").await;
    let new = upload(&server, "split-keys", "new").await;
    let body = json!({ "versions": [{ "version": 1, "percentage": 90 }, { "version": 2, "percentage": 10 }] });
    deploy(&server, "split-keys", body).await;
    let mut answered = 0;
    for user in 0..300 {
        let key = format!("user-{user}");
        let (text, id) = if point(&key) < 1_000 {
            answered += 1;
            ("new", &new)
        } else {
            ("old", &old)
        };
        let cookie = format!("a=b; ouro_version_key={key}");
        let fields = [
            ("ouro-version-key", key.as_str()),
            ("cloudflare-workers-version-key", &key),
            ("cookie", &cookie),
        ];
        let field = fields[user % 3];
        let answer = ask(&server, "split-keys.localhost", &[field])
            .await
            .expect(200);
        assert_eq!(
            (answer.text(), answer.header("x-ouro-version")),
            (text, id.as_str()),
            "{key}"
        );
        assert_eq!(
            answer.header("set-cookie"),
            "",
            "nobody asked for stickiness"
        );
    }
    assert_eq!(answered, 33, "the keys are always the same");

    // Who had the new version keeps it when it gets more.
    let body = json!({ "versions": [{ "version": 1, "percentage": 50 }, { "version": 2, "percentage": 50 }] });
    deploy(&server, "split-keys", body).await;
    let keys = (0..300).map(|user| format!("user-{user}"));
    for key in keys.filter(|key| point(key) < 1_000).take(10) {
        let field = ("ouro-version-key", key.as_str());
        let answer = ask(&server, "split-keys.localhost", &[field])
            .await
            .expect(200);
        assert_eq!(answer.text(), "new", "{key}");
    }
}

#[tokio::test]
async fn without_a_key_chance_chooses_and_every_version_serves_its_own_assets() {
    let server = TestServer::shared().await;
    upload(&server, "split-chance", "one").await;
    upload(&server, "split-chance", "two").await;
    let body = json!({ "versions": [{ "version": 1, "percentage": 50 }, { "version": 2, "percentage": 50 }] });
    deploy(&server, "split-chance", body).await;
    let mut seen: HashMap<String, String> = HashMap::new();
    // That one of the two never comes in 200 requests happens once in 10^60.
    for _ in 0..200 {
        let answer = server.get("split-chance", "/version.txt").await.expect(200);
        let version = answer.header("x-ouro-version").to_owned();
        let before = seen.insert(version, answer.text().to_owned());
        assert!(before.is_none_or(|before| before == answer.text()));
    }
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn a_sticky_split_gives_a_cookie_that_keeps_the_version() {
    let server = TestServer::shared().await;
    upload(&server, "sticky", "one").await;
    upload(&server, "sticky", "two").await;
    let versions = json!([{ "version": 1, "percentage": 50 }, { "version": 2, "percentage": 50 }]);
    let body = json!({ "versions": versions, "sticky": "cookie" });
    deploy(&server, "sticky", body).await;
    let first = server.get("sticky", "/").await.expect(200);
    let cookie = first.header("set-cookie").to_owned();
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    assert!(pair.starts_with("ouro_version_key="), "{cookie}");
    assert_eq!(
        attributes,
        "Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"
    );
    for _ in 0..50 {
        let again = ask(&server, "sticky.localhost", &[("cookie", pair)])
            .await
            .expect(200);
        assert_eq!(again.text(), first.text());
        assert_eq!(again.header("set-cookie"), "", "it has one");
    }
    let alias = server.api.call(
        "PUT",
        "/workers/sticky/aliases/one",
        json!({ "version": 1 }),
    );
    alias.await.expect(200);
    let named = server.get("one.sticky", "/").await.expect(200);
    assert_eq!((named.text(), named.header("set-cookie")), ("one", ""));
}

#[tokio::test]
async fn a_rollback_ends_a_split() {
    let server = TestServer::shared().await;
    upload(&server, "split-back", "one").await;
    let second = upload(&server, "split-back", "two").await;
    deploy(&server, "split-back", json!({ "version": 1 })).await;
    let body = json!({ "versions": [{ "version": 1, "percentage": 1 }, { "version": 2, "percentage": 99 }] });
    let split = deploy(&server, "split-back", body).await;
    assert_eq!(split["version_id"], json!(second));
    let path = "/workers/split-back/rollback";
    let rolled = server.api.call("POST", path, Value::Null).await.expect(201);
    assert_eq!(rolled.json()["version_number"], 1);
    for _ in 0..20 {
        let answer = server.get("split-back", "/").await.expect(200);
        assert_eq!(
            (answer.text(), answer.header("x-ouro-version")),
            ("one", "")
        );
    }
}

#[tokio::test]
async fn service_bindings_follow_the_split() {
    let server = TestServer::shared().await;
    upload(&server, "split-callee", "old").await;
    upload(&server, "split-callee", "new").await;
    let body = json!({ "versions": [{ "version": 1, "percentage": 50 }, { "version": 2, "percentage": 50 }] });
    deploy(&server, "split-callee", body).await;
    let source = r#"
        export default { async fetch(request, env) {
            const bound = await env.CALLEE.fetch(request);
            const named = await fetch("http://split-callee.localhost/", { headers: request.headers });
            return Response.json([await bound.text(), await named.text()]);
        } };
    "#;
    let services = json!({ "CALLEE": { "worker": "split-callee" } });
    let caller = Deploy::default().field("services", services);
    server.deploy_with("split-caller", source, caller).await;
    for user in 0..20 {
        let key = format!("user-{user}");
        let expected = if point(&key) < 5_000 { "new" } else { "old" };
        let field = ("ouro-version-key", key.as_str());
        let answer = ask(&server, "split-caller.localhost", &[field])
            .await
            .expect(200);
        assert_eq!(answer.json(), json!([expected, expected]), "{key}");
    }
}

#[tokio::test]
async fn no_request_is_dropped_while_what_is_live_changes() {
    let server = Arc::new(TestServer::shared().await);
    upload(&server, "switched-live", "one").await;
    upload(&server, "switched-live", "two").await;
    deploy(&server, "switched-live", json!({ "version": 1 })).await;
    set_alias(&server, "switched-live", "now", json!(1)).await;
    let done = Arc::new(AtomicBool::new(false));
    let load = ["switched-live", "now.switched-live"].map(|host| {
        let (server, done) = (server.clone(), done.clone());
        tokio::spawn(async move {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                let answer = server.get(host, "/").await;
                assert_eq!(answer.status, 200, "{host}: {}", answer.text());
                assert!(matches!(answer.text(), "one" | "two"));
                count += 1;
            }
            count
        })
    });
    for round in 0..5 {
        let versions =
            json!([{ "version": 1, "percentage": 50 }, { "version": 2, "percentage": 50 }]);
        deploy(&server, "switched-live", json!({ "versions": versions })).await;
        set_alias(&server, "switched-live", "now", json!(1 + round % 2)).await;
        deploy(
            &server,
            "switched-live",
            json!({ "version": 1 + round % 2 }),
        )
        .await;
    }
    done.store(true, Ordering::Relaxed);
    for requests in load {
        assert!(requests.await.expect("every answer is a whole one") > 0);
    }
}
