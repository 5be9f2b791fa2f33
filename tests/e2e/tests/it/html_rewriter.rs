//! HTMLRewriter, as workers of Cloudflare use it.

use ouro_test_harness::{Answer, TestServer};
use serde_json::json;

/// Rewrites documents that the worker makes itself. Each path is one case.
const REWRITER: &str = r#"
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const html = (text, init) => new Response(text, { headers: { "content-type": "text/html; charset=utf-8", "content-length": "999" }, ...init });
const log = [];

// A rewriter may be made once, for all requests.
const absolute = new HTMLRewriter().on("a[href]", { element(a) { a.setAttribute("href", new URL(a.getAttribute("href"), "https://x.test/y/").href); } });

class Titles {
    constructor(suffix) { this.suffix = suffix; }
    text(chunk) {
        this.text_ = (this.text_ ?? "") + chunk.text;
        if (!chunk.lastInTextNode) return chunk.remove();
        chunk.replace(this.text_.toUpperCase() + this.suffix);
        this.text_ = "";
    }
}

const cases = {
    "/attributes": () => absolute.transform(html('<a href="z?a=1&amp;b=2">l</a><a>none</a>')),
    "/content": () => new HTMLRewriter()
        .on("p.one", { element(p) { p.before("B"); p.after("<i>A</i>", { html: true }); p.prepend("<"); p.append(">"); } })
        .on("p.two", { element(p) { p.setInnerContent("new"); p.tagName = "section"; } })
        .on("b", { element(b) { b.removeAndKeepContent(); } })
        .on("script", { element(s) { s.remove(); } })
        .on("img", { element(i) { i.replace("[image]"); } })
        .transform(html('<p class=one>1</p><p class="two">2<em>x</em></p><b>k</b><script>evil()</script><img src=a>')),
    "/async": () => new HTMLRewriter()
        .on("li", { async element(li) {
            const name = li.getAttribute("name");
            await wait(name === "slow" ? 30 : 1);
            log.push(name);
            li.append(`(${name})`);
            li.onEndTag(async (end) => { await wait(1); end.before("!"); log.push("/" + name); });
        } })
        .onDocument({ async end(end) { await wait(1); end.append(log.join(" ")); } })
        .transform(html("<ul><li name=slow></li><li name=fast></li></ul>")),
    "/text": () => new HTMLRewriter().on("title", new Titles(" | site")).transform(html("<title>a title</title><p>untouched</p>")),
    "/document": () => new HTMLRewriter()
        .onDocument({
            doctype(doctype) { log.push(doctype.name, doctype.publicId); },
            comments(comment) { comment.text = comment.text.trim(); },
            end(end) { end.append(`<!--${log.join()}-->`, { html: true }); },
        })
        .transform(html("<!DOCTYPE html><!--  note  --><p>x</p>")),
    "/streams": () => new HTMLRewriter()
        .on("div", { element(div) {
            div.prepend(new Response("<from response>"));
            div.append(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode("<b>stream</b>")); c.close(); } }), { html: true });
        } })
        .transform(html("<div>-</div>")),
    "/nested": () => new HTMLRewriter()
        .on("div", { async element(div) {
            const inner = new HTMLRewriter().on("i", { async element(i) { await wait(2); i.setInnerContent("inner"); } });
            div.setInnerContent(await inner.transform(html("<i></i>")).text(), { html: true });
        } })
        .transform(new HTMLRewriter().on("div", { async element(div) { await wait(2); div.setAttribute("seen", "1"); } }).transform(html("<div></div>"))),
    "/chunks": () => {
        const source = "<p>ä</p>".repeat(20_000);
        const bytes = new TextEncoder().encode(source);
        let at = 0;
        const body = new ReadableStream({ pull(c) {
            if (at >= bytes.length) return c.close();
            c.enqueue(bytes.subarray(at, at += 7_777));
        } });
        let count = 0;
        return new HTMLRewriter()
            .on("p", { element(p) { p.setAttribute("n", String(count++)); } })
            .onDocument({ end(end) { end.append(` ${count}`); } })
            .transform(new Response(body));
    },
    "/latin1": () => new HTMLRewriter()
        .on("p", { element(p) { p.append("é"); }, text(t) { log.push(t.text); } })
        .transform(new Response(new Uint8Array([60, 112, 62, 0xe9, 60, 47, 112, 62]), { headers: { "content-type": "text/html; charset=iso-8859-1" } })),
    "/untouched": () => new HTMLRewriter().transform(new Response(null, { status: 204 })),
    "/fails": () => new HTMLRewriter().on("p", { async element() { await wait(1); throw new RangeError("in a handler"); } }).transform(html("<p>x</p>")),
    "/late": async () => {
        let kept;
        await new HTMLRewriter().on("p", { element(p) { kept = p; } }).transform(html("<p>x</p>")).text();
        try { return new Response(kept.tagName); } catch (error) { return new Response(`${error.name}: ${error.message}`); }
    },
    "/errors": () => {
        const said = [];
        const attempt = (action) => { try { action(); said.push("fine"); } catch (error) { said.push(`${error.name}: ${error.message}`); } };
        attempt(() => new HTMLRewriter().on("p[", {}));
        attempt(() => new HTMLRewriter().on("p:hover", {}));
        attempt(() => new HTMLRewriter().on("p", { element: "no function" }));
        attempt(() => new HTMLRewriter().transform(html("", { headers: { "content-type": "text/html; charset=utf-16" } })));
        attempt(() => new HTMLRewriter().transform(Response.error()));
        return Response.json(said);
    },
};

