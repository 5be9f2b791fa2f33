//! The configuration of a version: the contract between the management API, which writes it, and the host, which serves it.
//!
//! It is stored as JSON in `versions.config`. Unknown keys are refused, so that a host never serves less than a version asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::cron::Weekdays;
use crate::egress::AllowNet;
use crate::id::{DatabaseId, OrganizationId, VersionId, WorkerId};
use crate::path_pattern::{PathPattern, glob_matches};
use crate::ports::crons::Missed;
use crate::principal::Auth;

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
    /// Whom it may ask over the network.
    pub allow_net: AllowNet,
    /// When it runs by itself, as long as it is live.
    pub crons: Vec<CronTrigger>,
}

/// A cron that a version brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CronTrigger {
    pub expression: String,
    pub time_zone: String,
    pub weekdays: Weekdays,
    pub missed: Missed,
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
    pub run_worker_first: WorkerFirst,
    /// Rules for the headers of assets; all that match count.
    pub headers: Vec<HeaderRule>,
    pub redirects: Redirects,
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

/// Which requests go to the worker whether or not a file would answer them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WorkerFirst {
    /// All, so that the worker reaches assets by the binding alone; or none.
    Always(bool),
    /// Those whose path a glob matches. Globs that begin with `!` take paths out: these go to the assets.
    Paths(Vec<String>),
}

/// Who answers a path, by the rules of `run_worker_first`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Responder {
    Worker,
    Assets,
    /// The assets where there is a file, else the worker.
    Either,
}

impl Default for WorkerFirst {
    fn default() -> Self {
        Self::Always(false)
    }
}

impl WorkerFirst {
    pub fn responder(&self, path: &str) -> Responder {
        let globs = match self {
            Self::Always(true) => return Responder::Worker,
            Self::Always(false) => return Responder::Either,
            Self::Paths(globs) => globs,
        };
        let (mut worker, mut assets) = (false, false);
        for glob in globs {
            match glob.strip_prefix('!') {
                Some(glob) => assets |= glob_matches(glob, path),
                None => worker |= glob_matches(glob, path),
            }
        }
        match (assets, worker) {
            (true, _) => Responder::Assets,
            (false, true) => Responder::Worker,
            (false, false) => Responder::Either,
        }
    }
}

/// What is done to the headers of assets below a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderRule {
    pub path: PathPattern,
    /// Names to take away, which is done first.
    #[serde(default)]
    pub unset: Vec<String>,
    /// Name to value, in which `:name` and `:splat` stand for what the path captures.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

/// Where a path leads, whether or not a file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    pub from: PathPattern,
    /// A path or an absolute URL, in which `:name` and `:splat` stand for what `from` captures.
    pub to: String,
    /// 200 answers with what is at `to`; else a status of HTTP's redirects.
    pub status: u16,
}

/// As a list in JSON. Those that match one path alone go before the others, as on Cloudflare, and are found by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Redirect>", into = "Vec<Redirect>")]
pub struct Redirects {
    pub of_paths: BTreeMap<String, Redirect>,
    pub of_patterns: Vec<Redirect>,
}

impl From<Vec<Redirect>> for Redirects {
    fn from(list: Vec<Redirect>) -> Self {
        let mut redirects = Self::default();
        for redirect in list {
            if redirect.from.is_literal() {
                let path = redirect.from.as_str().to_owned();
                redirects.of_paths.entry(path).or_insert(redirect);
            } else {
                redirects.of_patterns.push(redirect);
            }
        }
        redirects
    }
}

impl From<Redirects> for Vec<Redirect> {
    fn from(redirects: Redirects) -> Self {
        let of_paths = redirects.of_paths.into_values();
        of_paths.chain(redirects.of_patterns).collect()
    }
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

/// What one invocation may use, or one worker where that is said. A version names what it wants otherwise than by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub cpu_ms: u64,
    /// From the first byte of the request to the end of the response and of `waitUntil`.
    pub wall_ms: u64,
    pub memory_bytes: u64,
    pub request_body_bytes: u64,
    pub response_body_bytes: u64,
    /// Names and values of the fields: of the request, and of the response.
    pub header_bytes: u64,
    /// Fields of the request, and of the response.
    pub header_count: u64,
    /// Requests to others: `fetch`, calls of services, WebSockets.
    pub subrequests: u64,
    /// Those that wait for the head of their response; more wait their turn.
    pub subrequests_at_once: u64,
    /// Uses of bindings that are no subrequests: queries, the cache, assets.
    pub operations: u64,
    pub console_bytes: u64,
    /// WebSockets that are open at once.
    pub websockets: u64,
    /// Invocations of the worker that run at once on a node. `None` is half of what the node runs.
    pub invocations_at_once: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ms: 10_000,
            wall_ms: 30_000,
            memory_bytes: 128 << 20,
            request_body_bytes: 100 << 20,
            response_body_bytes: 1 << 30,
            header_bytes: 64 << 10,
            header_count: 100,
            subrequests: 1_000,
            subrequests_at_once: 6,
            operations: 1_000,
            console_bytes: 64 << 10,
            websockets: 64,
            invocations_at_once: None,
        }
    }
}

