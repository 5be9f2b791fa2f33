//! Modules of Node.js under `nodejs_compat`, each by a worker of `node/` that answers with what failed.

use ouro_test_harness::{Deploy, TestServer, build_compatible_worker};
use serde_json::json;

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
    process_timers_and_globals_are_there: "process";
    small_modules_do_as_in_node: "small";
    stubs_throw_when_they_are_called: "stubs";
}
