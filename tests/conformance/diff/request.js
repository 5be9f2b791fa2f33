// Request (Fetch 5.3).
//// properties
//// request: POST /path?q=1
//// header: content-type: text/plain
//// body: hello
return [request.method, new URL(request.url).pathname, request.headers.get("content-type"), request.redirect, request.bodyUsed, await request.text(), request.bodyUsed];
//// constructor-defaults
const r = new Request("https://example.com/a?b#c"); return [r.url, r.method, r.redirect, r.body, r.bodyUsed, [...r.headers], r.signal instanceof AbortSignal];
//// relative-url
new Request("/relative");
//// invalid-url
new Request("http://");
//// url-with-credentials
return new Request("https://user:pass@example.com/").url;
//// get-with-body
new Request("https://example.com", { method: "GET", body: "x" });
//// head-with-body
new Request("https://example.com", { method: "HEAD", body: "x" });
//// method-is-normalised
return ["get", "post", "patch", "Delete", "oPtIons"].map((method) => new Request("https://e.com", { method }).method);
//// forbidden-methods
return ["CONNECT", "TRACE", "TRACK", "bad method", ""].map((method) => { try { return new Request("https://e.com", { method }).method; } catch (e) { return e.name; } });
//// body-content-types
const type = (body) => new Request("https://e.com", { method: "POST", body }).headers.get("content-type");
return [type("text"), type(new URLSearchParams("a=1")), type(new Uint8Array(2)), type(new Blob(["x"], { type: "a/b" })), type(new Blob(["x"])), type(new FormData()).split(";")[0]];
//// clone-reads-twice
//// request: POST /
//// body: twice
const copy = request.clone(); return [await request.text(), await copy.text()];
//// clone-of-a-used-body
//// request: POST /
//// body: x
await request.text(); request.clone();
//// read-twice
//// request: POST /
//// body: x
await request.text(); await request.text();
//// json
//// request: POST /
//// body: {"a":[1,2,{"b":null}]}
return request.json();
//// json-invalid
//// request: POST /
//// body: {"a":
return request.json();
//// json-empty
//// request: POST /
return request.json();
//// array-buffer
//// request: POST /
//// body: bytes
return request.arrayBuffer();
//// bytes
//// request: POST /
//// body: bytes
return request.bytes();
//// blob
//// request: POST /
//// header: content-type: image/png
//// body: xyz
const b = await request.blob(); return [b.size, b.type, await b.text()];
//// form-data-urlencoded
//// request: POST /
//// header: content-type: application/x-www-form-urlencoded
//// body: a=1&b=two+words&a=%C3%A9
return [...(await request.formData())];
//// form-data-multipart
//// request: POST /
//// header: content-type: multipart/form-data; boundary=XX
//// body: --XX
const parts = new Request("https://e.com", { method: "POST", headers: { "content-type": "multipart/form-data; boundary=b" }, body: "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nv\r\n--b--\r\n" });
const form = await parts.formData(); const file = form.get("f"); return [file.name, file.type, file.size, await file.text(), form.get("t"), [...form.keys()]];
//// form-data-of-text
//// request: POST /
//// header: content-type: text/plain
//// body: x
return request.formData();
//// from-request-with-init
const a = new Request("https://e.com/1", { method: "PUT", headers: { a: "1" }, body: "x" }); const b = new Request(a, { headers: { b: "2" } }); return [b.method, [...b.headers], await b.text(), a.bodyUsed];
//// from-request-new-url
const a = new Request("https://e.com/1", { method: "PUT", headers: { a: "1" }, body: "x" }); const b = new Request("https://e.com/2", a); return [b.method, b.url, b.headers.get("a"), await b.text()];
//// from-used-request
const a = new Request("https://e.com/1", { method: "PUT", body: "x" }); await a.text(); new Request(a);
//// body-null
return [new Request("https://e.com", { method: "POST" }).body, await new Request("https://e.com", { method: "POST", body: null }).text()];
//// stream-body-needs-no-duplex
const r = new Request("https://e.com", { method: "POST", body: new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode("abc")); c.close(); } }) }); return r.text();
//// redirect-values
return ["follow", "manual", "error", "bogus"].map((redirect) => { try { return new Request("https://e.com", { redirect }).redirect; } catch (e) { return e.name; } });
//// class-shape
return [Object.prototype.toString.call(request), request.constructor.name, Object.keys(Object.getOwnPropertyDescriptors(Request.prototype)).filter((k) => ["url", "method", "clone", "json", "text", "body", "cf", "signal", "fetcher"].includes(k)).sort()];
//// body-stream-reader
//// request: POST /
//// body: streamed
const reader = request.body.getReader(); const { value, done } = await reader.read(); return [new TextDecoder().decode(value), done, (await reader.read()).done];
//// locked-body
//// request: POST /
//// body: x
request.body.getReader(); await request.text();
//// signal-of-the-request
return [request.signal instanceof AbortSignal, request.signal.aborted];
//// keepalive-and-integrity
const r = new Request("https://e.com", { integrity: "sha256-x", keepalive: true }); return [r.integrity, r.keepalive];
//// url-fragment
return new Request("https://e.com/a#frag").url;
