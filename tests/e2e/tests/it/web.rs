//! What a worker of today uses of the Web's APIs and of npm.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use ouro_test_harness::{Deploy, TestServer, build_worker_with_packages};
use serde_json::json;

#[tokio::test]
async fn hono_and_zod_serve_routes_and_validate_bodies() {
    let server = TestServer::shared().await;
    let source = r#"
        import { Hono } from "hono";
        import { z } from "zod";

        const user = z.object({ name: z.string().min(2), age: z.coerce.number().int() });
        const app = new Hono();
        app.get("/user/:id", (c) => c.json({ id: c.req.param("id"), q: c.req.query("q") ?? null }));
        app.post("/user", async (c) => {
            const body = user.safeParse(await c.req.json());
            return body.success ? c.json(body.data, 201) : c.json(body.error.issues.map((issue) => issue.path), 400);
        });
        export default app;
    "#;
    server
        .api
        .deploy(
            "hono",
            &build_worker_with_packages(source),
            Deploy::default(),
        )
        .await
        .expect(201);
    assert_eq!(
        server
            .get("hono", "/user/7?q=%C3%BC")
            .await
            .expect(200)
            .json(),
        json!({ "id": "7", "q": "ü" })
    );
    let created = server
        .post(
            "hono",
            "/user",
            json!({ "name": "Ada", "age": "36" }).to_string(),
        )
        .await;
    assert_eq!(
        created.expect(201).json(),
        json!({ "name": "Ada", "age": 36 })
    );
    let refused = server
        .post(
            "hono",
            "/user",
            json!({ "name": "x", "age": 1 }).to_string(),
        )
        .await;
    assert_eq!(refused.expect(400).json(), json!([["name"]]));
    server.get("hono", "/elsewhere").await.expect(404);
}

#[tokio::test]
async fn a_jwt_is_signed_and_verified_with_hmac() {
    let server = TestServer::shared().await;
    let source = r#"
        import { sign, verify } from "hono/jwt";

        export default { async fetch(request: Request) {
            const token = await sign({ sub: "7", exp: Math.floor(Date.now() / 1000) + 60 }, "key", "HS256");
            const { sub } = await verify(token, "key", "HS256");
            const wrong = await verify(token, "other", "HS256").then(() => "accepted", (e) => e.name);
            return Response.json([token.split(".").length, sub, wrong]);
        } };
    "#;
    server
        .api
        .deploy(
            "jwt",
            &build_worker_with_packages(source),
            Deploy::default(),
        )
        .await
        .expect(201);
    assert_eq!(
        server.get("jwt", "/").await.expect(200).json(),
        json!([3, "7", "JwtTokenSignatureMismatched"])
    );
}

#[tokio::test]
async fn a_form_with_a_file_is_read() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { async fetch(request: Request) {
            const form = await request.formData();
            const file = form.get("file") as File;
            return Response.json([form.get("name"), file.name, file.type, await file.text()]);
        } };
    "#;
    server.deploy("form", source).await;
    let body = "--b\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nAda\r\n--b\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\ncontent-type: text/plain\r\n\r\nhello\r\n--b--\r\n";
    let request = Request::post("/")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Full::new(Bytes::from(body)));
    let answer = server
        .client
        .call("form.localhost", request.expect("a request"))
        .await
        .expect(200);
    assert_eq!(
        answer.json(),
        json!(["Ada", "a.txt", "text/plain", "hello"])
    );
}

#[tokio::test]
async fn timers_abort_signals_and_clones_work() {
    let server = TestServer::shared().await;
    let source = r#"
        export default { async fetch() {
            const begun = Date.now();
            await new Promise((resolve) => setTimeout(resolve, 20));
            const controller = new AbortController();
            const aborted = new Promise((resolve) => controller.signal.addEventListener("abort", () => resolve(controller.signal.reason)));
            controller.abort("enough");
            const clone = structuredClone({ map: new Map([["a", new Date(0)]]), bytes: new Uint8Array([1, 2]) });
            const url = new URL("../b?x=1#y", "https://example.org/a/c");
            return Response.json({
                waited: Date.now() - begun >= 19,
                reason: await aborted,
                clone: [clone.map.get("a")!.toISOString(), [...clone.bytes]],
                url: url.href,
                text: new TextDecoder().decode(new TextEncoder().encode("ü")),
            });
        } };
    "#;
    server.deploy("web", source).await;
    let expected = json!({
        "waited": true,
        "reason": "enough",
        "clone": ["1970-01-01T00:00:00.000Z", [1, 2]],
        "url": "https://example.org/b?x=1#y",
        "text": "ü",
    });
    assert_eq!(server.get("web", "/").await.expect(200).json(), expected);
}
