//! Workers that call each other: by service binding, by host name, and in circles.

use http::Request;
use http_body_util::Empty;
use ouro_test_harness::{Deploy, TestServer};
use serde_json::{Value, json};

fn services(bindings: Value) -> Deploy {
    Deploy::default().field("services", bindings)
}

const CALLEE: &str = r#"
    import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
    let calls = 0;
    class Counter extends RpcTarget {
        #count = 0;
        increment(by) { return (this.#count += by); }
    }
    export default class extends WorkerEntrypoint {
        async fetch(request) {
            return new Response(`${request.method} ${request.url} ${await request.text()} ${++calls}`, { status: 201, headers: { "x-echo": request.headers.get("x-a") } });
        }
        add(a, b) { console.log("adding"); return a + b; }
        name() { return this.env.NAME; }
        fail() { throw new RangeError("too far"); }
        counter() { return new Counter(); }
        async each(items, use) { const all = []; for (const item of items) all.push(await use(item)); return all; }
        stream(count) {
            let sent = 0;
            return new ReadableStream({ pull(controller) {
                if (sent++ === count) controller.close();
                else controller.enqueue(new Uint8Array(1000).fill(sent));
            } });
        }
        background() { this.ctx.waitUntil(Promise.resolve().then(() => console.log("after"))); }
        boom() { const all = []; for (;;) all.push(new Uint8Array(1 << 20)); }
    }
    export class Admin extends WorkerEntrypoint {
        fetch() { return new Response("admin"); }
        level() { return this.ctx.props.level; }
        viaExports() { return this.ctx.exports.default.add(2, 3); }
        async count(counter) { return [await counter.increment(1), await counter.increment(1)]; }
    }
    export const plain = { fetch: () => new Response("plain"), greet: (name, env, ctx) => `hi ${name}` };
"#;

#[tokio::test]
async fn methods_of_another_worker_are_called() {
    let server = TestServer::shared().await;
    let vars = Deploy::default().field("vars", json!({ "NAME": "callee" }));
    server.deploy_with("rpc-callee", CALLEE, vars).await;
    let source = r#"
        const message = async (promise) => { try { return await promise; } catch (error) { return `${error.name}: ${error.message} ${error instanceof RangeError}`; } };
        export default {
            async fetch(request, env) {
                const { SVC, ADMIN, PLAIN } = env;
                const counter = await SVC.counter();
                return Response.json({
                    add: await SVC.add(1, 2),
                    name: await SVC.name(),
                    fail: await message(SVC.fail()),
                    missing: await message(SVC.nothing()),
                    builtIn: [SVC.hasOwnProperty("add"), String(SVC)],
                    counts: [await counter.increment(2), await counter.increment(3)],
                    pipelined: await SVC.counter().increment(7),
                    each: await SVC.each([1, 2], async (item) => item * 10),
                    bytes: (await new Response(await SVC.stream(300)).arrayBuffer()).byteLength,
                    background: (await SVC.background()) === undefined,
                    level: await ADMIN.level(),
                    exports: await ADMIN.viaExports(),
                    plain: await PLAIN.greet("Ada"),
                    fetched: await (await ADMIN.fetch("http://x/")).text(),
                    handedOn: await ADMIN.count(counter),
                    stillHeld: await counter.increment(1),
                });
            },
        };
    "#;
    let bindings = json!({
        "SVC": { "worker": "rpc-callee" },
        "ADMIN": { "worker": "rpc-callee", "entrypoint": "Admin", "props": { "level": 9 } },
        "PLAIN": { "worker": "rpc-callee", "entrypoint": "plain" },
    });
    server
        .deploy_with("rpc-caller", source, services(bindings))
        .await;
    let answer = server.get("rpc-caller", "/").await.expect(200).json();
    assert_eq!(
        answer,
        json!({
            "add": 3,
            "name": "callee",
            "fail": "RangeError: too far true",
            "missing": "TypeError: The RPC receiver does not implement the method \"nothing\". false",
            "builtIn": [false, "[object Fetcher]"],
            "counts": [2, 5],
            "pipelined": 7,
            "each": [10, 20],
            "bytes": 300_000,
            "background": true,
            "level": 9,
            "exports": 5,
            "plain": "hi Ada",
            "fetched": "admin",
            "handedOn": [6, 7],
            "stillHeld": 8,
        })
    );
    let executions = server.api.executions("rpc-callee", 12).await;
    assert!(executions.iter().all(|it| it["trigger"] == "service"));
    let threw = executions.iter().filter(|it| it["outcome"] == "exception");
    // `fail`, and the method that is not there.
    assert_eq!(threw.count(), 2, "{executions:?}");
    let logged = |text: &str| {
        executions
            .iter()
            .any(|it| it["console"][0]["message"] == text)
    };
    assert!(logged("adding") && logged("after"));
}

#[tokio::test]
async fn a_request_goes_to_another_worker_with_its_body_and_comes_back() {
    let server = TestServer::shared().await;
    server.deploy("fetch-callee", CALLEE).await;
    let source = r#"
        export default {
            async fetch(request, env) {
                if (request.method === "POST") return env.SVC.fetch(request);
                const { readable, writable } = new TransformStream();
                const writer = writable.getWriter();
                writer.write(new TextEncoder().encode("streamed")).then(() => writer.close());
                return env.SVC.fetch("https://internal/path", { method: "PUT", body: readable, headers: { "x-a": "2" } });
            },
        };
    "#;
    let bindings = json!({ "SVC": { "worker": "fetch-callee" } });
    server
        .deploy_with("fetch-caller", source, services(bindings))
        .await;
    let answer = server.get("fetch-caller", "/").await.expect(201);
    // A fresh instance each time.
    assert_eq!(answer.text(), "PUT https://internal/path streamed 1");
    assert_eq!(answer.header("x-echo"), "2");
    let answer = server
        .post("fetch-caller", "/p?q", "body")
        .await
        .expect(201);
    assert_eq!(
        answer.text(),
        "POST http://fetch-caller.localhost/p?q body 1"
    );
}

#[tokio::test]
async fn failures_of_another_worker_are_told_and_end_with_it() {
    let server = TestServer::shared().await;
    let callee = r#"
        import { WorkerEntrypoint } from "cloudflare:workers";
        export default class extends WorkerEntrypoint {
            fetch() { throw new TypeError("broken: it is"); }
            loop() { for (;;); }
            never() { return new Promise(() => {}); }
        }
    "#;
    let limits = Deploy::default().field("limits", json!({ "cpu_ms": 50 }));
    server.deploy_with("failing", callee, limits).await;
    let source = r#"
        const told = async (promise) => { try { await promise; return "nothing"; } catch (error) { return `${error.name}: ${error.message}`; } };
        export default {
            async fetch(request, env) {
                const short = new URL(request.url).pathname === "/never" ? told(env.SVC.never()) : "";
                return Response.json([await told(env.SVC.fetch("http://x/")), await told(env.SVC.loop()), await short]);
            },
        };
    "#;
    let deploy = services(json!({ "SVC": { "worker": "failing" } }));
    let deploy = deploy.field("limits", json!({ "wall_ms": 2000 }));
    server.deploy_with("told", source, deploy).await;
    let answer = server.get("told", "/").await.expect(200).json();
    assert_eq!(answer[0], "TypeError: broken: it is");
    let text = answer[1].as_str().expect("an error");
    assert!(text.contains("50 ms of CPU time"), "{text}");
    // The caller's time is the callee's too.
    server.get("told", "/never").await.expect(504);
    let executions = server.api.executions("failing", 5).await;
    assert!(
        executions
            .iter()
            .any(|it| it["outcome"] == "exceeded-wall" || it["outcome"] == "ok")
    );
}

#[tokio::test]
async fn circles_end_with_a_clear_error() {
    let server = TestServer::shared().await;
    let source = r#"
        import { WorkerEntrypoint } from "cloudflare:workers";
        export default class extends WorkerEntrypoint {
            async fetch(request) {
                if (new URL(request.url).pathname === "/call") return new Response(await this.env.SELF.down(0).catch((error) => error.message));
                try { return await this.env.SELF.fetch(request); } catch (error) { return new Response(error.message); }
            }
            async down(depth) { return this.env.SELF.down(depth + 1); }
        }
    "#;
    let created = server
        .api
        .call("POST", "/workers", json!({ "name": "circle" }))
        .await;
    created.expect(201);
    let deploy = services(json!({ "SELF": { "worker": "circle" } }));
    server.deploy_with("circle", source, deploy).await;
    for path in ["/", "/call"] {
        let answer = server.get("circle", path).await.expect(200);
        assert!(
            answer.text().starts_with("Subrequest depth limit exceeded"),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_host_name_of_this_node_is_reached_without_the_network() {
    let server = TestServer::shared().await;
    let source = r#"
        export default {
            fetch: (request) => Response.json(Object.fromEntries(["cf-worker", "cf-connecting-ip", "authorization"].map((name) => [name, request.headers.get(name)]))),
        };
    "#;
    server.deploy("by-name", source).await;
    let caller = r#"
        export default {
            async fetch(request) {
                const url = new URL(request.url).searchParams.get("url");
                const response = await fetch(url, { headers: { "cf-connecting-ip": "6.6.6.6", "cf-worker": "liar" } });
                return new Response(response.body, { status: response.status, headers: { "x-id": response.headers.get("x-request-id") } });
            },
        };
    "#;
    server.deploy("names", caller).await;
    let ask = |url: String| {
        let server = &server;
        async move { server.get("names", &format!("/?url={url}")).await }
    };
    for url in ["http://by-name.localhost/", "https://BY-NAME.localhost/"] {
        let answer = ask(url.to_owned()).await.expect(200);
        let told = json!({ "cf-worker": "names.localhost", "cf-connecting-ip": "127.0.0.1", "authorization": null });
        assert_eq!(answer.json(), told);
        assert!(answer.header("x-id").starts_with("exe_"));
    }
    let port = server.client.address().port();
    ask(format!("http://by-name.localhost:{port}/"))
        .await
        .expect(200);
    assert_eq!(
        ask("http://nobody.localhost/".into())
            .await
            .expect(404)
            .json()["code"],
        "unknown_host"
    );
    // The management API asks for its token as always.
    ask("http://localhost/api/v1/workers".into())
        .await
        .expect(401);
    let executions = server.api.executions("by-name", 3).await;
    assert_eq!(executions[0]["trigger"], "service");
}

#[tokio::test]
async fn assets_answer_a_service_binding_first() {
    let server = TestServer::shared().await;
    let deploy = Deploy::default().file("/page.txt", "text/plain", "asset");
    let source = r#"export default { fetch: () => new Response("worker") };"#;
    server.deploy_with("with-assets", source, deploy).await;
    let caller = r#"export default { fetch: (request, env) => env.SVC.fetch(request) };"#;
    let bindings = json!({ "SVC": { "worker": "with-assets" } });
    server
        .deploy_with("asks-assets", caller, services(bindings))
        .await;
    assert_eq!(
        server
            .get("asks-assets", "/page.txt")
            .await
            .expect(200)
            .text(),
        "asset"
    );
    assert_eq!(
        server.get("asks-assets", "/other").await.expect(200).text(),
        "worker"
    );
}

#[tokio::test]
async fn only_granted_services_can_be_named() {
    let server = TestServer::shared().await;
    server
        .deploy(
            "lonely",
            "export default { fetch: (request, env) => Response.json(Object.keys(env)) };",
        )
        .await;
    assert_eq!(
        server.get("lonely", "/").await.expect(200).json(),
        json!([])
    );
    for worker in ["management", "nobody-here"] {
        let component =
            ouro_test_harness::build_worker("export default { fetch: () => new Response() };");
        let deploy = services(json!({ "SVC": { "worker": worker } }));
        server
            .api
            .deploy("lonely", &component, deploy)
            .await
            .expect(400);
    }
    let gone = r#"export default { async fetch(request, env) { try { await env.SVC.fetch(request); } catch (error) { return new Response(error.message); } } };"#;
    server
        .api
        .call("POST", "/workers", json!({ "name": "empty" }))
        .await
        .expect(201);
    let deploy = services(json!({ "SVC": { "worker": "empty" } }));
    server.deploy_with("asks-empty", gone, deploy).await;
    let request = Request::get("/")
        .body(Empty::<bytes::Bytes>::new())
        .expect("valid");
    let answer = server
        .client
        .call("asks-empty.localhost", request)
        .await
        .expect(200);
    assert!(
        answer.text().contains("no live version"),
        "{}",
        answer.text()
    );
}
