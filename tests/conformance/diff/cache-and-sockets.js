// Cache API and WebSockets.
//// cache-put-and-match
const c = caches.default, u = "https://example.com/diff-" + Math.random(); await c.put(u, new Response("cached", { headers: { "cache-control": "max-age=60", "x-a": "1" } })); const r = await c.match(u); return r ? [await r.text(), r.headers.get("x-a")] : "miss";
//// cache-match-absent
return (await caches.default.match("https://example.com/none")) ?? "undefined";
//// cache-put-post
await caches.default.put(new Request("https://example.com/x", { method: "POST" }), new Response("x"));
//// cache-put-206
await caches.default.put("https://example.com/x", new Response("x", { status: 206 }));
//// cache-vary-star
await caches.default.put("https://example.com/x", new Response("x", { headers: { vary: "*" } }));
//// cache-delete
return caches.default.delete("https://example.com/never");
//// cache-open
return Object.prototype.toString.call(await caches.open("named"));
//// cache-add
return typeof caches.default.add;
//// socket-pair-echo
const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const got = new Promise((r) => a.addEventListener("message", (e) => r(e.data))); b.addEventListener("message", (e) => b.send("echo " + e.data)); a.send("hi"); return got;
//// socket-pair-close
const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const got = new Promise((r) => b.addEventListener("close", (e) => r([e.code, e.reason, e.wasClean]))); a.close(4000, "bye"); return got;
//// socket-send-before-accept
const [a] = Object.values(new WebSocketPair()); a.send("x");
//// socket-close-code
const [a] = Object.values(new WebSocketPair()); a.accept(); a.close(999);
//// socket-bad-url
new WebSocket("nope");
//// socket-constants
return [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED, WebSocket.READY_STATE_OPEN];
//// upgrade-without-socket
//// request: GET /
return new Response(null, { status: 101 });
//// response-with-socket-and-wrong-status
const [a] = Object.values(new WebSocketPair()); return new Response(null, { status: 200, webSocket: a }).status;
