//! The conformance suite, and what is S3's own.

use ouro_core::Digest;
use ouro_core::ports::artifacts::conformance::{self, body, sample};
use ouro_core::ports::artifacts::{ArtifactError, ArtifactStore, read_all};

use crate::garage::{BUCKET, Garage};

#[tokio::test]
async fn s3_passes_the_conformance_suite() {
    let garage = Garage::start();
    conformance::run(&garage.store().await).await;
}

#[tokio::test]
async fn prefixes_keep_stores_in_one_bucket_apart() {
    let garage = Garage::start();
    let mut other = garage.config.clone();
    other.prefix = "other/".to_owned();
    let other = ouro_adapter_s3::S3Artifacts::connect(other)
        .await
        .expect("connect");
    let bytes = sample("apart", 100);
    let digest = Digest::of(&bytes);
    garage
        .store()
        .await
        .put(digest, body(&bytes), 100)
        .await
        .expect("put");
    assert_eq!(other.missing(&[digest]).await.expect("missing"), [digest]);
}

#[tokio::test]
async fn an_object_that_is_not_what_its_name_says_is_never_read_as_whole() {
    let garage = Garage::start();
    let store = garage.store().await;
    let bytes = sample("damaged", 100_000);
    let digest = Digest::of(&bytes);
    for damaged in [&b"short"[..], &[&bytes[..], b"!"].concat(), b""] {
        let object = client(&garage).put_object().bucket(BUCKET);
        let object = object.key(format!("components/{digest}"));
        let damage = object.body(damaged.to_vec().into()).send().await;
        damage.expect("plant");
        let error = read_all(&store, digest).await;
        assert!(
            matches!(error, Err(ArtifactError::DigestMismatch { .. })),
            "{error:?}"
        );
    }
    store.put(digest, body(&bytes), 1 << 20).await.expect("put");
    let read = read_all(&store, digest)
        .await
        .expect("storing again mends it");
    assert_eq!(read, bytes);
}

#[tokio::test]
async fn many_lookups_keep_their_order() {
    let garage = Garage::start();
    let store = garage.store().await;
    let digests: Vec<_> = (0..300_u16).map(|n| Digest::of(&n.to_le_bytes())).collect();
    for n in (0..300_u16).step_by(50) {
        let bytes = bytes::Bytes::copy_from_slice(&n.to_le_bytes());
        store
            .put(Digest::of(&bytes), body(&bytes), 2)
            .await
            .expect("put");
    }
    let missing = store.missing(&digests).await.expect("missing");
    let absent = digests.iter().enumerate().filter(|(n, _)| n % 50 != 0);
    let absent: Vec<_> = absent.map(|(_, digest)| *digest).collect();
    assert_eq!(missing, absent);
}

#[tokio::test]
async fn a_failed_large_upload_leaves_no_parts() {
    let garage = Garage::start();
    let store = garage.store().await;
    let bytes = sample("parts", 20 << 20);
    let wrong = Digest::of(b"another");
    let error = store.put(wrong, body(&bytes), 64 << 20).await;
    assert!(
        matches!(error, Err(ArtifactError::DigestMismatch { .. })),
        "{error:?}"
    );
    let uploads = client(&garage).list_multipart_uploads().bucket(BUCKET);
    let uploads = uploads.send().await.expect("list");
    assert!(uploads.uploads().is_empty(), "{uploads:?}");
}

/// A plain client of the same bucket.
pub fn client(garage: &Garage) -> aws_sdk_s3::Client {
    use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
    let config = &garage.config;
    let key = Credentials::new(
        &config.access_key_id,
        &config.secret_access_key,
        None,
        None,
        "test",
    );
    let sdk = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(&config.endpoint)
        .region(Region::new(config.region.clone()))
        .credentials_provider(key)
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_s3::Client::from_conf(sdk)
}
