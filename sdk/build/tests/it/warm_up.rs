//! Requests that the build sends to a worker: what they may not do, and what stays of them.

use ouro_build::{BuildOptions, Built, Contents, WarmUp, unpack};

use crate::project::Project;

fn build(code: &str, requests: &[WarmUp]) -> Result<Built, String> {
    let project = Project::of(code);
    let options = BuildOptions {
        warm_up: requests.to_vec(),
        ..project.options()
    };
    ouro_build::build(&options).map_err(|error| error.to_string())
}

/// The error of a build whose handler, warmed up with `GET /a`, has this body.
fn refused(body: &str) -> String {
    let code = format!("export default {{ async fetch(request, env, ctx) {{ {body} }} }};");
    let error = build(&code, &[WarmUp::get("/a")]).err();
    let error = error.unwrap_or_else(|| panic!("`{body}` should be refused"));
    assert!(error.contains("warm-up request GET /a: "), "{error}");
    error
}

#[test]
fn what_belongs_to_an_invocation_is_refused() {
    assert!(refused("return new Response(env.NAME);").contains("`env.NAME` is not known"));
    assert!(refused("return new Response(crypto.randomUUID());").contains("randomUUID"));
    assert!(refused("return await fetch('https://example.com/');").contains("fetch"));
    assert!(refused("setTimeout(() => {}, 1); return new Response();").contains("setTimeout"));
    assert!(refused("await new Promise(() => {});").contains("nothing can settle"));
}

#[test]
fn the_environment_does_not_seem_empty() {
    assert!(refused("return new Response('DB' in env ? 'a' : 'b');").contains("is not known"));
    assert!(refused("return Response.json({ ...env });").contains("is not known"));
    assert!(refused("return Response.json(Object.keys(env));").contains("is not known"));
}

#[test]
fn a_handler_that_fails_fails_the_build() {
    let thrown = refused("throw new TypeError('not today');");
    assert!(
        thrown.contains("TypeError: ") && thrown.contains("not today"),
        "{thrown}"
    );
    assert!(thrown.contains("--> src/index.ts:1:"), "{thrown}");
    assert!(refused("return new Response('', { status: 500 });").contains("status 500"));
    assert!(refused("return 'text';").contains("must answer with a Response"));
    assert!(
        refused("ctx.waitUntil(Promise.reject(new Error('later'))); return new Response();")
            .contains("later")
    );
}

#[test]
fn a_worker_that_is_evaluated_by_each_invocation_cannot_be_warmed_up() {
    let code = r#"import { env } from "cloudflare:workers";
const name = env.NAME;
export default { fetch: () => new Response(name) };"#;
    let error = build(code, &[WarmUp::get("/")]).err().expect("refused");
    assert!(error.contains("cannot be warmed up"), "{error}");
}

#[test]
fn the_component_says_what_it_was_warmed_up_with_and_is_the_same_each_time() {
    let code = r#"
const seen = new Map();
export default {
    async fetch(request) {
        console.log("served at " + Date.now());
        seen.set(request.method + " " + new URL(request.url).pathname, await request.text());
        return new Response("ok");
    },
};"#;
    let mut post = WarmUp::get("/b");
    post.method = "POST".into();
    post.body = "x".into();
    let requests = [WarmUp::get("/a"), post];
    let built = build(code, &requests).expect("built");
    let warnings = built.warnings.iter().map(ToString::to_string);
    let warnings = warnings.collect::<Vec<_>>().join("\n");
    assert!(warnings.contains("served at 0"), "{warnings}");
    assert!(
        warnings.contains("`Date.now()` at the top level"),
        "{warnings}"
    );
    let Ok(Contents::Worker(worker)) = unpack(&built.component) else {
        panic!("not a worker");
    };
    assert_eq!(worker.warm_up, requests);
    assert_eq!(built.digest, build(code, &requests).expect("built").digest);
    assert_ne!(built.digest, build(code, &[]).expect("built").digest);
}
