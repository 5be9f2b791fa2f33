// URL, URLSearchParams, URLPattern.
//// parts
const u = new URL("https://user:pa%20ss@EXAMPLE.com:8443/a/../b?x=1&y=%20#h"); return [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash, String(u), JSON.stringify(u)];
//// invalid
new URL("nope");
//// invalid-base
new URL("a", "b");
//// can-parse-and-parse
return [URL.canParse("https://a"), URL.canParse("a"), URL.canParse("a", "https://b"), URL.parse("x"), URL.parse("a", "https://b/").href];
//// setters
const u = new URL("https://a.com/x"); u.port = "99999"; u.host = "b.com:81"; u.pathname = "p q"; u.search = "?a b"; u.hash = "#é"; u.protocol = "http"; u.username = "ü"; return u.href;
//// set-href-invalid
const u = new URL("https://a.com"); u.href = "bad";
//// idna
return [new URL("https://münchen.de/ä?ö#ü").href, new URL("https://xn--mnchen-3ya.de").hostname, new URL("http://1.2.3").hostname, new URL("http://0x7f.1").hostname, new URL("http://[::1]:80/").host];
//// special-schemes
return ["file:///C:/x", "data:text/plain,hi", "blob:https://a.com/uuid", "mailto:x@y.z", "javascript:1", "ws://a:80/"].map((s) => { const u = new URL(s); return [u.href, u.origin, u.pathname, u.port]; });
//// search-params-live
const u = new URL("https://a.com/?a=1"); u.searchParams.append("b", "ü &"); u.searchParams.delete("a"); return [u.href, u.search, u.searchParams.size];
//// params-constructors
return [new URLSearchParams("?a=1&b=2&a=3"), new URLSearchParams({ a: "1", b: 2 }), new URLSearchParams([["x", "y"]]), new URLSearchParams(new URLSearchParams("q=1"))].map(String);
//// params-bad-pairs
new URLSearchParams([["a"]]);
//// params-encoding
return String(new URLSearchParams({ "a b": "c+d", é: "~!*()'-._%" }));
//// params-decoding
return [...new URLSearchParams("a=%zz&b=%C3%A9&c=+&=x&y&&d=1=2")];
//// params-has-and-delete-with-value
const p = new URLSearchParams("a=1&a=2&b=1"); const had = [p.has("a", "2"), p.has("a", "9")]; p.delete("a", "1"); return [had, String(p)];
//// params-sort
const p = new URLSearchParams("z=1&a=2&z=0&b=3"); p.sort(); return String(p);
//// params-iteration-while-changing
const p = new URLSearchParams("a=1&b=2&c=3"); const seen = []; for (const [k] of p) { seen.push(k); p.delete("b"); } return seen;
//// url-pattern-basic
const p = new URLPattern({ pathname: "/books/:id(\\d+)/:rest*" }); const m = p.exec("https://a.com/books/12/x/y"); return [p.test("https://a.com/books/x"), m.pathname.groups, p.pathname, p.hasRegExpGroups];
//// url-pattern-string-and-base
const p = new URLPattern("/foo/*?q=:q", "https://example.com"); const m = p.exec("https://example.com/foo/bar?q=1"); return [m.pathname.groups, m.search.groups, p.hostname, p.protocol];
//// url-pattern-invalid
new URLPattern({ pathname: "/(a" });
//// url-pattern-ignore-case
return new URLPattern({ pathname: "/ABC" }, { ignoreCase: true }).test({ pathname: "/abc" });
//// long-path-and-dots
return new URL("https://a.com/a/./b/%2e%2e/c//d/..").pathname;
//// url-class-shape
return [Object.prototype.toString.call(new URL("a:b")), URL.length, URL.name, Object.keys(URL.prototype).length > 10];
