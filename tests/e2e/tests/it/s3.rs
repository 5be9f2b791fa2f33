//! A server whose artifacts lie in S3.

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use ouro_test_harness::{Deploy, TestServer, TestServerOptions, build_worker};

// The adapter's own tests start the same server.
#[path = "../../../../adapters/s3/tests/s3/garage.rs"]
#[allow(
    dead_code,
    reason = "the adapter's tests use the rest of the shared file"
)]
mod garage;

#[tokio::test]
async fn a_server_on_s3_deploys_and_outlives_its_store() {
    let mut garage = tokio::task::spawn_blocking(garage::Garage::start)
        .await
        .expect("a Garage");
    let config = garage.config.clone();
    let options = TestServerOptions::default()
        .set("artifacts.backend", "s3")
        .set("artifacts.s3.endpoint", &config.endpoint)
        .set("artifacts.s3.bucket", &config.bucket)
        .set("artifacts.s3.region", &config.region)
        .set("artifacts.s3.access_key_id", &config.access_key_id)
        .set("artifacts.s3.secret_access_key", &config.secret_access_key)
        .set("artifacts.s3.path_style", true);
    let server = TestServer::with(options).await;
    let worker = |text: &str| {
        build_worker(&format!(
            "export default {{ fetch() {{ return new Response({text:?}); }} }};"
        ))
    };
    let deploy = Deploy::default().file("/digits.txt", "text/plain", "0123456789");
    server
        .api
        .deploy("bucket", &worker("old"), deploy)
        .await
        .expect(201);
    assert_eq!(server.get("bucket", "/").await.expect(200).text(), "old");
    let range = Request::get("/digits.txt")
        .header("range", "bytes=2-4")
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let part = server.client.call("bucket.localhost", range).await;
    assert_eq!(part.expect(206).text(), "234");

    tokio::task::spawn_blocking(move || garage.kill())
        .await
        .expect("killed");
    let new = worker("new");
    let refused = server.api.upload(new.digest, new.bytes.clone()).await;
    assert_eq!(refused.expect(503).json()["code"], "unavailable");
    assert_eq!(server.get("bucket", "/").await.expect(200).text(), "old");
    server.shut_down().await;
}
