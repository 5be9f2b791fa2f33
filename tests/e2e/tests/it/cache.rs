//! The Cache API.

use ouro_test_harness::TestServer;
use serde_json::json;

const WORKER: &str = r##"
    const key = "https://cache.example/a";
    const told = async (promise) => { try { await promise; return "nothing"; } catch (error) { return `${error.name}: ${error.message}`; } };
    const response = (body, headers = {}) => new Response(body, { headers: { "cache-control": "max-age=60", ...headers } });
    const steps = {
        async put() {
            const stream = new ReadableStream({ start(controller) { for (const part of ["str", "eam"]) controller.enqueue(new TextEncoder().encode(part)); controller.close(); } });
            await caches.default.put(key + "#fragment", response(stream, { etag: '"v"', "x-a": "1" }));
        },
        async match() {
            const found = await caches.default.match(key);
            return found && [found.status, await found.text(), found.headers.get("x-a"), found.headers.get("cf-cache-status"), found.headers.get("age")];
        },
        async variants() {
            const ask = async (headers) => { const found = await caches.default.match(new Request(key, { headers })); return [found.status, await found.text()]; };
            return [await ask({ "if-none-match": '"v"' }), await ask({ range: "bytes=1-2" })];
        },
        async others() {
            const named = await caches.open("named");
            await named.put(key, response("named"));
            const [a, b] = [await named.match(key), await caches.default.match(key)];
            return [await a.text(), await b.text(), (await caches.default.match(new Request(key, { method: "POST" }))) === undefined];
        },
        async delete() { return [await caches.default.delete(key), await caches.default.delete(key), (await caches.default.match(key)) === undefined]; },
        async refused() {
            const used = response("x");
            await used.text();
            return [
                await told(caches.default.put(new Request(key, { method: "POST" }), response("x"))),
                await told(caches.default.put(key, new Response("x", { status: 206 }))),
                await told(caches.default.put(key, response("x", { vary: "accept, *" }))),
                await told(caches.default.put(key, used)),
                await told(caches.default.put(key, response(new Uint8Array(9 << 20)))),
                await told(caches.default.add(key)),
            ];
        },
        async unstored() {
            await caches.default.put(key, response("x", { "cache-control": "no-store" }));
            await caches.default.put(key, response("x", { "set-cookie": "a=b" }));
            return (await caches.default.match(key)) === undefined;
        },
    };
    export default { fetch: async (request) => Response.json((await steps[new URL(request.url).pathname.slice(1)]()) ?? null) };
"##;

#[tokio::test]
async fn what_one_request_stores_another_finds() {
    let server = TestServer::shared().await;
    server.deploy("caching", WORKER).await;
    let step = async |name: &str| {
        server
            .get("caching", &format!("/{name}"))
            .await
            .expect(200)
            .json()
    };
    assert_eq!(step("match").await, json!(null));
    step("put").await;
    assert_eq!(step("match").await, json!([200, "stream", "1", "HIT", "0"]));
    assert_eq!(step("variants").await, json!([[304, ""], [206, "tr"]]));
    assert_eq!(step("others").await, json!(["named", "stream", true]));
    assert_eq!(step("delete").await, json!([true, false, true]));
    assert_eq!(step("unstored").await, json!(true));
    let refused = step("refused").await;
    let texts: Vec<_> = refused
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|it| it.as_str())
        .collect();
    assert_eq!(
        texts[0],
        "TypeError: Cannot cache response to non-GET request."
    );
    assert_eq!(
        texts[1],
        "TypeError: Cannot cache response to a range request (206 Partial Content)."
    );
    assert_eq!(
        texts[2],
        "TypeError: Cannot cache response with 'Vary: *' header."
    );
    assert!(
        texts[3].starts_with("TypeError: Body has already been used"),
        "{texts:?}"
    );
    assert!(texts[4].contains("over the cache's limit"), "{texts:?}");
    assert!(texts[5].contains("not implemented"), "{texts:?}");
}

#[tokio::test]
async fn no_worker_reads_the_cache_of_another() {
    let server = TestServer::shared().await;
    server.deploy("caching-a", WORKER).await;
    server.deploy("caching-b", WORKER).await;
    server.get("caching-a", "/put").await.expect(200);
    assert_eq!(
        server.get("caching-b", "/match").await.expect(200).json(),
        json!(null)
    );
}
