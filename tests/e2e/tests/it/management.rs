//! The management API is a worker: it deploys others and itself, and can be repaired without itself.

use ouro_test_harness::{
    Api, Client, Component, Deploy, OuroProcess, TestServer, TestServerOptions, build_worker,
    eventually, management_component,
};
use serde_json::{Value, json};

fn says(text: &str) -> String {
    format!("export default {{ fetch() {{ return new Response({text:?}); }} }};")
}

#[tokio::test]
async fn a_deploy_switches_and_a_rollback_switches_back() {
    let server = TestServer::shared().await;
    for text in ["one", "two"] {
        server.deploy("switched", &says(text)).await;
        assert_eq!(server.get("switched", "/").await.expect(200).text(), text);
    }
    let rolled = server
        .api
        .call("POST", "/workers/switched/rollback", Value::Null)
        .await
        .expect(201)
        .json();
    assert_eq!(rolled["version_number"], 1);
    assert_eq!(server.get("switched", "/").await.expect(200).text(), "one");

    server
        .api
        .call(
            "POST",
            "/workers/switched/deployments",
            json!({ "version": "2" }),
        )
        .await
        .expect(201);
    assert_eq!(server.get("switched", "/").await.expect(200).text(), "two");
}

#[tokio::test]
async fn workers_are_found_by_id_and_by_name_and_can_be_renamed_and_deleted() {
    let server = TestServer::shared().await;
    let created = server
        .api
        .call(
            "POST",
            "/workers",
            json!({ "name": "crud", "description": "d" }),
        )
        .await
        .expect(201)
        .json();
    let id = created["id"].as_str().expect("an id");
    assert_eq!(
        server
            .api
            .get(&format!("/workers/{id}"))
            .await
            .expect(200)
            .json(),
        server.api.get("/workers/crud").await.json()
    );
    assert_eq!(
        server
            .api
            .get("/workers/name-exists/crud")
            .await
            .expect(200)
            .json(),
        json!({ "exists": true })
    );
    assert!(
        created["url"]
            .as_str()
            .is_some_and(|url| url.starts_with("http://crud.localhost:")),
        "{created}"
    );

    server.deploy("crud", &says("hi")).await;
    server
        .api
        .call("PATCH", "/workers/crud", json!({ "name": "crud-renamed" }))
        .await
        .expect(200);
    assert_eq!(
        server.get("crud-renamed", "/").await.expect(200).text(),
        "hi"
    );
    server.get("crud", "/").await.expect(404);

    server
        .api
        .call("DELETE", "/workers/crud-renamed", Value::Null)
        .await
        .expect(204);
    server.get("crud-renamed", "/").await.expect(404);
    server.api.get(&format!("/workers/{id}")).await.expect(404);
}

#[tokio::test]
async fn only_missing_artifacts_are_asked_for() {
    let server = TestServer::shared().await;
    let component = build_worker(&says("missing"));
    let ask = json!({ "digests": [component.digest] });
    let missing = server
        .api
        .call("POST", "/artifacts/missing", ask.clone())
        .await
        .expect(200)
        .json();
    assert_eq!(missing["missing"], json!([component.digest]));
    server
        .api
        .upload(component.digest, component.bytes)
        .await
        .expect(200);
    let missing = server
        .api
        .call("POST", "/artifacts/missing", ask)
        .await
        .expect(200)
        .json();
    assert_eq!(missing["missing"], json!([]));
}

#[tokio::test]
async fn the_api_deploys_a_new_version_of_itself() {
    let server = TestServer::start().await;
    let before = server
        .api
        .get("/workers/management")
        .await
        .expect(200)
        .json();
    let component = management_component();
    let version = server
        .api
        .create_version("management", component.digest, Deploy::default())
        .await
        .expect(201)
        .json();
    assert_ne!(version["id"], before["live"]["id"]);
    let after = server
        .api
        .get("/workers/management")
        .await
        .expect(200)
        .json();
    assert_eq!(after["live"]["id"], version["id"]);
    // It works as the one before it did.
    server
        .deploy("after", &says("deployed by the new one"))
        .await;
    server.get("after", "/").await.expect(200);
    server.shut_down().await;
}

