//! Components that `ouro build` did not make on this host: other languages, other engine builds, other worlds.

use ouro_test_harness::{Component, Deploy, TestServer, build_worker, rust_component};
use serde_json::{Value, json};

#[tokio::test]
async fn a_rust_component_deploys_and_runs_the_same_way() {
    let server = TestServer::shared().await;
    server
        .api
        .call("POST", "/databases", json!({ "name": "rust-visits" }))
        .await
        .expect(201);
    let deploy = Deploy::default()
        .field("vars", json!({ "GREETING": "Servus" }))
        .field("databases", json!({ "DB": "rust-visits" }));
    let version = server
        .api
        .deploy("rust", &rust_component(), deploy)
        .await
        .expect(201)
        .json();
    assert_eq!(version["kind"], "component");
    assert_eq!(server.get("rust", "/").await.expect(200).text(), "Servus\n");
    for count in 1..=2 {
        assert_eq!(
            server.get("rust", "/visits").await.expect(200).text(),
            format!("visit {count}\n")
        );
    }
    server.get("rust", "/elsewhere").await.expect(404);
}

#[tokio::test]
async fn a_binding_that_the_version_does_not_grant_is_refused_at_deploy() {
    let server = TestServer::shared().await;
    let answer = server
        .api
        .deploy("ungranted", &rust_component(), Deploy::default())
        .await
        .expect(422);
    let message = answer.json()["message"]
        .as_str()
        .expect("a message")
        .to_owned();
    assert!(message.contains("ouro:host/database"), "{message}");
}

#[tokio::test]
async fn a_binding_under_another_name_is_a_typed_error_at_run_time() {
    let server = TestServer::shared().await;
    server
        .api
        .call("POST", "/databases", json!({ "name": "other-name" }))
        .await
        .expect(201);
    let deploy = Deploy::default().field("databases", json!({ "OTHER": "other-name" }));
    server
        .api
        .deploy("other-name", &rust_component(), deploy)
        .await
        .expect(201);
    server.get("other-name", "/visits").await.expect(500);
    let executions = server.api.executions("other-name", 1).await;
    let line = executions[0]["console"][0]["message"].to_string();
    assert!(line.contains("NotGranted") && line.contains("DB"), "{line}");
}

/// A component that exports the handler and imports one interface.
fn importing(import: &str) -> Component {
    let text = format!(
        "(component
            (import {import:?} (instance (export \"go\" (func))))
            (instance $handler)
            (export \"wasi:http/incoming-handler@0.2.12\" (instance $handler)))"
    );
    Component::from(wat::parse_str(text).expect("a component"))
}

async fn refusal(name: &str, component: &Component) -> String {
    let server = TestServer::shared().await;
    let answer = server
        .api
        .deploy(name, component, Deploy::default())
        .await
        .expect(422);
    answer.json()["message"]
        .as_str()
        .expect("a message")
        .to_owned()
}

#[tokio::test]
async fn an_unknown_import_is_refused_by_name() {
    let message = refusal("unknown-import", &importing("acme:things/api@1.0.0")).await;
    assert!(message.contains("`acme:things/api@1.0.0`"), "{message}");
}

#[tokio::test]
async fn a_privileged_import_is_refused_for_any_worker_but_management() {
    let message = refusal("privileged-import", &importing("ouro:host/artifacts@0.1.0")).await;
    assert!(message.contains("`ouro:host/artifacts@0.1.0`"), "{message}");
}

#[tokio::test]
async fn a_component_without_the_handler_is_refused() {
    let component = Component::from(wat::parse_str("(component)").expect("a component"));
    let message = refusal("no-handler", &component).await;
    assert!(message.contains("wasi:http/incoming-handler"), "{message}");
}

/// The component with the digest of its engine replaced, as another release of Ouro would have written it.
fn of_another_engine(component: &Component) -> Component {
    let mut bytes = component.bytes.to_vec();
    let name = b"ouro:worker";
    let section = bytes
        .windows(name.len())
        .position(|window| window == name)
        .expect("the section");
    let digit = |byte: &u8| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase();
    let digest = bytes[section..]
        .windows(64)
        .position(|window| window.iter().all(digit))
        .expect("a digest");
    bytes[section + digest..section + digest + 64].fill(b'0');
    Component::from(bytes)
}

#[tokio::test]
async fn a_snapshot_of_another_engine_build_is_made_again_from_its_bundle() {
    let server = TestServer::shared().await;
    let component = build_worker(
        "const at = [1, 2, 3].map((x) => x * 2); export default { fetch() { return Response.json(at); } };",
    );
    let other = of_another_engine(&component);
    let version: Value = server
        .api
        .deploy("rebuilt", &other, Deploy::default())
        .await
        .expect(201)
        .json();
    assert_ne!(version["component"], json!(other.digest));
    assert_eq!(
        server.get("rebuilt", "/").await.expect(200).json(),
        json!([2, 4, 6])
    );
}

#[tokio::test]
async fn a_store_that_is_out_of_reach_leaves_the_old_version_serving() {
    let server = TestServer::start().await;
    let says = |text: &str| {
        build_worker(&format!(
            "export default {{ fetch() {{ return new Response({text:?}); }} }};"
        ))
    };
    server
        .api
        .deploy("steady", &says("old"), Deploy::default())
        .await
        .expect(201);
    // Once it was called it is in memory.
    server.get("steady", "/").await.expect(200);
    let artifacts = server.data_dir().join("artifacts");
    let away = server.data_dir().join("away");
    std::fs::rename(&artifacts, &away).expect("the store moves away");
    std::fs::write(&artifacts, "").expect("a file in its place");

    let new = says("new");
    let refused = server
        .api
        .upload(new.digest, new.bytes.clone())
        .await
        .expect(503);
    assert_eq!(refused.json()["code"], "unavailable");
    assert_eq!(server.get("steady", "/").await.expect(200).text(), "old");

    std::fs::remove_file(&artifacts).expect("no file");
    std::fs::rename(&away, &artifacts).expect("the store is back");
    let live = server
        .api
        .get("/workers/steady/versions")
        .await
        .expect(200)
        .json();
    assert_eq!(live["items"].as_array().map(Vec::len), Some(1));
    server
        .api
        .deploy("steady", &new, Deploy::default())
        .await
        .expect(201);
    assert_eq!(server.get("steady", "/").await.expect(200).text(), "new");
    server.shut_down().await;
}
