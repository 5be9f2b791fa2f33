//! Workers that run by themselves.

use ouro_test_harness::{Deploy, TestServer, TestServerOptions, eventually};
use serde_json::{Value, json};

const TELLS: &str = r#"
    export default {
        scheduled(controller) { console.log(controller.cron, controller.scheduledTime); },
    };
"#;

/// Makes a cron of a worker, and answers with its path.
async fn cron(server: &TestServer, worker: &str, fields: Value) -> String {
    let path = format!("/workers/{worker}/crons");
    let cron = server.api.call("POST", &path, fields).await.expect(201);
    format!("/crons/{}", cron.json()["id"].as_str().expect("an id"))
}

async fn items(server: &TestServer, path: &str) -> Vec<Value> {
    let page = server.api.get(path).await.expect(200).json();
    page["items"].as_array().expect("items").clone()
}

/// Waits until the cron has so many runs that have ended, and answers with these, the newest first.
async fn ended_runs(server: &TestServer, cron: &str, count: usize) -> Vec<Value> {
    eventually("cron runs", || async {
        let mut runs = items(server, &format!("{cron}/runs")).await;
        runs.retain(|run| run["status"] == "ended");
        (runs.len() >= count).then_some(runs)
    })
    .await
}

#[tokio::test]
async fn a_worker_runs_by_itself_once_for_each_due_time() {
    let server = TestServer::start().await;
    server.deploy("ticking", TELLS).await;
    let path = cron(&server, "ticking", json!({ "expression": "* * * * * *" })).await;
    let runs = ended_runs(&server, &path, 3).await;
    server
        .api
        .call("PATCH", &path, json!({ "enabled": false }))
        .await
        .expect(200);
    let mut times: Vec<_> = runs
        .iter()
        .map(|run| run["scheduled_at"].as_str())
        .collect();
    times.dedup();
    assert_eq!(times.len(), runs.len());
    for run in &runs {
        assert_eq!(
            (&run["outcome"], &run["attempt"]),
            (&json!("ok"), &json!(1)),
            "{run}"
        );
        let time = run["scheduled_at"].as_str().expect("a time");
        assert!(time.ends_with(".000Z"), "{time}");
    }
    let id = runs[0]["execution_id"].as_str().expect("an execution");
    let execution = server
        .api
        .get(&format!("/workers/ticking/executions/{id}"))
        .await
        .expect(200)
        .json();
    assert_eq!(execution["trigger"], "cron");
    let line = execution["console"][0]["message"].as_str().expect("a line");
    let time = line.strip_prefix("* * * * * * ").expect("the expression");
    assert!(
        time.parse::<u64>().is_ok_and(|ms| ms % 1_000 == 0),
        "{line}"
    );
    server.shut_down().await;
}

#[tokio::test]
async fn a_run_by_hand_tells_how_the_handler_ended() {
    let server = TestServer::shared().await;
    let source = "export default { scheduled() { throw new Error('no luck'); } };";
    server.deploy("unlucky-cron", source).await;
    let path = cron(
        &server,
        "unlucky-cron",
        json!({ "expression": "0 0 1 1 *", "enabled": false }),
    )
    .await;
    let run = server
        .api
        .call("POST", &format!("{path}/run"), Value::Null)
        .await
        .expect(201)
        .json();
    assert_eq!(run["manual"], true);
    let ended = ended_runs(&server, &path, 1).await;
    assert_eq!(
        (&ended[0]["id"], &ended[0]["outcome"]),
        (&run["id"], &json!("exception"))
    );
}

#[tokio::test]
async fn a_worker_without_a_version_is_not_started() {
    let server = TestServer::shared().await;
    server
        .api
        .call("POST", "/workers", json!({ "name": "empty-cron" }))
        .await
        .expect(201);
    let path = cron(&server, "empty-cron", json!({ "expression": "@yearly" })).await;
    server
        .api
        .call("POST", &format!("{path}/run"), Value::Null)
        .await
        .expect(201);
    let ended = ended_runs(&server, &path, 1).await;
    assert_eq!(ended[0]["outcome"], "not-started");
    assert_eq!(ended[0]["execution_id"], Value::Null);
}