/// A worker of the ordinary world whose `/health` fails.
fn broken() -> Component {
    build_worker("export default { fetch() { return new Response('broken', { status: 500 }); } };")
}

#[tokio::test]
async fn a_version_of_the_api_that_fails_its_health_check_is_not_activated() {
    let server = TestServer::start().await;
    let before = server
        .api
        .get("/workers/management")
        .await
        .expect(200)
        .json();
    let component = broken();
    server
        .api
        .upload(component.digest, component.bytes)
        .await
        .expect(200);
    let refused = server
        .api
        .create_version("management", component.digest, Deploy::default())
        .await
        .expect(502);
    assert_eq!(refused.json()["code"], "unhealthy");
    let after = server
        .api
        .get("/workers/management")
        .await
        .expect(200)
        .json();
    assert_eq!(after["live"]["id"], before["live"]["id"]);
    server.shut_down().await;
}

#[tokio::test]
async fn admin_rollback_repairs_the_api_while_it_is_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path().join("data");
    let server = TestServer::with(TestServerOptions {
        data_dir: Some(data_dir.clone()),
        ..Default::default()
    })
    .await;
    server.deploy("neighbour", &says("still here")).await;
    // Past the health check: it answers `/health` and nothing else.
    let source = "export default { fetch(r) { return new Response('down', { status: new URL(r.url).pathname === '/health' ? 200 : 500 }); } };";
    let component = build_worker(source);
    server
        .api
        .upload(component.digest, component.bytes)
        .await
        .expect(200);
    server
        .api
        .create_version("management", component.digest, Deploy::default())
        .await;
    server.api.get("/workers").await.expect(500);
    server.get("neighbour", "/").await.expect(200);

    let mut rollback = OuroProcess::command("admin");
    rollback
        .args(["rollback", "management", "--data-dir"])
        .arg(&data_dir);
    let output = OuroProcess::output(rollback).await;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    eventually("the running server's notice", || async {
        server
            .api
            .get("/workers")
            .await
            .status
            .is_success()
            .then_some(())
    })
    .await;
    server.shut_down().await;
}

#[tokio::test]
async fn a_built_in_api_that_fails_its_health_check_gives_way_to_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = Some(folder.path().join("data"));
    let server = TestServer::with(TestServerOptions {
        data_dir: data_dir.clone(),
        ..Default::default()
    })
    .await;
    let live = server
        .api
        .get("/workers/management")
        .await
        .expect(200)
        .json()["live"]["id"]
        .clone();
    server.shut_down().await;

    let options = TestServerOptions {
        data_dir,
        management: Some(broken().bytes),
        ..Default::default()
    };
    let server = TestServer::with(options).await;
    assert_eq!(
        server
            .api
            .get("/workers/management")
            .await
            .expect(200)
            .json()["live"]["id"],
        live
    );
    server.shut_down().await;
}

#[tokio::test]
async fn the_schema_is_served_without_a_token() {
    let server = TestServer::shared().await;
    let client: &Client = &server.client;
    client.get("localhost", "/health").await.expect(200);
    let schema = client
        .get("localhost", "/api/v1/openapi.json")
        .await
        .expect(200)
        .json();
    assert!(
        schema["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3."))
    );
    for path in [
        "/api/v1/workers",
        "/api/v1/workers/{worker}/versions",
        "/api/v1/databases/{database}/exec",
    ] {
        assert!(schema["paths"][path].is_object(), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_or_missing_token_is_401() {
    let server = TestServer::shared().await;
    let without: Api = server.api.with_token("");
    for api in [
        without,
        server.api.with_token("wrong"),
        server.api.with_token(&"0".repeat(64)),
    ] {
        let answer = api.get("/workers").await.expect(401);
        assert_eq!(answer.json()["code"], "unauthorized");
    }
    server
        .client
        .get("localhost", "/api/v1/workers")
        .await
        .expect(401);
}
