//! Responses, failures and records.

use http_body::Body;
use ouro_core::Outcome;
use ouro_runtime::InvocationError;

use crate::guest;
use crate::host::{Settings, get, host, host_with, text};

const ANSWER_URL: &str = "(call $answer (local.get $url) (local.get $url-len))";

#[tokio::test]
async fn a_complete_answer_comes_in_one_piece_and_leaves_a_record() {
    let mut host = host(ANSWER_URL);
    let response = host.get().await.expect("answers");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert!(response.body().is_complete());
    assert_eq!(response.body().size_hint().exact(), Some(35));
    assert_eq!(text(response).await, "http://test.localhost:8080/path?q=1");
    let record = host.record().await;
    assert_eq!(record.outcome, Outcome::Ok);
    assert_eq!(record.status_code, Some(200));
    assert_eq!(record.error, None);
    assert_eq!(record.memory_bytes_max, 8 << 16);
    assert!(record.cpu_us > 0);
    assert_eq!(host.runtime.running(), 0);
}

#[tokio::test]
async fn every_invocation_gets_a_fresh_instance() {
    // Counts in its memory, and answers with the count.
    let host = host(
        "(i32.store8 (i32.const 2048) (i32.add (i32.load8_u (i32.const 2048)) (i32.const 1)))
         (i32.store8 (i32.const 2049) (i32.add (i32.load8_u (i32.const 2048)) (i32.const 48)))
         (call $answer (i32.const 2049) (i32.const 1))",
    );
    for _ in 0..3 {
        assert_eq!(text(host.get().await.expect("answers")).await, "1");
    }
}

/// Looks through all of its memory for a secret, then plants it everywhere, also in memory that it adds.
const SPY: &str = r#"
    (local.set $a (i32.const 8192))
    (local.set $c (i32.mul (memory.size) (i32.const 65536)))
    (i64.store (i32.const 2048) (i64.const 0x6e61656c63)) ;; clean
    (block $searched (loop $search
        (br_if $searched (i32.ge_u (local.get $a) (local.get $c)))
        (if (i64.eq (i64.load (local.get $a)) (i64.const 0x5345435245545345)) (then
            (i64.store (i32.const 2048) (i64.const 0x646e756f66)) ;; found
            (br $searched)))
        (local.set $a (i32.add (local.get $a) (i32.const 8)))
        (br $search)))
    (drop (memory.grow (i32.const 4)))
    (local.set $a (i32.const 8192))
    (local.set $c (i32.mul (memory.size) (i32.const 65536)))
    (block $planted (loop $plant
        (br_if $planted (i32.ge_u (local.get $a) (local.get $c)))
        (i64.store (local.get $a) (i64.const 0x5345435245545345))
        (local.set $a (i32.add (local.get $a) (i32.const 8)))
        (br $plant)))
    (call $answer (i32.const 2048) (i32.const 5))"#;

#[tokio::test]
async fn a_secret_in_a_slot_is_not_there_for_the_next_invocation() {
    let host = host(SPY);
    let other = host.runtime.load(host.worker.version().clone(), Vec::new());
    // One worker until its memory has pages of its own, then two by turns, and some at the same time.
    for worker in [&host.worker; 12]
        .into_iter()
        .chain([&host.worker, &other].repeat(12))
    {
        assert_eq!(text(get(worker).await.expect("answers")).await, "clean");
    }
    let at_once = (0..8).map(|_| async { text(get(&other).await.expect("answers")).await });
    let answers = futures_util::future::join_all(at_once).await;
    assert!(
        answers.iter().all(|answer| answer == "clean"),
        "{answers:?}"
    );
}

