// HTMLRewriter.
//// set-attribute
return new HTMLRewriter().on("a[href]", { element(e) { e.setAttribute("href", e.getAttribute("href") + "?x"); } }).transform(new Response('<a href="/1">x</a><a>y</a>', { headers: { "content-type": "text/html" } }));
//// insert-content
return new HTMLRewriter().on("p", { element(e) { e.before("<b>", { html: true }); e.after("<i>"); e.prepend("in "); e.append(" out"); } }).transform(new Response("<p>x</p>"));
//// replace-and-remove
return new HTMLRewriter().on("b", { element(e) { e.replace("R"); } }).on("i", { element(e) { e.remove(); } }).on("u", { element(e) { e.removeAndKeepContent(); } }).transform(new Response("<b>1</b><i>2</i><u>3</u>"));
//// text-chunks
let t = ""; const r = new HTMLRewriter().on("p", { text(c) { t += c.text + (c.lastInTextNode ? "|" : ""); } }).transform(new Response("<p>a</p><p>b</p>")); await r.text(); return t;
//// comments-and-doctype
const out = []; await new HTMLRewriter().onDocument({ doctype(d) { out.push(d.name); }, comments(c) { out.push(c.text); c.text = "new"; }, end(e) { e.append("END"); } }).transform(new Response("<!DOCTYPE html><!-- c --><p>")).text().then((x) => out.push(x)); return out;
//// async-handler
return new HTMLRewriter().on("p", { async element(e) { await new Promise((r) => setTimeout(r, 1)); e.setInnerContent("later"); } }).transform(new Response("<p>x</p>"));
//// handler-throws
await new HTMLRewriter().on("p", { element() { throw new RangeError("no"); } }).transform(new Response("<p>x</p>")).text();
//// bad-selector
new HTMLRewriter().on("p[", {}).transform(new Response("<p>"));
//// attributes-iterator
let out; await new HTMLRewriter().on("p", { element(e) { out = [[...e.attributes], e.tagName, e.namespaceURI, e.hasAttribute("a")]; e.removeAttribute("a"); } }).transform(new Response('<P A="1" b>x</P>')).text(); return out;
//// end-tag
return new HTMLRewriter().on("div", { element(e) { e.onEndTag((t) => { t.before("!"); t.name = "section"; }); } }).transform(new Response("<div>x</div>"));
//// keeps-status-and-headers
return new HTMLRewriter().transform(new Response("<p>", { status: 201, headers: { "x-a": "1", "content-length": "3" } }));
//// element-used-later
let kept; await new HTMLRewriter().on("p", { element(e) { kept = e; } }).transform(new Response("<p>x</p>")).text(); kept.getAttribute("x");
