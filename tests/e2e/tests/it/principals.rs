//! Who asks is settled by the host: accounts, what belongs to whom, and who may call a worker.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use ouro_test_harness::{Answer, Api, Deploy, TestServer, TestServerOptions, build_worker};
use serde_json::{Value, json};

const PASSWORD: &str = "a long enough one";

const TELLS: &str = "export default { fetch(request, env, ctx) {
    return Response.json({ principal: ctx.principal, headers: Object.fromEntries(request.headers) });
} };";

/// A user with an account, and their tokens.
struct User {
    api: Api,
    access: String,
    refresh: String,
}

/// On this server the operator makes accounts.
async fn user(server: &TestServer, name: &str) -> User {
    let email = format!("{name}@example.org");
    let account = json!({ "email": email, "password": PASSWORD, "name": name });
    server
        .api
        .call("POST", "/auth/sign-up", account)
        .await
        .expect(204);
    sign_in(server, &email).await
}

async fn sign_in(server: &TestServer, email: &str) -> User {
    let body = json!({ "email": email, "password": PASSWORD }).to_string();
    let tokens = nobody(server, "POST", "/api/v1/auth/sign-in", body)
        .await
        .expect(200)
        .json();
    let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
    let access = text("access_token");
    User {
        api: server.api.with_token(&access),
        refresh: text("refresh_token"),
        access,
    }
}

/// A request without any credential.
async fn nobody(server: &TestServer, method: &str, path: &str, body: String) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = request
        .body(Full::new(Bytes::from(body)))
        .expect("a request");
    server.client.call("localhost", request).await
}

async fn ask(server: &TestServer, worker: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::get("/");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::<Bytes>::default()).expect("a request");
    server
        .client
        .call(&format!("{worker}.localhost"), request)
        .await
}

fn bearer(token: &str) -> [(&'static str, String); 1] {
    [("authorization", format!("Bearer {token}"))]
}

async fn ask_with(server: &TestServer, worker: &str, token: &str) -> Answer {
    let [(name, value)] = bearer(token);
    ask(server, worker, &[(name, &value)]).await
}

#[tokio::test]
async fn what_a_user_deploys_is_theirs_and_nobody_else_finds_it() {
    let server = TestServer::shared().await;
    let (ada, eve) = (
        user(&server, "ada-owns").await,
        user(&server, "eve-owns").await,
    );
    let component = build_worker(TELLS);
    ada.api
        .deploy("owned", &component, Deploy::default())
        .await
        .expect(201);
    let mine = ada.api.get("/workers").await.expect(200).json();
    assert_eq!(mine["items"][0]["name"], "owned");
    assert_eq!(
        eve.api.get("/workers").await.expect(200).json()["items"],
        json!([])
    );
    eve.api.get("/workers/owned").await.expect(404);
    eve.api
        .call("DELETE", "/workers/owned", Value::Null)
        .await
        .expect(404);
    eve.api.get("/workers/management").await.expect(404);
    // The operator's own organization is another one, too, until it is named.
    server.api.get("/workers/owned").await.expect(404);
    assert_eq!(
        ask(&server, "owned", &[]).await.expect(200).json()["principal"],
        Value::Null
    );
}

#[tokio::test]
async fn a_worker_for_members_takes_members_and_learns_who_they_are() {
    let server = TestServer::shared().await;
    let (ada, eve) = (
        user(&server, "ada-calls").await,
        user(&server, "eve-calls").await,
    );
    ada.api
        .deploy("members", &build_worker(TELLS), Deploy::default())
        .await
        .expect(201);
    ada.api
        .call("PATCH", "/workers/members", json!({ "auth": "user" }))
        .await
        .expect(200);

    let refused = ask(&server, "members", &[]).await.expect(401);
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    assert_eq!(refused.json()["code"], "unauthorized");
    ask_with(&server, "members", &eve.access).await.expect(401);
    ask_with(&server, "members", &ada.refresh).await.expect(401);
    ask_with(&server, "members", "guess").await.expect(401);

    let seen = ask_with(&server, "members", &ada.access)
        .await
        .expect(200)
        .json();
    assert_eq!(seen["principal"]["kind"], "user");
    assert_eq!(seen["principal"]["email"], "ada-calls@example.org");
    assert_eq!(
        seen["headers"]["authorization"],
        Value::Null,
        "the worker has no use for it"
    );

    ada.api
        .call("PATCH", "/workers/members", json!({ "auth": "key" }))
        .await
        .expect(200);
    ask_with(&server, "members", &ada.access).await.expect(403);
    let assets = ask(&server, "members", &[]).await;
    assert_eq!(assets.status, 401);
}

#[tokio::test]
async fn a_principal_is_what_the_host_says_and_not_what_a_client_or_a_worker_says() {
    let server = TestServer::shared().await;
    let forged = r#"{"kind":"operator","id":"operator"}"#;
    server.deploy("believes", TELLS).await;
    let seen = ask(&server, "believes", &[("x-ouro-principal", forged)])
        .await
        .expect(200)
        .json();
    assert_eq!(seen["principal"], Value::Null);
    assert_eq!(seen["headers"]["x-ouro-principal"], Value::Null);

    let request = Request::get("/api/v1/workers").header("x-ouro-principal", forged);
    let request = request.body(Full::<Bytes>::default()).expect("a request");
    server.client.call("localhost", request).await.expect(401);

    let port = server.client.address().port();
    let source = format!(
        "export default {{ async fetch(request, env) {{
            const headers = {{ 'x-ouro-principal': '{forged}' }};
            const [other, api] = await Promise.all([
                env.OTHER.fetch('http://x/', {{ headers }}), fetch('http://localhost:{port}/api/v1/workers', {{ headers }})]);
            return Response.json({{ other: await other.json(), api: api.status }});
        }} }};"
    );
    let deploy = Deploy::default().field("services", json!({ "OTHER": { "worker": "believes" } }));
    server.deploy_with("forges", &source, deploy).await;
    let seen = server.get("forges", "/").await.expect(200).json();
    assert_eq!(seen["other"]["principal"], Value::Null);
    assert_eq!(seen["api"], 401);
}

#[tokio::test]
async fn a_session_that_is_over_is_refused_at_once() {
    let server = TestServer::shared().await;
    let ada = user(&server, "ada-leaves").await;
    let elsewhere = sign_in(&server, "ada-leaves@example.org").await;
    ada.api.get("/profile").await.expect(200);
    ada.api
        .call("POST", "/auth/sign-out", Value::Null)
        .await
        .expect(204);
    ada.api.get("/profile").await.expect(401);
    elsewhere.api.get("/profile").await.expect(200);
    elsewhere
        .api
        .call("POST", "/auth/sign-out-everywhere", Value::Null)
        .await
        .expect(204);
    elsewhere.api.get("/profile").await.expect(401);
}

#[tokio::test]
async fn tokens_and_passwords_stand_neither_in_the_database_nor_in_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = TestServerOptions {
        data_dir: Some(folder.path().to_owned()),
        ..TestServerOptions::default()
    };
    let server = TestServer::with(options).await;
    let ada = user(&server, "ada").await;
    server.deploy("quiet", TELLS).await;
    ask_with(&server, "quiet", &ada.access).await.expect(200);
    server.shut_down().await;
    for file in ["platform.db", "platform.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        for secret in [PASSWORD, ada.access.as_str(), ada.refresh.as_str()] {
            assert!(!contains(&bytes, secret.as_bytes()), "{file}");
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
