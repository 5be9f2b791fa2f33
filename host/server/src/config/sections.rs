//! The configuration as the rest of the server reads it, and what does not go together in it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ouro_core::egress::Egress;
use ouro_core::ports::metadata::DailyQuotas;
use ouro_core::version::Limits;
use serde::Deserialize;
use serde_json::json;

use super::ConfigError;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub data_dir: PathBuf,
    pub listen: SocketAddr,
    pub base_domain: String,
    pub public_url: String,
    pub trust_forwarded_host: bool,
    pub colo: String,
    pub test_scheduled: bool,
    pub threads: usize,
    pub instances_max: u32,
    pub instances_warm_max: u32,
    pub code_bytes_max: u64,
    pub assets_bytes_max: u64,
    pub head_timeout_ms: u64,
    pub drain_timeout_ms: u64,
    pub limits: LimitsConfig,
    pub outbound: OutboundConfig,
    pub cache: CacheConfig,
    pub crons: CronsConfig,
    pub executions: ExecutionsConfig,
    pub auth: AuthConfig,
    pub quotas: QuotasConfig,
    pub artifacts: ArtifactsConfig,
    pub metrics: MetricsConfig,
    pub log: LogConfig,
}

/// Ceilings of what a version can grant.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    pub cpu_ms_max: u64,
    pub wall_ms_max: u64,
    pub memory_bytes_max: u64,
    pub request_body_bytes_max: u64,
    pub response_body_bytes_max: u64,
    pub header_bytes_max: u64,
    pub header_count_max: u64,
    pub subrequests_max: u64,
    pub subrequests_at_once_max: u64,
    pub operations_max: u64,
    pub console_bytes_max: u64,
    pub websockets_max: u64,
    pub invocations_at_once_max: u64,
}

impl LimitsConfig {
    pub fn ceilings(&self) -> Limits {
        Limits {
            cpu_ms: self.cpu_ms_max,
            wall_ms: self.wall_ms_max,
            memory_bytes: self.memory_bytes_max,
            request_body_bytes: self.request_body_bytes_max,
            response_body_bytes: self.response_body_bytes_max,
            header_bytes: self.header_bytes_max,
            header_count: self.header_count_max,
            subrequests: self.subrequests_max,
            subrequests_at_once: self.subrequests_at_once_max,
            operations: self.operations_max,
            console_bytes: self.console_bytes_max,
            websockets: self.websockets_max,
            invocations_at_once: Some(self.invocations_at_once_max),
        }
    }
}

/// How workers reach other servers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundConfig {
    /// Networks beside the public internet.
    pub allow: String,
    /// Empty where there is none.
    pub extra_ca_file: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheConfig {
    pub bytes_max: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CronsConfig {
    pub seconds: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecutionsConfig {
    pub plain_per_second: u32,
    pub notable_per_second: u32,
    pub queue_max: usize,
    pub batch_max: usize,
    pub flush_ms: u64,
    pub retention_days: u64,
}

/// Who signs in, and what proves it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// Empty secrets are derived from the host key.
    pub jwt_access_secret: SecretText,
    pub jwt_refresh_secret: SecretText,
    pub jwt_secret: SecretText,
    /// Separated by commas.
    pub operator_tokens: SecretText,
    pub app_url: String,
    pub sign_up: SignUp,
}

impl AuthConfig {
    pub fn operator_tokens(&self) -> impl Iterator<Item = &str> {
        let tokens = self.operator_tokens.0.split(',');
        tokens.map(str::trim).filter(|token| !token.is_empty())
    }
}

/// What an organization may have and use where the operator says nothing else of it. 0 is as much as it likes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotasConfig {
    pub workers: u64,
    pub environments: u64,
    pub databases: u64,
    pub crons: u64,
    pub keys: u64,
    pub members: u64,
    pub invitations: u64,
    pub issuers: u64,
    pub organizations_per_user: u64,
    pub storage_bytes: u64,
    pub requests_per_day: u64,
    pub cpu_seconds_per_day: u64,
    pub grace_days: u64,
}

impl QuotasConfig {
    /// As the management API reads them.
    pub fn to_json(self) -> String {
        let quotas = [
            ("workers", self.workers),
            ("environments", self.environments),
            ("databases", self.databases),
            ("crons", self.crons),
            ("keys", self.keys),
            ("members", self.members),
            ("invitations", self.invitations),
            ("issuers", self.issuers),
            ("organizations_per_user", self.organizations_per_user),
            ("storage_bytes", self.storage_bytes),
            ("requests_per_day", self.requests_per_day),
            ("cpu_seconds_per_day", self.cpu_seconds_per_day),
        ];
        let quotas = quotas.map(|(name, maximum)| (name.to_owned(), json!(limit(maximum))));
        serde_json::Value::Object(quotas.into_iter().collect()).to_string()
    }

