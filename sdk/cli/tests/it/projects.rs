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
        "kv_namespaces": [{"binding": "CACHE", "id": "y"}],
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
    let line = "ignored: `d1_databases.database_id` (the database is found by its name)\n";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
    let warning = "warning: Ouro does not have these bindings of `wrangler.jsonc` yet, so the worker finds `undefined` in their place:\n  \
        env.CACHE  KV namespace    line 7\n  \
        env.ROOM   Durable Object  line 8\n";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
}

#[test]
fn a_build_names_the_bindings_that_will_be_missing() {
    let config =
        "name = \"a\"\nmain = \"a.js\"\n[[r2_buckets]]\nbinding = \"FILES\"\nbucket_name = \"f\"\n";
    let folder = folder(&[
        ("wrangler.toml", config),
        ("a.js", "export default { fetch: () => new Response() };"),
    ]);
    let ran = ouro(folder.path(), &["build"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let warning = "warning: Ouro does not have these bindings of `wrangler.toml` yet, so the worker finds `undefined` in their place:\n  \
        env.FILES  R2 bucket  line 4\n";
    assert!(ran.stderr.starts_with(warning), "{}", ran.stderr);
}

#[test]
fn what_a_build_has_generated_is_read_in_place_of_the_wrangler_file() {
    let folder = folder(&[
        (
            "wrangler.jsonc",
            r#"{"name": "source", "main": "src/index.tsx", "assets": {"binding": "ASSETS"}}"#,
        ),
        (
            ".wrangler/deploy/config.json",
            r#"{"configPath": "../../dist/app/wrangler.json"}"#,
        ),
        (
            "dist/app/wrangler.json",
            r#"{"name": "built", "main": "worker.wasm", "no_bundle": true, "assets": {"directory": "../client", "run_worker_first": ["/api/*"]}}"#,
        ),
        ("dist/app/worker.wasm", ""),
        ("dist/client/assets/a-1f2e.js", ""),
        (
            "dist/client/_headers",
            "/assets/*\n  Cache-Control: immutable\n",
        ),
        ("dist/client/_redirects", "/old /new 301\nnonsense\n"),
    ]);
    let ran = ouro(folder.path(), &["deploy", "--dry-run", "--json"]);
    let shown = version(&ran);
    assert_eq!(shown["name"], "built");
    let assets = &shown["version"]["assets"];
    assert_eq!(assets["run_worker_first"], json!(["/api/*"]));
    assert_eq!(
        assets["headers"],
        json!([{"path": "/assets/*", "unset": [], "set": {"cache-control": "immutable"}}])
    );
    assert_eq!(
        assets["redirects"],
        json!([{"from": "/old", "to": "/new", "status": 301}])
    );
    assert_eq!(
        assets["files"].as_object().map(|files| files.len()),
        Some(1)
    );
    for line in [
        "reading `dist/app/wrangler.json`, which the build has generated\n",
        "left out: `/_redirects` line 2 (expected `<from> <to> [<status>]`)\n",
    ] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
}

#[test]
fn paths_of_run_worker_first_that_are_none_are_refused() {
    for (paths, reason) in [
        (r#"["api/*"]"#, "`api/*` begins neither with"),
        (r#"["!/api/*"]"#, "it names no path"),
    ] {
        let config =
            format!("name = \"a\"\n[assets]\ndirectory = \"public\"\nrun_worker_first = {paths}\n");
        let folder = folder(&[("ouro.toml", &config), ("public/a.txt", "")]);
        let ran = ouro(folder.path(), &["deploy", "--dry-run"]);
        assert_eq!(ran.status, 1);
        assert!(ran.stderr.contains(reason), "{}", ran.stderr);
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
