//! Wrong keys, absent buckets, and servers that go away.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use ouro_adapter_s3::{S3Artifacts, S3Config};
use ouro_core::Digest;
use ouro_core::ports::artifacts::conformance::{body, sample};
use ouro_core::ports::artifacts::{ArtifactError, ArtifactStore};
use tokio::sync::Mutex;

use crate::garage::Garage;

const LIMIT_BYTES: u64 = 64 << 20;

/// The text of the error that connecting gives; it has no key in it.
async fn connect_error(config: S3Config) -> String {
    let error = S3Artifacts::connect(config.clone()).await.err();
    let Some(ArtifactError::Unavailable(text)) = error else {
        panic!("{error:?}");
    };
    assert_no_key(&text, &config);
    assert!(text.contains(&config.endpoint), "{text}");
    text
}

fn assert_no_key(text: &str, config: &S3Config) {
    assert!(!text.contains(&config.access_key_id), "{text}");
    assert!(!text.contains(&config.secret_access_key), "{text}");
}

#[test]
fn debug_hides_the_keys() {
    let config = S3Config {
        endpoint: "https://s3.example".to_owned(),
        bucket: "b".to_owned(),
        region: "r".to_owned(),
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI".to_owned(),
        path_style: false,
        prefix: String::new(),
    };
    assert_no_key(&format!("{config:?}"), &config);
}

#[tokio::test]
async fn a_wrong_secret_is_refused_when_connecting() {
    let garage = Garage::start();
    let mut config = garage.config.clone();
    config.secret_access_key = "0".repeat(64);
    let text = connect_error(config).await;
    assert!(text.contains("403"), "{text}");
}

#[tokio::test]
async fn an_unknown_key_is_refused_when_connecting() {
    let garage = Garage::start();
    let mut config = garage.config.clone();
    config.access_key_id = "GK000000000000000000000000".to_owned();
    let text = connect_error(config).await;
    assert!(text.contains("403"), "{text}");
}

#[tokio::test]
async fn an_absent_bucket_is_named() {
    let garage = Garage::start();
    let mut config = garage.config.clone();
    config.bucket = "absent".to_owned();
    let text = connect_error(config).await;
    assert!(text.contains("`absent`"), "{text}");
    assert!(text.contains("no such bucket"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let mut garage = Garage::start();
    garage.kill();
    let text = connect_error(garage.config.clone()).await;
    assert!(text.contains("refused"), "{text}");
}

#[tokio::test]
async fn a_server_that_goes_away_fails_every_call_clearly() {
    let mut garage = Garage::start();
    let store = garage.store().await;
    let bytes = sample("gone", 1_000);
    let digest = Digest::of(&bytes);
    store
        .put(digest, body(&bytes), LIMIT_BYTES)
        .await
        .expect("put");
    garage.kill();
    for error in [
        store.put(digest, body(&bytes), LIMIT_BYTES).await.err(),
        store.get(digest).await.err(),
        store.get_range(digest, 0..1).await.err(),
        store.missing(&[digest]).await.err(),
        store.delete(digest).await.err(),
    ] {
        let Some(ArtifactError::Unavailable(text)) = error else {
            panic!("{error:?}");
        };
        assert!(text.contains(&garage.config.endpoint), "{text}");
        assert_no_key(&text, &garage.config);
    }
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_of_an_upload_fails_it() {
    let garage = Garage::start();
    let store = garage.store().await;
    let bytes = sample("upload", 30 << 20);
    // The server dies after the first two parts were sent; the rest has nowhere to go.
    let garage = Arc::new(Mutex::new(garage));
    let victim = garage.clone();
    let body = body(&bytes).enumerate().then(move |(n, chunk)| {
        let victim = victim.clone();
        async move {
            if n == 400 {
                victim.lock().await.kill();
            }
            chunk
        }
    });
    let error = store
        .put(Digest::of(&bytes), Box::pin(body), LIMIT_BYTES)
        .await;
    assert!(
        matches!(error, Err(ArtifactError::Unavailable(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_of_a_download_fails_it() {
    let mut garage = Garage::start();
    let store = garage.store().await;
    let bytes = sample("download", 30 << 20);
    let digest = Digest::of(&bytes);
    store
        .put(digest, body(&bytes), LIMIT_BYTES)
        .await
        .expect("put");
    let mut artifact = store.get(digest).await.expect("get");
    artifact.body.next().await.expect("a chunk").expect("read");
    garage.kill();
    let rest: Vec<_> = artifact.body.collect().await;
    let last = rest.last().expect("an end");
    assert!(
        matches!(last, Err(ArtifactError::Unavailable(_))),
        "a download that broke off is not whole"
    );
}

#[tokio::test]
async fn a_caller_that_gives_up_a_large_upload_leaves_no_parts() {
    let garage = Garage::start();
    let store = garage.store().await;
    let bytes = sample("given up", 20 << 20);
    let (taken, all_taken) = tokio::sync::oneshot::channel();
    let stalled = stream::once(async move {
        let _ = taken.send(());
        std::future::pending().await
    });
    let body = Box::pin(body(&bytes).chain(stalled));
    tokio::select! {
        size = store.put(Digest::of(&bytes), body, LIMIT_BYTES) => panic!("{size:?}"),
        _ = all_taken => {}
    }
    let client = crate::artifacts::client(&garage);
    let gone = async {
        loop {
            let uploads = client
                .list_multipart_uploads()
                .bucket(crate::garage::BUCKET);
            if uploads.send().await.expect("list").uploads().is_empty() {
                return;
            }
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), gone).await;
    waited.expect("the upload is aborted in the background");
}