    pub fn daily(self) -> DailyQuotas {
        DailyQuotas {
            requests: limit(self.requests_per_day),
            cpu_seconds: limit(self.cpu_seconds_per_day),
        }
    }
}

fn limit(maximum: u64) -> Option<u64> {
    (maximum > 0).then_some(maximum)
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUp {
    Open,
    #[default]
    Invited,
    Closed,
}

impl SignUp {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invited => "invited",
            Self::Closed => "closed",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactsBackend {
    Filesystem,
    S3,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactsConfig {
    pub backend: ArtifactsBackend,
    pub s3: S3Config,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    pub endpoint: String,
    pub bucket: String,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: SecretText,
    pub path_style: bool,
    pub prefix: String,
}

/// A text that is never printed.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Empty where there is none.
    pub listen: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub format: LogFormat,
    pub filter: String,
}

impl Config {
    pub fn drain_timeout(&self) -> Duration {
        Duration::from_millis(self.drain_timeout_ms)
    }

    /// URL of the management API, without a slash at its end, when HTTP is served on this port.
    pub fn public_url(&self, port: u16) -> String {
        match (self.public_url.as_str(), port) {
            ("", 80) => format!("http://{}", self.base_domain),
            ("", port) => format!("http://{}:{port}", self.base_domain),
            (url, _) => url.trim_end_matches('/').to_owned(),
        }
    }

    /// Ports at which clients reach this node, when HTTP is served on this one.
    pub fn own_ports(&self, port: u16) -> Vec<u16> {
        let public = self.public_url.parse::<http::Uri>().ok();
        let public = public.and_then(|url| url.port_u16());
        [Some(port), public].into_iter().flatten().collect()
    }

    /// Refuses what each key allows alone but not together.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let url = &self.public_url;
        if !url.is_empty() && !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(pair(format!(
                "`public_url` is `{url}`: expected a URL that begins with `http://` or `https://`"
            )));
        }
        if !is_host_name(&self.base_domain) {
            let given = &self.base_domain;
            return Err(pair(format!(
                "`base_domain` is `{given}`: expected a host name in lower case, without a port"
            )));
        }
        self.outbound.egress()?;
        self.metrics.address()?;
        self.artifacts.check()
    }
}

impl OutboundConfig {
    /// # Errors
    /// `outbound.allow` is no list of networks.
    pub fn egress(&self) -> Result<Egress, ConfigError> {
        let parsed = self.allow.parse();
        parsed.map_err(|error| pair(format!("`outbound.allow`: {error}")))
    }
}

impl MetricsConfig {
    /// # Errors
    /// `metrics.listen` is no address with a port.
    pub fn address(&self) -> Result<Option<SocketAddr>, ConfigError> {
        let given = &self.listen;
        if given.is_empty() {
            return Ok(None);
        }
        let address = given.parse().map_err(|_| {
            pair(format!(
                "`metrics.listen` is `{given}`: expected an address with a port, such as `127.0.0.1:9090`"
            ))
        })?;
        Ok(Some(address))
    }
}

impl ArtifactsConfig {
    fn check(&self) -> Result<(), ConfigError> {
        let s3 = &self.s3;
        let texts = [
            ("endpoint", &s3.endpoint),
            ("bucket", &s3.bucket),
            ("access_key_id", &s3.access_key_id),
            ("secret_access_key", &s3.secret_access_key.0),
            ("prefix", &s3.prefix),
        ];
        match self.backend {
            ArtifactsBackend::Filesystem => match texts.iter().find(|(_, text)| !text.is_empty()) {
                Some((name, _)) => Err(pair(format!(
                    "`artifacts.s3.{name}` is given, but `artifacts.backend` is `filesystem`\nhint: set `artifacts.backend` to `s3`"
                ))),
                None => Ok(()),
            },
            ArtifactsBackend::S3 => {
                let needed = [texts[1], texts[2], texts[3]];
                match needed.iter().find(|(_, text)| text.is_empty()) {
                    Some((name, _)) => Err(pair(format!(
                        "`artifacts.backend` is `s3`, but `artifacts.s3.{name}` is not given"
                    ))),
                    None => Ok(()),
                }
            }
        }
    }
}

fn pair(text: String) -> ConfigError {
    ConfigError::Pair(text)
}

/// RFC 1123 2.1, in lower case; an IPv4 address passes too, for hosts without a name.
fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        matches!(label.len(), 1..=63)
            && label
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 190 && text.split('.').all(label)
}