#[tokio::test]
async fn what_is_no_expression_is_refused_by_its_field() {
    let server = TestServer::shared().await;
    server.deploy("refused-cron", TELLS).await;
    for (body, field, text) in [
        (
            json!({ "expression": "61 * * * *" }),
            "expression",
            "`61` is no minute",
        ),
        (json!({ "expression": "* * * *" }), "expression", "4 fields"),
        (
            json!({ "expression": "0 0 30 2 *" }),
            "expression",
            "never comes due",
        ),
        (
            json!({ "expression": "@daily", "timezone": "Mars/Base" }),
            "timezone",
            "`Mars/Base`",
        ),
    ] {
        let answer = server
            .api
            .call("POST", "/workers/refused-cron/crons", body)
            .await;
        let answer = answer.expect(400).json();
        assert_eq!(answer["issues"][0]["path"], field, "{answer}");
        let message = answer["issues"][0]["message"].as_str().expect("a message");
        assert!(message.contains(text), "{message}");
    }
}

#[tokio::test]
async fn seconds_can_be_forbidden() {
    let options = TestServerOptions::default().set("crons.seconds", false);
    let server = TestServer::with(options).await;
    server.deploy("minutes", TELLS).await;
    let body = json!({ "expression": "* * * * * *" });
    let answer = server
        .api
        .call("POST", "/workers/minutes/crons", body)
        .await;
    let message = answer.expect(400).json()["issues"][0]["message"].to_string();
    assert!(message.contains("does not allow"), "{message}");
    cron(&server, "minutes", json!({ "expression": "* * * * *" })).await;
    server.shut_down().await;
}

#[tokio::test]
async fn a_version_brings_its_crons_and_a_rollback_takes_them_back() {
    let server = TestServer::shared().await;
    let first = Deploy::default().field(
        "crons",
        json!([{ "expression": "0 9 * * 2", "weekdays": "cloudflare" }]),
    );
    server.deploy_with("configured-cron", TELLS, first).await;
    let second = Deploy::default().field(
        "crons",
        json!([{ "expression": "@hourly", "timezone": "Asia/Tokyo" }]),
    );
    server.deploy_with("configured-cron", TELLS, second).await;
    let path = "/workers/configured-cron/crons";
    let cron = eventually("a due time", || async {
        let crons = items(&server, path).await;
        assert_eq!(crons.len(), 1);
        (!crons[0]["next_at"].is_null()).then(|| crons[0].clone())
    })
    .await;
    assert_eq!(
        (&cron["expression"], &cron["source"]),
        (&json!("@hourly"), &json!("config"))
    );
    server
        .api
        .call("POST", "/workers/configured-cron/rollback", Value::Null)
        .await
        .expect(201);
    let crons = items(&server, path).await;
    let shown: Vec<_> = crons
        .iter()
        .map(|cron| (&cron["expression"], &cron["weekdays"]))
        .collect();
    assert_eq!(shown, [(&json!("0 9 * * 2"), &json!("cloudflare"))]);
}

#[tokio::test]
async fn another_start_goes_on_where_the_last_one_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || TestServerOptions {
        data_dir: Some(folder.path().join("data")),
        ..Default::default()
    };
    let server = TestServer::with(options()).await;
    server.deploy("surviving", TELLS).await;
    let fields = json!({ "expression": "* * * * * *", "missed": "all" });
    let path = cron(&server, "surviving", fields).await;
    ended_runs(&server, &path, 1).await;
    server.shut_down().await;
    let server = TestServer::with(options()).await;
    let before = items(&server, &format!("{path}/runs")).await.len();
    let runs = ended_runs(&server, &path, before + 2).await;
    let due = |run: &Value| second_of(run["scheduled_at"].as_str().expect("a time"));
    // Not one second is left out, though nothing ran for some of them.
    for pair in runs.windows(2) {
        assert_eq!(due(&pair[0]) - due(&pair[1]), 1, "{pair:?}");
    }
    server.shut_down().await;
}

/// Seconds within the day of an RFC 3339 time.
fn second_of(text: &str) -> u64 {
    let part = |from: usize| text[from..from + 2].parse::<u64>().expect("digits");
    part(11) * 3_600 + part(14) * 60 + part(17)
}