#[tokio::test]
async fn a_head_request_keeps_the_length_and_drops_the_body() {
    let host = host(ANSWER_URL);
    let response = host
        .send(
            http::Method::HEAD,
            http_body_util::Empty::<bytes::Bytes>::new(),
        )
        .await
        .expect("answers");
    assert_eq!(response.headers()["content-length"], "35");
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn an_exception_is_told_with_its_stack() {
    let mut host = host("(call $throw)");
    let error = host.get().await.expect_err("fails");
    assert!(matches!(&error, InvocationError::Exception(failure) if failure.name == "TypeError"));
    assert_eq!(error.status_code(), 500);
    let record = host.record().await;
    assert_eq!(record.outcome, Outcome::Exception);
    assert_eq!(record.status_code, Some(500));
    assert_eq!(
        record.error.as_deref(),
        Some("TypeError: it is broken\n  at f (worker.js:1:2)")
    );
}

#[tokio::test]
async fn an_exception_while_the_guest_goes_on_is_told_at_once() {
    let mut host = host("(call $throw) (call $sleep (i64.const 1000000))");
    assert!(matches!(
        host.get().await,
        Err(InvocationError::Exception(_))
    ));
    assert!(!host.has_record());
    host.runtime.drain().await;
    assert_eq!(host.record().await.outcome, Outcome::Exception);
}

#[tokio::test]
async fn work_after_the_response_is_waited_for() {
    let mut host = host(&format!("{ANSWER_URL} (call $sleep (i64.const 20000000))"));
    let response = host.get().await.expect("answers");
    assert!(response.body().is_complete());
    assert_eq!(host.runtime.running(), 1);
    assert!(!host.has_record());
    host.runtime.drain().await;
    let record = host.record().await;
    assert_eq!(record.outcome, Outcome::Ok);
    assert!(record.duration_us >= 20_000);
}

#[tokio::test]
async fn no_answer_is_an_error_of_its_own() {
    let mut host = host("");
    assert!(matches!(host.get().await, Err(InvocationError::NoResponse)));
    assert_eq!(host.record().await.outcome, Outcome::NoResponse);
}

#[tokio::test]
async fn a_trap_is_an_error_and_spares_the_next_request() {
    let mut host = host("(if (i32.eqz (local.get $kind)) (then unreachable))");
    let error = host.get().await.expect_err("traps");
    assert!(
        matches!(&error, InvocationError::Trapped(text) if text.contains("unreachable")),
        "{error}"
    );
    assert_eq!(host.record().await.outcome, Outcome::Trapped);
    assert!(host.get().await.is_err());
}

#[tokio::test]
async fn a_trap_after_the_answer_leaves_the_answer() {
    let mut host = host(&format!("{ANSWER_URL} unreachable"));
    assert_eq!(host.get().await.expect("answers").status(), 200);
    let record = host.record().await;
    assert_eq!(
        (record.outcome, record.status_code),
        (Outcome::Trapped, Some(200))
    );
}

#[tokio::test]
async fn an_invalid_head_is_an_error() {
    for (head, wrong) in [
        ("(i32.const 101) (i32.const 16) (i32.const 24)", "101"),
        (
            "(i32.const 200) (i32.const 80) (i32.const 12)",
            "it is broken",
        ),
    ] {
        let host = host(&format!(
            "(call $respond {head} (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1024))"
        ));
        let error = host.get().await.expect_err("is refused");
        assert!(
            matches!(&error, InvocationError::InvalidResponse(text) if text.contains(wrong)),
            "{error}"
        );
    }
}

#[tokio::test]
async fn answering_twice_is_an_error() {
    let host = host(&format!("{ANSWER_URL} {ANSWER_URL}"));
    // The first answer stands, since it was complete.
    assert_eq!(host.get().await.expect("answers").status(), 200);
}

#[tokio::test]
async fn a_caller_that_goes_away_cancels_the_invocation_and_leaves_a_record() {
    let mut host = host("(call $sleep (i64.const 3600000000000))");
    host.worker.prepare().await.expect("loads");
    {
        let mut call = Box::pin(host.get());
        let first = futures_util::poll!(call.as_mut());
        assert!(first.is_pending());
    }
    let record = host.record().await;
    assert_eq!(
        (record.outcome, record.status_code),
        (Outcome::Canceled, None)
    );
}

#[tokio::test]
async fn more_invocations_than_instances_are_refused() {
    let settings = Settings {
        instances_max: Some(1),
        ..Settings::default()
    };
    let mut host = host_with(
        guest::javascript("(call $sleep (i64.const 3600000000000))"),
        settings,
    );
    host.worker.prepare().await.expect("loads");
    let mut first = Box::pin(host.get());
    assert!(futures_util::poll!(first.as_mut()).is_pending());
    let error = host.get().await.expect_err("is refused");
    assert!(
        matches!(error, InvocationError::Overloaded { instances_max: 1 }),
        "{error}"
    );
    assert_eq!(error.status_code(), 503);
    drop(first);
    assert_eq!(host.record().await.outcome, Outcome::Canceled);
    assert!(!host.has_record());
}
