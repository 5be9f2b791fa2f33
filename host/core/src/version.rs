//! The configuration of a version: the contract between the management API, which writes it, and the host, which serves it.
//!
//! It is stored as JSON in `versions.config`. Unknown keys are refused, so that a host never serves less than a version asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::id::{DatabaseId, VersionId, WorkerId};

/// Everything about one immutable version but its code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VersionConfig {
    /// Strings, or any other JSON value.
    pub vars: BTreeMap<String, serde_json::Value>,
    /// Sealed by the host's key: base64 text, never clear text.
    pub secrets: BTreeMap<String, String>,
    /// Binding name to database.
    pub databases: BTreeMap<String, DatabaseId>,
    /// Binding name to the worker that it calls.
    pub services: BTreeMap<String, ServiceConfig>,
    pub assets: Option<AssetsConfig>,
    /// `YYYY-MM-DD`.
    pub compatibility_date: Option<String>,
    pub compatibility_flags: Vec<String>,
    pub limits: Limits,
}

/// Another worker of the same organization, as a binding reaches it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    pub worker: WorkerId,
    /// Name of the export that is called; where it is absent, the default export.
    #[serde(default)]
    pub entrypoint: Option<String>,
    /// What the worker that is called finds in `ctx.props`.
    #[serde(default)]
    pub props: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Static files and how they are served.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AssetsConfig {
    /// Name of the binding in `env`, where the worker wants one.
    pub binding: Option<String>,
    pub html_handling: HtmlHandling,
    pub not_found_handling: NotFoundHandling,
    /// The worker sees every request, and reaches assets by the binding alone.
    pub run_worker_first: bool,
    /// Path, beginning with `/`, to file.
    pub files: BTreeMap<String, AssetFile>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetFile {
    pub digest: Digest,
    pub size: u64,
    pub content_type: String,
}

/// Which file answers `/page` and `/page/`. The values are those of Cloudflare's `html_handling`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HtmlHandling {
    #[default]
    AutoTrailingSlash,
    ForceTrailingSlash,
    DropTrailingSlash,
    None,
}

/// What answers a path that no file has. The values are those of Cloudflare's `not_found_handling`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotFoundHandling {
    /// The worker; where there is none, an empty 404.
    #[default]
    #[serde(rename = "none")]
    None,
    /// The nearest `404.html` upwards, with status 404.
    #[serde(rename = "404-page")]
    NotFoundPage,
    /// `/index.html` with status 200.
    #[serde(rename = "single-page-application")]
    SinglePageApplication,
}

/// Limits of one invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub cpu_ms: u64,
    /// From the first byte of the request to the end of the response and of `waitUntil`.
    pub wall_ms: u64,
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ms: 10_000,
            wall_ms: 30_000,
            memory_bytes: 128 << 20,
        }
    }
}

/// A value of `env` as the worker gets it.
#[derive(Clone, PartialEq)]
pub enum EnvValue {
    Text(String),
    /// JSON text.
    Json(String),
    /// In clear. `Debug` hides it.
    Secret(String),
    /// A binding of the named kind.
    Binding(&'static str),
}

impl std::fmt::Debug for EnvValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Self::Json(text) => f.debug_tuple("Json").field(text).finish(),
            Self::Secret(_) => f.write_str("Secret(…)"),
            Self::Binding(kind) => f.debug_tuple("Binding").field(kind).finish(),
        }
    }
}

/// A version with all it takes to serve it. The metadata store answers with it; secrets are still sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerVersion {
    pub worker: WorkerId,
    pub worker_name: String,
    pub version: VersionId,
    pub component: Digest,
    /// The version's own configuration over that of the environment which the worker is attached to.
    pub config: VersionConfig,
}

impl WorkerVersion {
    /// Only this worker gets the privileged bindings.
    pub fn is_management(&self) -> bool {
        self.worker_name == crate::name::MANAGEMENT
    }
}
