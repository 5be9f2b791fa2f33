//! The engine's edges: recursion without end, deep data, stacks, `Intl`.

use ouro_test_harness::TestServer;

const RECURSION: &str = include_str!("engine/recursion.js");
const INTL: &str = include_str!("engine/intl.js");
const JSON: &str = include_str!("engine/json.js");
const CALL_SITES: &str = include_str!("engine/call-sites.js");

const CAUGHT: &str = r#"
class NotFound extends Error {
    name = "NotFound";
}

function find(id: number): never {
    throw new NotFound(`no item ${id}`);
}

export default {
    fetch() {
        try {
            find(7);
        } catch (error) {
            console.error(error);
            return new Response((error as Error).stack);
        }
    },
};
"#;

const FORMATS_EARLY: &str = r#"
const day = new Intl.DateTimeFormat("en", { timeZone: "Asia/Tokyo" }).format(0);
export default { fetch: () => new Response(`${day} ${day.length.toLocaleString("en", { minimumFractionDigits: 1 })}`) };
"#;

#[tokio::test]
async fn intl_formats_at_the_top_level() {
    let server = TestServer::shared().await;
    server.deploy("formats-early", FORMATS_EARLY).await;
    let answer = server.get("formats-early", "/").await.expect(200);
    assert_eq!(answer.text(), "1/1/1970 8.0");
}

#[tokio::test]
async fn recursion_and_nesting_end_in_errors_that_javascript_catches() {
    let server = TestServer::shared().await;
    server.deploy("recursion", RECURSION).await;
    let list = server.get("recursion", "/").await.expect(200);
    assert!(list.text().lines().count() > 60, "{}", list.text());
    for case in list.text().lines() {
        let answer = server.get("recursion", &format!("/{case}")).await;
        let answer = answer.expect(200);
        let ends = [
            "returned",
            "RangeError: ",
            "SyntaxError: ",
            "InternalError: out of memory",
        ];
        let text = answer.text();
        assert!(
            ends.iter().any(|end| text.starts_with(end)),
            "{case}: {text}"
        );
    }
}

#[tokio::test]
async fn a_stack_begins_with_its_error_and_the_console_shows_source_lines() {
    let server = TestServer::shared().await;
    server.deploy("caught", CAUGHT).await;
    let answer = server.get("caught", "/").await.expect(200);
    let stack = answer.text();
    assert!(stack.starts_with("NotFound: no item 7\n    at "), "{stack}");
    assert!(stack.contains("\n    at find (worker.js:"), "{stack}");

    let record = &server.api.executions("caught", 1).await[0];
    let line = record["console"][0]["message"].as_str().expect("a line");
    assert!(line.starts_with("NotFound: no item 7\n"), "{line}");
    assert!(line.contains("worker.ts:7:"), "{line}");
}

#[tokio::test]
async fn json_is_that_of_the_standard() {
    let server = TestServer::shared().await;
    server.deploy("json", JSON).await;
    assert_eq!(server.get("json", "/").await.expect(200).text(), "");
}

#[tokio::test]
async fn a_call_site_has_what_libraries_ask_of_it() {
    let server = TestServer::shared().await;
    server.deploy("call-sites", CALL_SITES).await;
    assert_eq!(server.get("call-sites", "/").await.expect(200).text(), "");
}

#[tokio::test]
async fn intl_answers_as_programs_expect() {
    let server = TestServer::shared().await;
    server.deploy("intl", INTL).await;
    assert_eq!(server.get("intl", "/").await.expect(200).text(), "");
}
