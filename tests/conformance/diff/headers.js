// Headers (Fetch 5.1).
//// append-combines-values
const h = new Headers(); h.append("a", "1"); h.append("A", "2"); return [h.get("a"), [...h]];
//// iteration-is-sorted-and-lower-case
return [...new Headers({ Zeta: "1", alpha: "2", "X-Mid": "3" })];
//// set-cookie-stays-apart
const h = new Headers(); h.append("set-cookie", "a=1"); h.append("set-cookie", "b=2"); h.append("x", "y"); return [[...h], h.getSetCookie(), h.get("set-cookie")];
//// get-of-an-absent-name
return [new Headers().get("nope"), new Headers().has("nope")];
//// invalid-name
new Headers().set("bad name", "v");
//// empty-name
new Headers().append("", "v");
//// invalid-value-newline
new Headers().set("a", "x\ny");
//// value-is-trimmed
return new Headers({ a: "  \t v \t " }).get("a");
//// value-above-latin1
new Headers().set("a", "☃");
//// value-latin1
return new Headers({ a: "\u00e9" }).get("a");
//// value-non-string
return new Headers({ a: 1, b: null, c: undefined, d: true }).get("c");
//// from-pairs
return [...new Headers([["a", "1"], ["b", "2"]])];
//// from-short-pair
new Headers([["a"]]);
//// from-map
return [...new Headers(new Map([["a", "1"]]))];
//// from-null
new Headers(null);
//// from-string
new Headers("abc");
//// delete-and-has
const h = new Headers({ a: "1", b: "2" }); h.delete("A"); return [h.has("a"), h.has("B"), [...h.keys()], [...h.values()]];
//// for-each
const out = []; new Headers({ b: "2", a: "1" }).forEach(function (v, k, o) { out.push([k, v, o instanceof Headers, this.tag]); }, { tag: 1 }); return out;
//// request-headers-are-immutable
request.headers.set("a", "b");
//// response-headers-of-fetch-are-immutable
const r = await fetch(env.UPSTREAM + "/x"); r.headers.set("a", "b");
//// mutable-copy-of-a-fetched-response
const r = await fetch(env.UPSTREAM + "/x"); const c = new Response(r.body, r); c.headers.set("a", "b"); return c.headers.get("a");
//// inspect-class
return [Object.prototype.toString.call(new Headers()), Headers.name, Headers.length, typeof Headers.prototype.entries];
//// call-without-new
Headers();
//// request-sees-client-headers
//// header: X-Custom: one
//// header: x-custom: two
return [request.headers.get("x-custom"), request.headers.has("X-CUSTOM")];
//// live-iteration
const h = new Headers({ a: "1", b: "2" }); const seen = []; for (const [k] of h) { seen.push(k); if (k === "a") h.append("c", "3"); } return seen;
//// content-length-of-text
return new Response("héllo").headers.get("content-length");
//// many-values-with-commas
const h = new Headers(); h.append("a", "1,2"); h.append("a", ""); return h.get("a");
