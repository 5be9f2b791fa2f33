//! What a project becomes, seen by a dry run: it needs no server.

use std::process::Command;

use serde_json::{Value, json};

use crate::command::{folder, ouro, run};

/// Deployed as it is, so its bytes need not be a component here.
const COMPONENT: (&str, &str) = ("worker.wasm", "not built");

fn version(ran: &crate::command::Ran) -> Value {
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_wrangler_project_becomes_a_version_and_its_other_keys_are_named() {
    let config = r#"{
        // of a project made for Cloudflare
        "name": "shop", "main": "worker.wasm", "compatibility_date": "2026-11-01",
        "vars": {"GREETING": "hello"},
        "assets": {"directory": "public", "binding": "ASSETS"},
        "d1_databases": [{"binding": "DB", "database_name": "shop-data", "database_id": "x"}],
        "durable_objects": {"bindings": [{"name": "ROOM", "class_name": "Room"}]},
    }"#;
    let folder = folder(&[
        COMPONENT,
        ("wrangler.jsonc", config),
        ("public/index.html", "<p>"),
    ]);
    let args = [
        "deploy",
        "--dry-run",
        "--json",
        "--var",
        "GREETING=hi",
        "--message",
        "first",
    ];
    let ran = ouro(folder.path(), &args);
    let digest = |text: &str| ouro_core::Digest::of(text.as_bytes()).to_string();
    assert_eq!(
        version(&ran),
        json!({"name": "shop", "version": {
            "component": digest("not built"),
            "message": "first",
            "vars": {"GREETING": "hi"},
            "databases": {"DB": "shop-data"},
            "assets": {
                "binding": "ASSETS", "run_worker_first": false,
                "files": {"/index.html": {
                    "digest": digest("<p>"), "size": 3, "content_type": "text/html; charset=utf-8",
                }},
            },
            "compatibility_date": "2026-11-01",
        }})
    );
    for line in [
        "ignored: \"d1_databases.database_id\" (the database is found by its name)\n",
        "ignored: \"durable_objects\" (Ouro has no such binding yet)\n",
    ] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
}

#[test]
fn ouro_toml_goes_before_a_wrangler_file() {
    let folder = folder(&[
        COMPONENT,
        ("ouro.toml", "name = \"mine\"\nmain = \"worker.wasm\"\n"),
        ("wrangler.toml", "name = \"theirs\"\n"),
    ]);
    let ran = ouro(folder.path(), &["deploy", "--dry-run", "--json"]);
    assert_eq!(version(&ran)["name"], "mine");
}

#[test]
fn paths_are_relative_to_the_configuration_file() {
    let folder = folder(&[
        ("app/worker.wasm", ""),
        (
            "app/ouro.toml",
            "name = \"a\"\nmain = \"worker.wasm\"\n[assets]\ndirectory = \"public\"\n",
        ),
        ("app/public/a.txt", ""),
    ]);
    let args = ["deploy", "--dry-run", "--json", "--config", "app/ouro.toml"];
    let shown = version(&ouro(folder.path(), &args));
    assert!(
        shown["version"]["assets"]["files"]["/a.txt"].is_object(),
        "{shown}"
    );
}

#[test]
fn a_secret_is_read_from_the_environment_and_never_shown() {
    let folder = folder(&[COMPONENT]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ouro"));
    command
        .current_dir(folder.path())
        .env("STRIPE_KEY", "hunter2")
        .args([
            "deploy",
            "worker.wasm",
            "--name",
            "a",
            "--dry-run",
            "--json",
            "--secret",
            "STRIPE_KEY",
        ]);
    let ran = run(&mut command);
    assert_eq!(
        version(&ran)["version"]["secrets"],
        json!({"STRIPE_KEY": "(hidden)"})
    );
    assert!(!ran.stderr.contains("hunter2"));
}

#[test]
fn a_secret_without_a_value_is_refused() {
    let ran = ouro(
        folder(&[]).path(),
        &["deploy", "--secret", "NO_SUCH_VARIABLE_HERE"],
    );
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("no such environment variable"),
        "{}",
        ran.stderr
    );
}