export default { fetch(request) { return cases[new URL(request.url).pathname](); } };
"#;

async fn rewriter(name: &str) -> TestServer {
    let server = TestServer::shared().await;
    server.deploy(name, REWRITER).await;
    server
}

#[tokio::test]
async fn documents_come_out_as_the_handlers_say() {
    let server = rewriter("rewriter").await;
    let cases = [
        (
            "/attributes",
            r#"<a href="https://x.test/y/z?a=1&amp;b=2">l</a><a>none</a>"#,
        ),
        (
            "/content",
            "B<p class=one>&lt;1&gt;</p><i>A</i><section class=\"two\">new</section>k[image]",
        ),
        ("/text", "<title>A TITLE | site</title><p>untouched</p>"),
        (
            "/document",
            "<!DOCTYPE html><!--note--><p>x</p><!--html,-->",
        ),
        ("/streams", "<div>&lt;from response&gt;-<b>stream</b></div>"),
        ("/nested", r#"<div seen="1"><i>inner</i></div>"#),
        (
            "/late",
            "TypeError: This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.",
        ),
    ];
    for (path, expected) in cases {
        assert_eq!(
            server.get("rewriter", path).await.text(),
            expected,
            "{path}"
        );
    }
}

#[tokio::test]
async fn handlers_that_wait_run_in_the_order_of_the_document() {
    let server = rewriter("rewriter-async").await;
    assert_eq!(
        server
            .get("rewriter-async", "/async")
            .await
            .expect(200)
            .text(),
        "<ul><li name=slow>(slow)!</li><li name=fast>(fast)!</li></ul>slow /slow fast /fast"
    );
}

#[tokio::test]
async fn a_document_in_many_chunks_is_one_document() {
    let server = rewriter("rewriter-chunks").await;
    let answer = server.get("rewriter-chunks", "/chunks").await.expect(200);
    let expected: String = (0..20_000)
        .map(|n| format!("<p n=\"{n}\">ä</p>"))
        .chain([" 20000".to_owned()])
        .collect();
    assert_eq!(answer.text(), expected);
}

#[tokio::test]
async fn the_encoding_of_the_document_is_kept() {
    let server = rewriter("rewriter-latin1").await;
    let answer = server.get("rewriter-latin1", "/latin1").await.expect(200);
    assert_eq!(&answer.body[..], b"<p>\xe9\xe9</p>");
}

#[tokio::test]
async fn the_response_keeps_its_head_but_for_the_length() {
    let server = rewriter("rewriter-head").await;
    let answer = server.get("rewriter-head", "/attributes").await.expect(200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_ne!(answer.header("content-length"), "999");
    server.get("rewriter-head", "/untouched").await.expect(204);
}

#[tokio::test]
async fn a_handler_that_fails_breaks_the_body() {
    let server = rewriter("rewriter-fails").await;
    let request = http::Request::get("/fails")
        .body(String::new())
        .expect("a request");
    let host = "rewriter-fails.localhost";
    if let Ok(response) = server.client.send(host, request).await {
        assert!(Answer::read(response).await.is_err(), "a whole body");
    }
    let records = server.api.executions("rewriter-fails", 1).await;
    let error = records[0]["error"].as_str().expect("an error");
    assert!(error.starts_with("RangeError: in a handler"), "{error}");
}

#[tokio::test]
async fn what_is_wrong_is_said_as_on_cloudflare() {
    let server = rewriter("rewriter-errors").await;
    assert_eq!(
        server
            .get("rewriter-errors", "/errors")
            .await
            .expect(200)
            .json(),
        json!([
            "TypeError: Parser error: Unexpected end of selector.",
            "TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector.",
            "TypeError: Incorrect type for the 'element' field on 'ElementContentHandlers': the provided value is not of type 'function'.",
            "TypeError: Parser error: Expected ASCII-compatible encoding.",
            "TypeError: HTMLRewriter cannot transform an error response",
        ])
    );
}
