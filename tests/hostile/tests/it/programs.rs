//! Each folder of programs on a node of its own: one after the other, then all at once.

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use http::{Method, Request};
use http_body_util::{BodyExt, Empty};
use ouro_test_harness::eventually;
use serde_json::{Value, json};

use crate::node::Node;
use crate::program::Program;

/// Builds at once.
const BUILDS: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loops_of_every_kind_end_at_a_limit() {
    run("loops").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_memory_ends_alone() {
    run("memory").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recursion_ends_alone() {
    run("stack").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_floods_or_goes_on_ends_alone() {
    run("flood").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_are_none_reach_no_client() {
    run("answer").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_without_end_end() {
    run("call").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sql_reaches_its_own_database_alone() {
    run("sql").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn host_functions_take_nothing_for_granted() {
    run("component").await;
}

async fn run(folder: &str) {
    let mut node = Node::start(&[]).await;
    let programs = Program::all(folder);
    assert!(!programs.is_empty());
    deploy(&node, &programs).await;
    node.settle();
    let mut wrong = Vec::new();
    for program in &programs {
        wrong.extend(attempt(&node, program).await.err());
        node.is_unharmed(&program.name).await;
    }
    node.is_as_before(folder).await;
    let at_once = join_all(programs.iter().map(|it| attempt(&node, it))).await;
    wrong.extend(at_once.into_iter().filter_map(Result::err));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    node.is_as_before(&format!("all of {folder} at once")).await;
}

async fn deploy(node: &Node, programs: &[Program]) {
    let deploys = programs.iter().map(|program| async move {
        let name = &program.name;
        let component = tokio::task::block_in_place(|| program.build());
        let create = |path: &'static str, body: Value| async move {
            let answer = node.api().call("POST", path, body).await;
            answer.expect(201);
        };
        create("/workers", json!({ "name": name })).await;
        create("/databases", json!({ "name": name })).await;
        let deploy = program
            .deploy(&json!({}))
            .field("databases", json!({ "DB": name }))
            .field("services", json!({ "SELF": { "worker": name } }));
        let deployed = node.api().deploy(name, &component, deploy).await;
        assert_eq!(deployed.status, 201, "{name}: {}", deployed.text());
    });
    stream::iter(deploys)
        .buffer_unordered(BUILDS)
        .collect::<Vec<_>>()
        .await;
}

/// Calls the program and compares: what the client gets, and what the record says.
async fn attempt(node: &Node, program: &Program) -> Result<(), String> {
    let expected = &program.expected;
    let host = format!("{}.localhost", program.name);
    let request = Request::builder().method(Method::GET).uri("/");
    let request = request.body(Empty::<Bytes>::new()).expect("a request");
    let response = node.client().send(&host, request).await;
    let (head, body) = match response {
        Ok(response) => response.into_parts(),
        Err(error) => return Err(format!("{}: no answer: {error:?}", program.name)),
    };
    let body = body.collect().await;
    let is_cut = body.is_err();
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    let field = |name: &str| {
        let value = head.headers.get(name);
        value
            .map_or("", |it| it.to_str().expect("ASCII"))
            .to_owned()
    };
    let id = field("x-request-id");
    let record = record(node, &program.name, &id).await;
    let error = record["error"].as_str().unwrap_or_default();
    let has = |text: &str, part: &Option<String>| part.as_ref().is_none_or(|it| text.contains(it));
    let is_right = head.status.as_u16() == expected.status
        && field("x-ouro-termination") == program.termination()
        && is_cut == expected.cut
        && record["outcome"] == expected.outcome
        && record["status_code"] == expected.status
        && has(&body, &expected.body)
        && has(error, &expected.error);
    if is_right {
        return Ok(());
    }
    let body: String = body.chars().take(300).collect();
    Err(format!(
        "{}: {} `{}`, cut off: {is_cut}, {body}\n    {record}",
        program.name,
        head.status,
        field("x-ouro-termination"),
    ))
}

pub async fn record(node: &Node, worker: &str, id: &str) -> Value {
    let path = format!("/workers/{worker}/executions/{id}");
    eventually(&format!("the record of `{worker}`"), || async {
        let answer = node.api().get(&path).await;
        (answer.status == 200).then(|| answer.json())
    })
    .await
}
