//! The handlers of a worker beside `fetch`, and the shapes that a worker can have.

use http::Request;
use http_body_util::{Empty, Full};
use ouro_test_harness::{Deploy, TestServer, TestServerOptions, build_worker};
use serde_json::{Value, json};

/// A server that runs handlers on request, as `wrangler dev --test-scheduled` does.
async fn server() -> TestServer {
    TestServer::with(TestServerOptions::default().set("test_scheduled", true)).await
}

#[tokio::test]
async fn a_scheduled_handler_gets_its_controller_and_the_host_its_outcome() {
    let server = server().await;
    let source = r#"
        export default {
            async scheduled(controller, env, ctx) {
                ctx.waitUntil(Promise.resolve().then(() => console.log("later")));
                console.log(controller.cron, controller.scheduledTime, env.NAME);
                controller.noRetry();
            },
        };
    "#;
    let deploy = Deploy::default().field("vars", json!({ "NAME": "cron" }));
    server.deploy_with("crons", source, deploy).await;
    for path in ["/__scheduled", "/cdn-cgi/handler/scheduled"] {
        let answer = server
            .get("crons", &format!("{path}?cron=*+2+*&time=1000"))
            .await;
        assert_eq!(
            answer.expect(200).json(),
            json!({ "noRetry": true, "outcome": "ok" })
        );
    }
    let executions = server.api.executions("crons", 2).await;
    assert_eq!(executions[0]["trigger"], "cron");
    let lines = executions[0]["console"].as_array().expect("lines");
    let lines: Vec<_> = lines.iter().map(|line| &line["message"]).collect();
    assert_eq!(lines, ["* 2 * 1000 cron", "later"]);
    // The module has no fetch handler.
    let refused = server.get("crons", "/").await.expect(500);
    assert_eq!(refused.json()["code"], "worker_error");
}

#[tokio::test]
async fn a_failed_handler_keeps_what_it_had_decided() {
    let server = server().await;
    let source = r#"
        export default {
            async queue(batch, env, ctx) {
                const [first, second, third] = batch.messages;
                first.ack();
                first.retry();
                second.retry({ delaySeconds: 5 });
                if (third.body.fail) throw new TypeError(`${batch.queue} ${third.id} ${third.attempts} ${third.timestamp.toISOString()}`);
                batch.ackAll();
            },
        };
    "#;
    server.deploy("consumer", source).await;
    let path = "/cdn-cgi/handler/queue?queue=orders";
    let batch = |fail: bool| {
        let third = json!({ "id": "c", "timestamp": 0, "attempts": 2, "body": { "fail": fail } });
        json!({ "messages": [{ "body": 1 }, { "body": "two" }, third] }).to_string()
    };
    let done = server
        .post("consumer", path, batch(false))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&done["ackAll"], &done["outcome"]),
        (&json!(true), &json!("ok"))
    );
    let failed = server
        .post("consumer", path, batch(true))
        .await
        .expect(500)
        .json();
    assert_eq!(failed["explicitAcks"], json!([0]));
    assert_eq!(
        failed["retryMessages"],
        json!([{ "message": 1, "delaySeconds": 5 }])
    );
    let error = failed["error"].as_str().expect("an error");
    assert!(
        error.starts_with("TypeError: orders c 2 1970-01-01T00:00:00.000Z"),
        "{error}"
    );
}

#[tokio::test]
async fn an_email_handler_reads_forwards_answers_and_rejects() {
    let server = server().await;
    let source = r#"
        import { EmailMessage } from "cloudflare:email";
        export default {
            async email(message, env, ctx) {
                const text = await new Response(message.raw).text();
                if (text.length !== message.rawSize) throw new Error("size");
                await message.forward("box@example.org", new Headers({ "x-seen": message.headers.get("subject") }));
                await message.reply(new EmailMessage(message.to, message.from, "Subject: re\r\n\r\nhi"));
                if (text.includes("spam")) message.setReject("no spam");
            },
        };
    "#;
    server.deploy("mail", source).await;
    let path = "/cdn-cgi/handler/email?from=a@example.org&to=b@example.org";
    let mail = "Subject: a\r\n folded one\r\nFrom: a\r\n\r\nspam";
    let answer = server.post("mail", path, mail).await.expect(200).json();
    assert_eq!(answer["reject"], "no spam");
    let forward = json!({ "to": "box@example.org", "headers": "x-seen:a folded one\n" });
    assert_eq!(answer["forwards"], json!([forward]));
    assert_eq!(answer["replies"][0]["to"], "a@example.org");
    assert_eq!(answer["replies"][0]["raw"], "Subject: re\r\n\r\nhi");
    server
        .post("mail", "/cdn-cgi/handler/email?from=a", mail)
        .await
        .expect(400);
}

