//! Vars, secrets and grants.

use ouro_test_harness::{Deploy, TestServer};
use serde_json::json;

const SHOW: &str = r#"
export default { fetch(request, env) {
    const shown = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, typeof value === "object" && value !== null && "prepare" in value ? "database" : value]));
    return Response.json(shown);
} };
"#;

#[tokio::test]
async fn vars_and_secrets_are_properties_of_env() {
    let server = TestServer::shared().await;
    let deploy = Deploy::default()
        .field("vars", json!({ "NAME": "ü", "LIST": [1, { "a": null }] }))
        .field("secrets", json!({ "KEY": "hunter2" }));
    server.deploy_with("vars", SHOW, deploy).await;
    let env = server.get("vars", "/").await.expect(200).json();
    assert_eq!(
        env,
        json!({ "KEY": "hunter2", "LIST": [1, { "a": null }], "NAME": "ü" })
    );
}

#[tokio::test]
async fn a_secret_is_sealed_in_the_store_and_shown_by_no_answer() {
    let server = TestServer::shared().await;
    let secret = "correct-horse-battery-staple";
    let deploy = Deploy::default().field("secrets", json!({ "KEY": secret }));
    let created = server
        .api
        .deploy("sealed", &ouro_test_harness::build_worker(SHOW), deploy)
        .await
        .expect(201);
    assert!(!created.text().contains(secret));
    assert!(
        !server
            .api
            .get("/workers/sealed/versions")
            .await
            .expect(200)
            .text()
            .contains(secret)
    );
    for file in ["platform.db", "platform.db-wal"] {
        let bytes = std::fs::read(server.data_dir().join(file)).unwrap_or_default();
        assert!(
            !bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes()),
            "{file}"
        );
    }
}

#[tokio::test]
async fn a_worker_gets_the_values_of_its_environment() {
    let server = TestServer::shared().await;
    let values = json!({ "PLACE": { "kind": "var", "value": "here" }, "TOKEN": { "kind": "secret", "value": "t" } });
    server
        .api
        .call(
            "POST",
            "/environments",
            json!({ "name": "stage", "values": values }),
        )
        .await
        .expect(201);
    server
        .api
        .call(
            "POST",
            "/workers",
            json!({ "name": "in-stage", "environment": "stage" }),
        )
        .await
        .expect(201);
    server
        .deploy_with(
            "in-stage",
            SHOW,
            Deploy::default().field("vars", json!({ "OWN": "1" })),
        )
        .await;
    let env = server.get("in-stage", "/").await.expect(200).json();
    assert_eq!(env, json!({ "OWN": "1", "PLACE": "here", "TOKEN": "t" }));

    let change = json!({ "values": { "PLACE": { "kind": "var", "value": "there" } } });
    server
        .api
        .call("PATCH", "/environments/stage", change)
        .await
        .expect(200);
    assert_eq!(
        server.get("in-stage", "/").await.expect(200).json()["PLACE"],
        "there"
    );
    server
        .api
        .call("DELETE", "/environments/stage", json!(null))
        .await
        .expect(409);
}

#[tokio::test]
async fn a_worker_sees_nothing_that_it_was_not_granted() {
    let server = TestServer::shared().await;
    server.deploy("bare", SHOW).await;
    assert_eq!(server.get("bare", "/").await.expect(200).json(), json!({}));
    let version = json!({ "component": ouro_test_harness::build_worker(SHOW).digest, "databases": { "DB": "platform" } });
    let refused = server
        .api
        .call("POST", "/workers/bare/versions", version)
        .await;
    assert!(refused.status.is_client_error(), "{}", refused.text());
}
