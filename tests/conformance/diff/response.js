// Response (Fetch 5.5).
//// text
return new Response("hello");
//// empty
return new Response();
//// null-body
return new Response(null);
//// status-and-headers
return new Response("x", { status: 418, statusText: "teapot", headers: { "x-a": "1", "Set-Cookie": "a=b" } });
//// json
return Response.json({ a: 1, b: [true, null] });
//// json-with-init
return Response.json("x", { status: 201, headers: { "content-type": "application/problem+json" } });
//// json-undefined
return Response.json(undefined);
//// json-circular
const a = {}; a.a = a; return Response.json(a);
//// redirect
return Response.redirect("https://example.com/x", 301);
//// redirect-default-status
const r = Response.redirect("https://example.com/"); return [r.status, r.headers.get("location")];
//// redirect-bad-status
return Response.redirect("https://example.com/", 200);
//// redirect-relative
return Response.redirect("/x");
//// error
const r = Response.error(); return [r.status, r.type, r.ok];
//// status-out-of-range
return [99, 199, 600, 1000, "abc"].map((status) => { try { return new Response("", { status }).status; } catch (e) { return e.name; } });
//// status-as-string
return new Response("", { status: "201" }).status;
//// null-body-status-with-body
return [101, 204, 205, 304].map((status) => { try { return new Response("x", { status }).status; } catch (e) { return e.name; } });
//// null-body-status-without-body
return new Response(null, { status: 204 });
//// status-304
return new Response(null, { status: 304, headers: { etag: '"x"' } });
//// body-types
return Promise.all(["s", new Uint8Array([65, 66]), new Uint16Array([65]), new DataView(new ArrayBuffer(1)), new ArrayBuffer(2), new Blob(["b"]), new URLSearchParams({ a: "1 2" })].map(async (body) => { const r = new Response(body); return [r.headers.get("content-type"), [...(await r.bytes())]]; }));
//// object-body
return new Response({}).text();
//// number-body
return new Response(5).text();
//// stream-body
return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode("one ")); c.enqueue(new TextEncoder().encode("two")); c.close(); } }));
//// stream-of-strings
return new Response(new ReadableStream({ start(c) { c.enqueue("text"); c.close(); } })).text();
//// clone
const r = new Response("x", { status: 201, headers: { a: "b" } }); const c = r.clone(); return [await r.text(), await c.text(), c.status, c.headers.get("a")];
//// clone-used
const r = new Response("x"); await r.text(); r.clone();
//// ok-and-type
return [new Response("").ok, new Response("", { status: 404 }).ok, new Response("").type, new Response("").url, new Response("").redirected, new Response("").statusText];
//// status-text
return [new Response("", { status: 404 }).statusText, new Response("", { statusText: "Custom" }).statusText];
//// status-text-invalid
return new Response("", { statusText: "a\nb" }).statusText;
//// text-with-bom
return new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])).text();
//// json-with-bom
return new Response("\ufeff[1]").json();
//// invalid-utf8
return new Response(new Uint8Array([0x61, 0xff, 0x62])).text();
//// blob-type
const b = await new Response("x", { headers: { "content-type": "TEXT/Plain;Charset=UTF-8" } }).blob(); return b.type;
//// form-data-round-trip
const f = new FormData(); f.append("a", "1"); f.append("f", new File(["data"], "n.txt", { type: "text/plain" })); const g = await new Response(f).formData(); return [g.get("a"), g.get("f").name, g.get("f").type, await g.get("f").text()];
//// used-body-returned
const r = new Response("x"); await r.text(); return r;
//// locked-body-returned
const r = new Response("x"); r.body.getReader(); return r;
//// returns-nothing
//// module
export default { fetch() {} };
//// returns-a-string
//// module
export default { fetch() { return "text"; } };
//// returns-a-plain-object
//// module
export default { async fetch() { return { status: 200 }; } };
//// multiple-cookies
const r = new Response("x"); r.headers.append("set-cookie", "a=1; Path=/"); r.headers.append("set-cookie", "b=2"); return r;
//// head-request
//// request: HEAD /
return new Response("body that is not sent", { headers: { "x-a": "1" } });
//// content-length-header
return new Response("hello", { headers: { "content-length": "5" } });
//// content-encoding-gzip-is-kept
return new Response("plain", { headers: { "content-encoding": "identity" } });
//// init-from-response
const a = new Response("x", { status: 202, headers: { a: "1" } }); const b = new Response("y", a); return [b.status, b.headers.get("a"), await b.text()];
//// location-header-relative
return new Response(null, { status: 302, headers: { location: "/next" } });
