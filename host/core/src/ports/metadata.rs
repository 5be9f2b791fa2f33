//! What the host itself reads and writes of the platform's metadata. The management worker owns the tables and
//! reaches them through the `database` binding; this port is for serving, records and recovery.

use async_trait::async_trait;

use crate::id::{DatabaseId, OrganizationId, VersionId, WorkerId};
use crate::{Digest, Execution, VersionConfig, WorkerVersion};

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod environment;
pub mod memory;

pub use environment::EnvironmentValue;
pub use memory::MemoryMetadata;

#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    #[error("no version `{0}`")]
    NoVersion(VersionId),
    #[error("no worker `{0}`")]
    NoWorker(String),
    #[error("worker `{0}` has no earlier version to roll back to")]
    NothingToRollBack(String),
    #[error("version `{version}`: {reason}")]
    InvalidConfig { version: VersionId, reason: String },
    #[error("metadata store: {0}")]
    Unavailable(String),
}

/// What a worker has used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    pub organization: OrganizationId,
    pub worker: WorkerId,
    /// Invocations of every kind.
    pub requests: u64,
    pub errors: u64,
    pub cpu_us: u64,
}

impl Usage {
    /// Adds what the same worker has used elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.cpu_us += other.cpu_us;
    }
}

/// What an organization may use in a day where the operator says nothing else of it. `None`: as much as it likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DailyQuotas {
    pub requests: Option<u64>,
    pub cpu_seconds: Option<u64>,
}

/// An organization that has used what it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverQuota {
    pub organization: OrganizationId,
    /// The quota's name, such as `requests_per_day`.
    pub quota: &'static str,
    pub limit: u64,
    pub used: u64,
}

#[async_trait]
pub trait MetadataStore: Send + Sync + 'static {
    /// The live version of every worker that has one. A version that cannot be read is left out and logged.
    async fn live_versions(&self) -> Result<Vec<WorkerVersion>, MetadataError>;

    /// The live version of one worker; `None` where it has none or is gone.
    async fn live_version(&self, worker: &WorkerId)
    -> Result<Option<WorkerVersion>, MetadataError>;

    /// Any stored version.
    async fn version(&self, version: &VersionId) -> Result<WorkerVersion, MetadataError>;

    /// A number that changes whenever another process, or the management worker, may have changed what is live.
    async fn revision(&self) -> Result<i64, MetadataError>;

    /// Makes the built-in management component the newest version of the worker `management` and live, where no
    /// version of it has this component yet. Answers with the version that is live.
    async fn install_management(&self, component: Digest) -> Result<WorkerVersion, MetadataError>;

    /// Makes the version that was live before the live one live again, by worker name. Answers with it.
    async fn roll_back(&self, worker_name: &str) -> Result<VersionId, MetadataError>;

    async fn record_executions(&self, batch: Vec<Execution>) -> Result<(), MetadataError>;

    /// Adds to what was used on a day (since 1970, in UTC). What an organization that is gone has used is dropped.
    async fn add_usage(&self, day: u64, usage: &[Usage]) -> Result<(), MetadataError>;

    /// Who has used on this day what they may.
    async fn over_quota(
        &self,
        day: u64,
        defaults: DailyQuotas,
    ) -> Result<Vec<OverQuota>, MetadataError>;

    /// Deletes records that began before the time (Unix, milliseconds) and answers with their number.
    async fn prune_executions(&self, before_ms: u64) -> Result<u64, MetadataError>;
}

/// Name of the binding by which the management worker reaches the platform's database.
pub const MANAGEMENT_DATABASE_BINDING: &str = "DB";

/// The configuration of the built-in management version.
pub fn management_config() -> VersionConfig {
    VersionConfig {
        databases: [(
            MANAGEMENT_DATABASE_BINDING.to_owned(),
            DatabaseId::from(DatabaseId::PLATFORM),
        )]
        .into(),
        ..VersionConfig::default()
    }
}
