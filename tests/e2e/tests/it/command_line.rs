//! The `ouro` command against a running server.

use std::process::Command;

use ouro_test_harness::{OuroProcess, TestServer, repository};
use serde_json::{Value, json};

/// A client command that talks to the server.
fn ouro(server: &TestServer, arguments: &[&str]) -> Command {
    let (subcommand, rest) = arguments.split_first().expect("a subcommand");
    let mut command = OuroProcess::command(subcommand);
    command
        .args(rest)
        .env(
            "OURO_URL",
            format!("http://localhost:{}", server.client.address().port()),
        )
        .env("OURO_DATA_DIR", server.data_dir());
    command
}

/// Runs a command to its end, and answers with its standard output.
async fn run(command: Command) -> String {
    let output = OuroProcess::output(command).await;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test]
async fn the_guestbook_is_deployed_with_one_command() {
    let server = TestServer::shared().await;
    let config = repository().join("examples/guestbook/ouro.toml");
    let deploy = || {
        ouro(
            &server,
            &["deploy", "--config", config.to_str().expect("UTF-8")],
        )
    };
    let url = run(deploy()).await;
    assert_eq!(
        url.trim(),
        format!(
            "http://guestbook.localhost:{}",
            server.client.address().port()
        )
    );

    let page = server.get("guestbook", "/").await.expect(200);
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{:?}",
        page.headers
    );
    let greeting = server
        .get("guestbook", "/api/greeting")
        .await
        .expect(200)
        .json();
    assert!(greeting["greeting"].is_string());
    let entry = json!({ "name": "Ada", "text": "hello" });
    server
        .post("guestbook", "/api/entries", entry.to_string())
        .await
        .expect(201);
    let entries = server
        .get("guestbook", "/api/entries")
        .await
        .expect(200)
        .json();
    assert_eq!(entries["entries"][0]["text"], "hello");

    // A second deploy keeps the data.
    run(deploy()).await;
    let entries = server
        .get("guestbook", "/api/entries")
        .await
        .expect(200)
        .json();
    assert_eq!(entries["entries"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn workers_and_versions_are_listed_and_rolled_back() {
    let server = TestServer::shared().await;
    for text in ["one", "two"] {
        let source = format!("export default {{ fetch() {{ return new Response({text:?}); }} }};");
        server.deploy("by-command", &source).await;
    }
    let listed: Value =
        serde_json::from_str(&run(ouro(&server, &["workers", "list", "--json"])).await)
            .expect("JSON");
    assert!(listed.to_string().contains("by-command"), "{listed}");
    let versions = run(ouro(&server, &["versions", "list", "by-command", "--json"])).await;
    let versions: Value = serde_json::from_str(&versions).expect("JSON");
    assert!(versions.to_string().contains("\"number\":2"), "{versions}");
    run(ouro(&server, &["rollback", "by-command"])).await;
    assert_eq!(
        server.get("by-command", "/").await.expect(200).text(),
        "one"
    );
}

#[tokio::test]
async fn a_deploy_that_calls_workers_which_are_not_there_leaves_nothing_behind() {
    let server = TestServer::shared().await;
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("wrangler.toml");
    let text = r#"
        name = "calls-absent"
        main = "index.js"
        services = [
            { binding = "OWN", service = "calls-absent" },
            { binding = "AUTH", service = "called-later" },
        ]
        d1_databases = [{ binding = "DB", database_name = "of-calls-absent" }]
    "#;
    std::fs::write(&config, text).expect("a file");
    let source = "export default { fetch: (request, env) => env.AUTH.fetch(request) };";
    std::fs::write(folder.path().join("index.js"), source).expect("a file");
    let config = config.to_str().expect("UTF-8");
    let deploy = || ouro(&server, &["deploy", "--config", config]);

    let output = OuroProcess::output(deploy()).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!(
            "error: `services` in `{config}` names workers that the server does not have\n  \
             binding `AUTH`: `service` is `called-later`\nhint: deploy `called-later` first\n"
        )
    );
    server.api.get("/workers/calls-absent").await.expect(404);
    server
        .api
        .get("/databases/of-calls-absent")
        .await
        .expect(404);

    let called = "export default { fetch: () => new Response('called') };";
    server.deploy("called-later", called).await;
    run(deploy()).await;
    let answer = server.get("calls-absent", "/").await.expect(200);
    assert_eq!(answer.text(), "called");
}

#[tokio::test]
async fn a_cron_is_made_listed_run_and_deleted_by_commands() {
    let server = TestServer::shared().await;
    let source = "export default { scheduled() {} };";
    server.deploy("commanded", source).await;
    let create = [
        "crons",
        "create",
        "commanded",
        "0 9 * * MON",
        "--timezone",
        "Europe/Berlin",
        "--missed",
        "once",
    ];
    let id = run(ouro(&server, &create)).await;
    let list = run(ouro(&server, &["crons", "list", "commanded", "--json"])).await;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    assert_eq!(list[0]["id"], id.trim());
    assert_eq!(list[0]["timezone"], "Europe/Berlin");
    assert_eq!(list[0]["missed"], "once");
    let table = run(ouro(&server, &["crons", "list"])).await;
    assert!(table.contains("0 9 * * MON"), "{table}");
    let made = run(ouro(&server, &["crons", "run", "commanded"])).await;
    let runs = run(ouro(&server, &["crons", "runs", "commanded", "--json"])).await;
    let runs: Value = serde_json::from_str(&runs).expect("JSON");
    assert_eq!(runs[0]["id"], made.trim());
    run(ouro(
        &server,
        &["crons", "delete", "commanded", &id.trim()[..12]],
    ))
    .await;
    let list = run(ouro(&server, &["crons", "list", "commanded", "--json"])).await;
    assert_eq!(list.trim(), "[]");
}

#[tokio::test]
async fn aliases_splits_and_domains_are_made_with_commands() {
    let server = TestServer::shared().await;
    let folder = tempfile::tempdir().expect("a folder");
    let entry = folder.path().join("index.js");
    let entry = entry.to_str().expect("UTF-8");
    let deploy = ["deploy", entry, "--name", "by-alias", "--alias"];
    for (text, alias) in [("one", "first"), ("two", "second")] {
        let source = format!("export default {{ fetch: () => new Response({text:?}) }};");
        std::fs::write(entry, source).expect("a file");
        let url = run(ouro(&server, &[&deploy[..], &[alias]].concat())).await;
        let port = server.client.address().port();
        assert_eq!(url, format!("http://{alias}.by-alias.localhost:{port}\n"));
        let host = format!("{alias}.by-alias");
        assert_eq!(server.get(&host, "/").await.expect(200).text(), text);
    }
    server.get("by-alias", "/").await.expect(404);

    run(ouro(&server, &["aliases", "set", "by-alias", "first", "2"])).await;
    let moved = server.get("first.by-alias", "/").await.expect(200);
    assert_eq!(moved.text(), "two");
    run(ouro(&server, &["aliases", "delete", "by-alias", "first"])).await;
    let aliases = run(ouro(&server, &["aliases", "list", "by-alias", "--json"])).await;
    let aliases: Value = serde_json::from_str(&aliases).expect("JSON");
    assert_eq!(aliases.as_array().map(Vec::len), Some(1), "{aliases}");

    let split = ["versions", "deploy", "by-alias", "1@90", "2@10", "--json"];
    let split: Value = serde_json::from_str(&run(ouro(&server, &split)).await).expect("JSON");
    assert_eq!(split["versions"][0]["percentage"], 10, "{split}");
    let listed = run(ouro(&server, &["versions", "list", "by-alias"])).await;
    assert!(listed.contains("live 90 %"), "{listed}");
    run(ouro(&server, &["versions", "deploy", "by-alias", "2"])).await;
    assert_eq!(server.get("by-alias", "/").await.expect(200).text(), "two");

    let record = run(ouro(&server, &["domains", "add", "by.example", "by-alias"])).await;
    assert!(
        record.starts_with("_ouro-challenge.by.example. TXT \""),
        "{record}"
    );
    let listed = run(ouro(&server, &["domains", "list"])).await;
    assert!(listed.contains("claimed"), "{listed}");
    run(ouro(&server, &["domains", "delete", "by.example"])).await;
}
