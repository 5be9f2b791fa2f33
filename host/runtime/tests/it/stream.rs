//! Bodies that are streamed, both ways.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use ouro_core::Outcome;
use ouro_runtime::InvocationError;

use crate::host::{host, text};

/// Writes `count` chunks of 4 KiB.
fn chunks(count: u32) -> String {
    format!(
        "(local.set $a (call $head))
         (local.set $b (call $stream (local.get $a)))
         (loop $again
            (call $write (local.get $b) (i32.const 65536) (i32.const 4096) (i32.const 1032))
            (local.set $c (i32.add (local.get $c) (i32.const 1)))
            (br_if $again (i32.and (i32.eqz (i32.load8_u (i32.const 1032))) (i32.lt_u (local.get $c) (i32.const {count})))))"
    )
}

const FINISH: &str = "(call $finish (local.get $a))";

/// Reads the whole body and answers with its length, eight bytes.
const COUNT: &str = "
    (if (i32.eq (local.get $kind) (i32.const 1)) (then (i32.store (i32.const 2048) (local.get $body-len))))
    (if (i32.eq (local.get $kind) (i32.const 2)) (then
        (loop $again
            (global.set $heap (i32.const 131072))
            (call $read (local.get $body) (i64.const 65536) (i32.const 1032))
            (if (i32.eqz (i32.load8_u (i32.const 1032))) (then
                (i32.store (i32.const 2048)
                    (i32.add (i32.load (i32.const 2048)) (i32.load (i32.const 1040))))
                (br $again))))))
    (i32.store8 (i32.const 2052) (local.get $kind))
    (call $answer (i32.const 2048) (i32.const 5))";

async fn counted(response: http::Response<ouro_runtime::ResponseBody>) -> (u32, u8) {
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("whole")
        .to_bytes();
    (
        u32::from_le_bytes(bytes[..4].try_into().expect("four bytes")),
        bytes[4],
    )
}

#[tokio::test]
async fn a_long_body_streams_while_the_guest_waits_for_room() {
    let mut host = host(&format!("{} {FINISH}", chunks(4_096)));
    let response = host.get().await.expect("answers");
    assert!(!response.body().is_complete());
    assert_eq!(host.runtime.running(), 1);
    assert!(!host.has_record());
    let body = response
        .into_body()
        .collect()
        .await
        .expect("whole")
        .to_bytes();
    assert_eq!(body.len(), 16 << 20);
    host.runtime.drain().await;
    assert_eq!(host.record().await.outcome, Outcome::Ok);
}

#[tokio::test]
async fn a_short_streamed_body_is_whole() {
    let host = host(&format!("{} {FINISH}", chunks(3)));
    let response = host.get().await.expect("answers");
    assert_eq!(text(response).await.len(), 3 * 4_096);
}

#[tokio::test]
async fn a_body_that_is_not_finished_is_an_error_for_the_client() {
    let host = host(&format!("{} unreachable", chunks(4_096)));
    let response = host.get().await.expect("answers");
    assert!(response.into_body().collect().await.is_err());
}

#[tokio::test]
async fn a_short_body_that_fails_is_never_whole() {
    let mut host = host(&format!("{} unreachable", chunks(1)));
    // On a busy machine the guest's turn may end between the head and the trap; then the head is out, and the body breaks off.
    match host.get().await {
        Err(error) => assert!(matches!(error, InvocationError::Trapped(_)), "{error}"),
        Ok(response) => assert!(response.into_body().collect().await.is_err()),
    }
    assert_eq!(host.record().await.outcome, Outcome::Trapped);
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_writing() {
    let mut host = host(&chunks(u32::MAX));
    let response = host.get().await.expect("answers");
    drop(response);
    host.runtime.drain().await;
    assert_eq!(host.record().await.outcome, Outcome::Ok);
}

#[tokio::test]
async fn a_small_request_body_enters_with_the_head() {
    let host = host(COUNT);
    let response = host
        .send(http::Method::POST, Full::from(vec![1; 5_000]))
        .await;
    assert_eq!(counted(response.expect("answers")).await, (5_000, 1));
}

#[tokio::test]
async fn a_large_request_body_is_streamed() {
    let host = host(COUNT);
    let frames = (0..500).map(|_| Ok::<_, Infallible>(Frame::data(Bytes::from(vec![1; 20_000]))));
    let response = host
        .send(http::Method::POST, StreamBody::new(stream::iter(frames)))
        .await;
    assert_eq!(counted(response.expect("answers")).await, (10_000_000, 2));
}

#[tokio::test]
async fn a_request_body_that_comes_late_is_streamed() {
    let host = host(COUNT);
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    let frames = stream::unfold(receiver, |mut receiver| async {
        let bytes = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Frame::data(bytes)), receiver))
    });
    let answer = host.send(http::Method::POST, StreamBody::new(frames));
    let upload = async move {
        for _ in 0..10 {
            sender
                .send(Bytes::from_static(b"late"))
                .await
                .expect("is read");
        }
    };
    let (answer, ()) = tokio::join!(answer, upload);
    assert_eq!(counted(answer.expect("answers")).await.0, 40);
}
