//! The client: its configuration, and its errors as the operator reads them.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_smithy_http_client::tls;
use aws_smithy_types::body::SdkBody;
use ouro_core::ports::artifacts::ArtifactError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// One try of one request, up to the head of the response. A part of 8 MiB passes at 140 KB/s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// All tries of one request.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(120);

const ATTEMPTS: u32 = 3;

/// A body that does not move for this long is given up.
const STALL_TIMEOUT: Duration = Duration::from_secs(20);

/// Where artifacts lie. `Debug` hides the keys.
#[derive(Clone)]
pub struct S3Config {
    /// Such as `https://s3.eu-central-1.amazonaws.com`.
    pub endpoint: String,
    pub bucket: String,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    /// The bucket is in the path, not in the host name.
    pub path_style: bool,
    /// Before each object's name, such as `ouro/`. May be empty.
    pub prefix: String,
}

impl fmt::Debug for S3Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Config")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("access_key_id", &"…")
            .field("secret_access_key", &"…")
            .field("path_style", &self.path_style)
            .field("prefix", &self.prefix)
            .finish()
    }
}

/// A client of one bucket.
#[derive(Clone)]
pub struct Bucket {
    pub client: Client,
    config: S3Config,
}

impl Bucket {
    pub fn new(config: S3Config) -> Self {
        let credentials = Credentials::new(
            &config.access_key_id,
            &config.secret_access_key,
            None,
            None,
            "ouro",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let stalls = StalledStreamProtectionConfig::enabled()
            .grace_period(STALL_TIMEOUT)
            .build();
        let sdk = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&config.endpoint)
            .region(Region::new(config.region.clone()))
            .credentials_provider(credentials)
            .force_path_style(config.path_style)
            .http_client(https_client())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .stalled_stream_protection(stalls)
            // Every artifact is checked by its digest; not every server knows the checksums that AWS added.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self {
            client: Client::from_conf(sdk),
            config,
        }
    }

    pub fn name(&self) -> &str {
        &self.config.bucket
    }

    pub fn prefix(&self) -> &str {
        &self.config.prefix
    }

    /// A failed request as the operator reads it: what, where, why; without the keys.
    pub fn failed<E>(&self, what: &str, error: &SdkError<E>) -> ArtifactError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.unavailable(what, &cause(error))
    }

    pub fn unavailable(&self, what: &str, cause: &str) -> ArtifactError {
        let S3Config {
            endpoint, bucket, ..
        } = &self.config;
        let text = format!("cannot {what} in bucket `{bucket}` at `{endpoint}`: {cause}");
        ArtifactError::Unavailable(self.without_keys(text))
    }

    /// Servers quote the key that they do not know.
    fn without_keys(&self, mut text: String) -> String {
        for key in [&self.config.secret_access_key, &self.config.access_key_id] {
            if !key.is_empty() {
                text = text.replace(key.as_str(), "…");
            }
        }
        text
    }
}

/// The status of the response, where there was one.
pub fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}

fn cause<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let request = answer.raw().request_id().unwrap_or("none");
            let meaning = answer.err().message().unwrap_or(match status {
                403 => {
                    "access denied: the key is unknown, its secret is wrong, or it may not do this"
                }
                404 => "not found",
                _ => "no message",
            });
            let code = answer.err().code().unwrap_or("no code");
            format!("{code}: {meaning} (status {status}, request id {request})")
        }
        other => chain(other),
    }
}

/// The error and what caused it, in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}

fn https_client() -> SharedHttpClient {
    let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    aws_smithy_http_client::Builder::new()
        .tls_provider(ring)
        .build_https()
}

/// A body of bytes that can be sent again.
pub fn body(bytes: bytes::Bytes) -> aws_sdk_s3::primitives::ByteStream {
    SdkBody::from(bytes).into()
}