#[tokio::test]
async fn a_tail_handler_gets_trace_items() {
    let server = server().await;
    let source = r#"export default { tail(items) { console.log(items[0].scriptName); } };"#;
    server.deploy("tails", source).await;
    let items = json!([{ "scriptName": "other", "logs": [] }]).to_string();
    server
        .post("tails", "/cdn-cgi/handler/tail", items)
        .await
        .expect(200);
    let executions = server.api.executions("tails", 1).await;
    assert_eq!(executions[0]["console"][0]["message"], "other");
}

#[tokio::test]
async fn handlers_are_out_of_reach_where_nobody_asked_for_them() {
    let server = TestServer::shared().await;
    let source = r#"export default { fetch: () => new Response("page"), scheduled() { throw new Error("reached"); } };"#;
    server.deploy("no-tests", source).await;
    for path in ["/__scheduled", "/cdn-cgi/handler/scheduled"] {
        assert_eq!(
            server.get("no-tests", path).await.expect(200).text(),
            "page"
        );
    }
}

#[tokio::test]
async fn a_service_worker_listens_and_finds_its_bindings_as_globals() {
    let server = server().await;
    let source = r#"
        addEventListener("fetch", (event) => event.respondWith(new Response(GREETING)));
        addEventListener("scheduled", (event) => event.waitUntil(Promise.resolve().then(() => console.log(event.cron, GREETING))));
    "#;
    let deploy = Deploy::default().field("vars", json!({ "GREETING": "hello" }));
    server.deploy_with("listener", source, deploy).await;
    assert_eq!(
        server.get("listener", "/").await.expect(200).text(),
        "hello"
    );
    server
        .get("listener", "/__scheduled?cron=a")
        .await
        .expect(200);
    let executions = server.api.executions("listener", 2).await;
    assert_eq!(executions[0]["console"][0]["message"], "a hello");
}

#[tokio::test]
async fn a_class_and_a_plain_function_are_workers_too() {
    let server = server().await;
    let class = r#"
        import { WorkerEntrypoint } from "cloudflare:workers";
        export default class extends WorkerEntrypoint {
            fetch(request) { return new Response(`${this.env.NAME} ${new URL(request.url).pathname}`); }
            scheduled(controller) { this.ctx.waitUntil(Promise.resolve()); console.log(controller.cron); }
        }
    "#;
    let deploy = Deploy::default().field("vars", json!({ "NAME": "class" }));
    server.deploy_with("class", class, deploy).await;
    assert_eq!(
        server.get("class", "/a").await.expect(200).text(),
        "class /a"
    );
    server.get("class", "/__scheduled").await.expect(200);

    // Neither exported nor anything else: what Fluxbase's functions look like.
    let plain = r#"
        async function handler(request) {
            const { name } = JSON.parse(request.body);
            return { status: 201, headers: { "x-method": request.method }, body: JSON.stringify({ name, type: request.headers["content-type"] }) };
        }
    "#;
    server.deploy("plain", plain).await;
    let request = Request::post("/").header("content-type", "application/json");
    let request = request
        .body(Full::from("{\"name\":\"Ada\"}"))
        .expect("valid");
    let answer = server
        .client
        .call("plain.localhost", request)
        .await
        .expect(201);
    assert_eq!(answer.header("x-method"), "POST");
    assert_eq!(
        answer.json(),
        json!({ "name": "Ada", "type": "application/json" })
    );
}

#[tokio::test]
async fn the_environment_can_be_imported() {
    let server = TestServer::shared().await;
    let source = r#"
        import { env, waitUntil, withEnv, DurableObject } from "cloudflare:workers";
        const name = () => env.NAME;
        class Room extends DurableObject {}
        // So this module is evaluated by each invocation.
        const early = env.NAME;
        export default {
            fetch() {
                waitUntil(Promise.resolve().then(() => console.log("waited")));
                let room;
                try { new Room(); } catch (error) { room = error.message; }
                return Response.json({ name: name(), keys: Object.keys(env), has: "NAME" in env, other: withEnv({ NAME: "b" }, name), early, room });
            },
        };
    "#;
    let deploy = Deploy::default().field("vars", json!({ "NAME": "a" }));
    server.deploy_with("imports", source, deploy).await;
    let answer = server.get("imports", "/").await.expect(200).json();
    assert_eq!(answer["name"], "a");
    assert_eq!(answer["keys"], json!(["NAME"]));
    assert_eq!(
        (&answer["has"], &answer["other"]),
        (&json!(true), &json!("b"))
    );
    assert_eq!(answer["early"], "a");
    let room = answer["room"].as_str().expect("an error");
    assert!(room.contains("Durable Objects"), "{room}");
}