impl Limits {
    /// As the management API reads them.
    pub fn to_json(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// None over its ceiling. A ceiling may have come down since a version was made.
    pub fn at_most(self, ceilings: &Self) -> Self {
        let at_once = match (self.invocations_at_once, ceilings.invocations_at_once) {
            (Some(own), Some(ceiling)) => Some(own.min(ceiling)),
            (own, _) => own,
        };
        Self {
            cpu_ms: self.cpu_ms.min(ceilings.cpu_ms),
            wall_ms: self.wall_ms.min(ceilings.wall_ms),
            memory_bytes: self.memory_bytes.min(ceilings.memory_bytes),
            request_body_bytes: self.request_body_bytes.min(ceilings.request_body_bytes),
            response_body_bytes: self.response_body_bytes.min(ceilings.response_body_bytes),
            header_bytes: self.header_bytes.min(ceilings.header_bytes),
            header_count: self.header_count.min(ceilings.header_count),
            subrequests: self.subrequests.min(ceilings.subrequests),
            subrequests_at_once: self.subrequests_at_once.min(ceilings.subrequests_at_once),
            operations: self.operations.min(ceilings.operations),
            console_bytes: self.console_bytes.min(ceilings.console_bytes),
            websockets: self.websockets.min(ceilings.websockets),
            invocations_at_once: at_once,
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
    pub organization: OrganizationId,
    /// Who may call the worker.
    pub auth: Auth,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_to_the_worker_or_to_the_assets() {
        let rules = ["/api/*", "!/api/docs/*", "/exact"];
        let first = WorkerFirst::Paths(rules.map(str::to_owned).into());
        assert_eq!(first.responder("/api/users"), Responder::Worker);
        assert_eq!(first.responder("/api/docs/a"), Responder::Assets);
        assert_eq!(first.responder("/exact"), Responder::Worker);
        assert_eq!(first.responder("/exact/not"), Responder::Either);
        assert_eq!(WorkerFirst::Always(true).responder("/"), Responder::Worker);
    }

    #[test]
    fn limits_of_a_version_that_names_few_are_the_defaults() {
        let limits: Limits = serde_json::from_str(r#"{"cpu_ms": 50}"#).expect("as stored before");
        let expected = Limits {
            cpu_ms: 50,
            ..Limits::default()
        };
        assert_eq!(limits, expected);
    }

    #[test]
    fn a_ceiling_that_came_down_holds_for_versions_that_were_there() {
        let own = Limits {
            subrequests: 10,
            invocations_at_once: Some(10),
            ..Limits::default()
        };
        let ceilings = Limits {
            subrequests: 5,
            invocations_at_once: Some(2),
            ..Limits::default()
        };
        assert_eq!(own.at_most(&ceilings).subrequests, 5);
        assert_eq!(own.at_most(&ceilings).invocations_at_once, Some(2));
        let unset = Limits::default().at_most(&ceilings);
        assert_eq!(unset.invocations_at_once, None, "the node has a default");
    }

    #[test]
    fn a_redirect_of_one_path_is_found_by_it() {
        let json = r#"[
            {"from": "/a/*", "to": "/b/:splat", "status": 301},
            {"from": "/a", "to": "/b", "status": 302},
            {"from": "/a", "to": "/c", "status": 302}
        ]"#;
        let redirects: Redirects = serde_json::from_str(json).expect("a list");
        assert_eq!(redirects.of_paths["/a"].to, "/b");
        assert_eq!(redirects.of_patterns.len(), 1);
        assert_eq!(Vec::from(redirects).len(), 2);
    }
}
