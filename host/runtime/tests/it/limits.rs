//! Guests that want more than they may have.

use std::time::{Duration, Instant};

use ouro_core::Outcome;
use ouro_core::version::Limits;
use ouro_runtime::InvocationError;

use crate::guest;
use crate::host::{Settings, host_with, text};

const LOOP: &str = "(loop $again (br $again))";

fn limits(limits: Limits) -> Settings<'static> {
    Settings {
        limits: Some(limits),
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_loop_ends_at_its_cpu_limit() {
    let settings = limits(Limits {
        cpu_ms: 50,
        ..Limits::default()
    });
    let mut host = host_with(guest::javascript(LOOP), settings);
    let error = host.get().await.expect_err("ends");
    assert!(
        matches!(error, InvocationError::ExceededCpu { limit_ms: 50 }),
        "{error}"
    );
    let record = host.record().await;
    assert_eq!(
        (record.outcome, record.status_code),
        (Outcome::ExceededCpu, Some(503))
    );
    assert!(record.cpu_us >= 50_000);
}

#[tokio::test]
async fn a_loop_lets_its_neighbours_run() {
    let body = format!(
        "(if (i32.eq (local.get $kind) (i32.const 1)) (then {LOOP})) (call $answer (local.get $url) (i32.const 4))"
    );
    let settings = limits(Limits {
        cpu_ms: 1_000,
        ..Limits::default()
    });
    let host = host_with(guest::javascript(&body), settings);
    host.worker.prepare().await.expect("loads");
    // Both on this one thread.
    let busy = host.send(http::Method::POST, http_body_util::Full::from("loop"));
    let calm = async {
        // `join!` polls the loop first: this runs when it yields.
        let began = Instant::now();
        let answer = text(host.get().await.expect("answers")).await;
        (answer, began.elapsed())
    };
    let (busy, (answer, waited)) = tokio::join!(busy, calm);
    assert!(matches!(busy, Err(InvocationError::ExceededCpu { .. })));
    assert_eq!(answer, "http");
    assert!(waited < Duration::from_millis(500), "{waited:?}");
}

#[tokio::test]
async fn waiting_ends_at_the_time_limit() {
    let settings = limits(Limits {
        wall_ms: 30,
        ..Limits::default()
    });
    let mut host = host_with(
        guest::javascript("(call $sleep (i64.const 3600000000000))"),
        settings,
    );
    let error = host.get().await.expect_err("ends");
    assert!(
        matches!(error, InvocationError::ExceededWall { limit_ms: 30 }),
        "{error}"
    );
    assert_eq!(host.record().await.outcome, Outcome::ExceededWall);
}

#[tokio::test]
async fn memory_ends_at_its_limit() {
    let grow = "(loop $again
        (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
        (br $again))";
    let settings = limits(Limits {
        memory_bytes: 4 << 20,
        ..Limits::default()
    });
    let mut host = host_with(guest::javascript(grow), settings);
    let error = host.get().await.expect_err("ends");
    assert!(
        matches!(error, InvocationError::ExceededMemory { limit_bytes } if limit_bytes == 4 << 20),
        "{error}"
    );
    let record = host.record().await;
    assert_eq!(record.outcome, Outcome::ExceededMemory);
    assert!(record.memory_bytes_max <= 4 << 20 && record.memory_bytes_max > 3 << 20);
}

#[tokio::test]
async fn a_refused_growth_that_the_guest_copes_with_is_no_failure() {
    let cope = "(drop (memory.grow (i32.const 1000))) (call $answer (local.get $url) (local.get $url-len))";
    let settings = limits(Limits {
        memory_bytes: 4 << 20,
        ..Limits::default()
    });
    let mut host = host_with(guest::javascript(cope), settings);
    assert_eq!(host.get().await.expect("answers").status(), 200);
    assert_eq!(host.record().await.outcome, Outcome::Ok);
}
