// Outbound fetch. The upstream answers with the body that it got, and says in `x-request` what it saw.
//// get
const r = await fetch(env.UPSTREAM + "/a?b=1"); return [r.status, r.ok, r.headers.get("x-request"), await r.text(), r.url.endsWith("/a?b=1"), r.redirected, r.type];
//// post
const r = await fetch(env.UPSTREAM + "/p", { method: "POST", body: "payload" }); return [r.headers.get("x-request"), await r.text()];
//// stream-body
const r = await fetch(env.UPSTREAM, { method: "POST", body: new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode("abc")); c.close(); } }) }); return r.text();
//// pass-through
//// request: POST /through
//// body: passed
return fetch(new Request(env.UPSTREAM + "/through", request));
//// relative
await fetch("/x");
//// bad-scheme
await fetch("ftp://example.com/");
//// refused
await fetch("http://127.0.0.1:1/");
//// aborted-before
await fetch(env.UPSTREAM, { signal: AbortSignal.abort() });
//// aborted-with-reason
await fetch(env.UPSTREAM, { signal: AbortSignal.abort(new RangeError("why")) });
//// clone-response
const r = await fetch(env.UPSTREAM, { method: "POST", body: "x" }); const c = r.clone(); return [await r.text(), await c.text()];
//// form-body
const f = new URLSearchParams({ a: "1 2" }); const r = await fetch(env.UPSTREAM, { method: "POST", body: f }); return r.text();
//// data-url
return (await fetch("data:text/plain;base64,aGk=")).text();
//// invalid-header
await fetch(env.UPSTREAM, { headers: { "bad name": "x" } });
//// cf-option-is-ignored
return (await fetch(env.UPSTREAM, { cf: { cacheTtl: 5 } })).status;
//// body-cancel
const r = await fetch(env.UPSTREAM, { method: "POST", body: "x".repeat(1000) }); await r.body.cancel(); return r.bodyUsed;
//// text-twice
const r = await fetch(env.UPSTREAM); await r.text(); await r.text();
//// get-with-body
await fetch(env.UPSTREAM, { method: "GET", body: "x" });