#[tokio::test]
async fn a_worker_that_reads_env_at_its_top_level_has_all_its_handlers() {
    let server = server().await;
    let source = r#"
        import { env, WorkerEntrypoint } from "cloudflare:workers";
        const rows = await env.DB.prepare("SELECT 1 + 1 AS two").all();
        const early = { two: rows.results[0].two, name: env.NAME, now: Date.now() > 0 };
        export class Admin extends WorkerEntrypoint {
            early() { return early; }
        }
        export default {
            async fetch(request, env) {
                const called = new URL(request.url).pathname === "/call" ? await env.SELF.early() : early;
                return Response.json(called);
            },
            scheduled() { console.log(early.name); },
        };
    "#;
    let database = json!({ "name": "of-early" });
    server
        .api
        .call("POST", "/databases", database)
        .await
        .expect(201);
    let deploy = || {
        let fields = Deploy::default().field("vars", json!({ "NAME": "a" }));
        fields.field("databases", json!({ "DB": "of-early" }))
    };
    server.deploy_with("early", source, deploy()).await;
    let itself = json!({ "SELF": { "worker": "early", "entrypoint": "Admin" } });
    let deploy = deploy().field("services", itself);
    server.deploy_with("early", source, deploy).await;
    for path in ["/", "/call"] {
        let answer = server.get("early", path).await.expect(200).json();
        assert_eq!(answer, json!({ "two": 2, "name": "a", "now": true }));
    }
    let ran = server.get("early", "/__scheduled").await.expect(200).json();
    assert_eq!(ran["outcome"], "ok");
}

const CLIENT: &str = r#"
    export default {
        fetch(request) {
            const { cf } = request;
            const names = ["cf-connecting-ip", "x-real-ip", "x-forwarded-for", "x-forwarded-proto", "cf-visitor", "cf-ipcountry", "cf-worker"];
            const headers = Object.fromEntries(names.map((name) => [name, request.headers.get(name)]));
            const copies = [request.clone().cf === cf, new Request(request).cf === cf, new Request("http://a/").cf === undefined];
            return Response.json({ cf, headers, ray: request.headers.get("cf-ray"), id: request.headers.get("x-request-id"), copies });
        },
    };
"#;

#[tokio::test]
async fn a_worker_is_told_of_its_client_and_a_client_cannot_lie() {
    let server = TestServer::shared().await;
    server.deploy("client", CLIENT).await;
    let mut request = Request::get("/");
    for name in [
        "cf-connecting-ip",
        "x-real-ip",
        "x-forwarded-for",
        "cf-ipcountry",
        "cf-worker",
        "cf-ray",
    ] {
        request = request.header(name, "6.6.6.6");
    }
    let request = request.body(Empty::<bytes::Bytes>::new()).expect("valid");
    let told = server
        .client
        .call("client.localhost", request)
        .await
        .expect(200)
        .json();
    assert_eq!(
        told["headers"],
        json!({
            "cf-connecting-ip": "127.0.0.1",
            "x-real-ip": "127.0.0.1",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-proto": "http",
            "cf-visitor": "{\"scheme\":\"http\"}",
            "cf-ipcountry": Value::Null,
            "cf-worker": Value::Null,
        })
    );
    assert_eq!(told["cf"]["httpProtocol"], "HTTP/1.1");
    assert_eq!(told["cf"]["colo"], "LOCAL");
    assert_eq!(told["cf"]["country"], Value::Null);
    assert_eq!(told["copies"], json!([true, true, true]));
    let (ray, id) = (told["ray"].as_str(), told["id"].as_str());
    let digits = id.and_then(|id| id.get(4..20)).expect("an id");
    assert_eq!(ray, Some(format!("{digits}-LOCAL").as_str()));
}

#[tokio::test]
async fn a_worker_without_a_handler_is_not_built() {
    let built = std::panic::catch_unwind(|| build_worker("export const a = 1;"));
    let text = built.expect_err("it does not build");
    let text = text.downcast_ref::<String>().expect("a text");
    assert!(text.contains("the worker has no handler"), "{text}");
}
