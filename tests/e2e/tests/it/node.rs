//! Modules of Node.js under `nodejs_compat`, each by a worker of `node/` that answers with what failed.

use std::time::Duration;

use futures_util::future::select_all;
use ouro_test_harness::{Deploy, TestServer, build_compatible_worker};
use serde_json::json;
use tokio::time::sleep;

/// Runs the object `checks` of the worker; the answer is empty where all is well.
const RUNNER: &str = r#"
export default {
  async fetch(request, env) {
    const failed = [];
    for (const [name, check] of Object.entries(checks)) {
      try {
        await check(env);
      } catch (error) {
        failed.push(`${name}: ${error?.stack ?? error}`);
      }
    }
    return new Response(failed.join("\n"));
  },
};
"#;

async fn run(module: &str, checks: &str) {
    let server = TestServer::shared().await;
    let component = build_compatible_worker(&format!("{checks}\n{RUNNER}"), &["nodejs_compat"]);
    let deploy = Deploy::default().field(
        "vars",
        json!({ "GREETING": "hello", "DATA": { "a": 1 }, "EMPTY": "" }),
    );
    let name = format!("node-{module}");
    server
        .api
        .deploy(&name, &component, deploy)
        .await
        .expect(201);
    assert_eq!(server.get(&name, "/").await.expect(200).text(), "");
}

macro_rules! modules {
    ($($test:ident: $file:literal;)*) => {$(
        #[tokio::test]
        async fn $test() {
            run($file, include_str!(concat!("node/", $file, ".js"))).await;
        }
    )*};
}

modules! {
    buffers_encode_search_and_hold_numbers: "buffer";
    crypto_hashes_encrypts_signs_and_derives: "crypto";
    async_local_storage_follows_asynchronous_work: "async-hooks";
    events_are_emitted_and_awaited: "events";
    util_inspects_compares_and_converts: "util";
    streams_are_piped_adapted_and_consumed: "stream";
    zlib_compresses_and_refuses_bad_data: "zlib";
    brotli_and_zstandard_do_as_in_node: "brotli";
    process_timers_and_globals_are_there: "process";
    small_modules_do_as_in_node: "small";
    stubs_throw_when_they_are_called: "stubs";
}

#[tokio::test]
async fn compressing_on_the_host_counts_as_the_invocations_time() {
    let source = r#"
        import zlib from "node:zlib";
        export default { async fetch() {
            const bytes = crypto.getRandomValues(new Uint8Array(60_000));
            for (;;) zlib.brotliCompressSync(bytes);
        } };
    "#;
    let server = TestServer::shared().await;
    let component = build_compatible_worker(source, &["nodejs_compat"]);
    let deploy = Deploy::default().field("limits", json!({ "cpu_ms": 300 }));
    let deployed = server
        .api
        .deploy("node-brotli-loops", &component, deploy)
        .await;
    deployed.expect(201);
    let answer = server.get("node-brotli-loops", "/").await.expect(503);
    assert_eq!(answer.json()["code"], "exceeded_cpu");
}

#[tokio::test]
async fn a_search_for_a_prime_ends_with_the_invocations_cpu_time() {
    // Each would take minutes. A turn takes 3 s, so the second needs two.
    for (name, search, cpu_ms) in [
        (
            "prime",
            "crypto.generatePrimeSync(4096, { safe: true })",
            300,
        ),
        ("group", "crypto.createDiffieHellman(4096)", 3_300),
    ] {
        let source = format!(
            r#"
            import crypto from "node:crypto";
            export default {{ fetch() {{
                for (;;) try {{ {search}; }} catch {{}}
            }} }};
        "#
        );
        let server = TestServer::shared().await;
        let component = build_compatible_worker(&source, &["nodejs_compat"]);
        let deploy = Deploy::default().field("limits", json!({ "cpu_ms": cpu_ms }));
        let worker = format!("node-endless-{name}");
        server
            .api
            .deploy(&worker, &component, deploy)
            .await
            .expect(201);
        let answer = server.get(&worker, "/").await.expect(503);
        assert_eq!(answer.json()["code"], "exceeded_cpu", "{name}");
    }
}

#[tokio::test]
async fn a_check_that_takes_every_turn_leaves_some_to_other_workers() {
    let server = TestServer::shared().await;
    let long = r#"
        import crypto from "node:crypto";
        export default { fetch(request) {
            const prime = crypto.getDiffieHellman("modp18").getPrime();
            return new Response(String(request.url.endsWith("/long") && crypto.checkPrimeSync(prime)));
        } };
    "#;
    let short = r#"
        import crypto from "node:crypto";
        export default { fetch: () => new Response(crypto.pbkdf2Sync("a", "b", 1, 8, "sha256").toString("hex")) };
    "#;
    let limits = json!({ "cpu_ms": 60_000 });
    for (worker, source) in [("node-check-long", long), ("node-check-short", short)] {
        let component = build_compatible_worker(source, &["nodejs_compat"]);
        let deploy = Deploy::default().field("limits", limits.clone());
        server
            .api
            .deploy(worker, &component, deploy)
            .await
            .expect(201);
        server.get(worker, "/").await.expect(200);
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let checks = select_all((0..cores).map(|_| Box::pin(server.get("node-check-long", "/long"))));
    let other = async {
        // The checks have all turns by then.
        sleep(Duration::from_secs(2)).await;
        server.get("node-check-short", "/").await
    };
    tokio::select! {
        (check, ..) = checks => panic!("a check ended before the other worker had a turn: {}", check.text()),
        answer = other => assert_eq!(answer.expect(200).text().len(), 16),
    }
}

#[tokio::test]
async fn brotli_at_the_top_level_says_why_it_is_refused() {
    let source = r#"
        import zlib from "node:zlib";
        let refused;
        try { zlib.brotliCompressSync("x"); } catch (error) { refused = error.message; }
        export default { fetch: () => new Response(refused) };
    "#;
    let server = TestServer::shared().await;
    let component = build_compatible_worker(source, &["nodejs_compat"]);
    let deployed = server
        .api
        .deploy("node-brotli-top", &component, Deploy::default())
        .await;
    deployed.expect(201);
    let answer = server.get("node-brotli-top", "/").await.expect(200);
    assert!(
        answer
            .text()
            .starts_with("Brotli is not allowed at the top level of a worker"),
        "{}",
        answer.text()
    );
}
