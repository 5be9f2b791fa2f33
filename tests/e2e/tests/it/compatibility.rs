//! `compatibility_date` and `compatibility_flags`: what they bring back.

use ouro_test_harness::{Deploy, TestServer, build_compatible_worker};
use serde_json::json;

const WORKER: &str = r#"
    import { env } from "cloudflare:workers";
    const early = typeof navigator;
    export default {
        async fetch(request) {
            const params = new URLSearchParams("a=1&a=2");
            params.delete("a", "1");
            const form = new FormData();
            form.append("file", new File(["text"], "a.txt"));
            const file = (await new Response(form).formData()).get("file");
            return Response.json({
                early,
                userAgent: globalThis.navigator?.userAgent,
                language: globalThis.navigator?.language,
                params: params.toString(),
                has: new URLSearchParams("a=1").has("a", "2"),
                setCookie: typeof new Headers().getSetCookie,
                file: typeof file,
                env: Object.keys(env),
            });
        },
    };
"#;

#[tokio::test]
async fn without_flags_everything_is_as_it_is_today() {
    let server = TestServer::shared().await;
    let deploy = Deploy::default().field("vars", json!({ "A": 1 }));
    server.deploy_with("of-today", WORKER, deploy).await;
    assert_eq!(
        server.get("of-today", "/").await.expect(200).json(),
        json!({
            "early": "object", "userAgent": "Cloudflare-Workers", "language": "en", "params": "a=2", "has": false,
            "setCookie": "function", "file": "object", "env": ["A"],
        })
    );
}

#[tokio::test]
async fn flags_bring_former_behaviour_back() {
    let server = TestServer::shared().await;
    let flags = [
        "no_global_navigator",
        "no_urlsearchparams_delete_has_value_arg",
        "no_http_headers_getsetcookie",
        "formdata_parser_converts_files_to_strings",
        "disallow_importable_env",
    ];
    let component = build_compatible_worker(WORKER, &flags);
    let deploy = Deploy::default().field("vars", json!({ "A": 1 }));
    server
        .api
        .deploy("of-old", &component, deploy)
        .await
        .expect(201);
    assert_eq!(
        server.get("of-old", "/").await.expect(200).json(),
        json!({
            "early": "undefined", "params": "", "has": true, "setCookie": "undefined", "file": "string", "env": [],
        })
    );
}
