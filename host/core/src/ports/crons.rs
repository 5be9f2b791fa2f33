//! Crons and their runs, as the host keeps them going. The management worker writes crons; the host moves them on and
//! writes runs.
//!
//! A due time is claimed by moving its cron on, so that it has one run however many nodes there are. A run that waits is
//! taken under a lease; one whose lease has run out was lost with its node.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::cron::{CronError, Weekdays};
use crate::id::{CronId, CronRunId, ExecutionId, WorkerId};

/// Runs of a cron that wait at once, and due times that are caught up with after downtime.
pub const WAITING_MAX: usize = 100;
/// Runs of each cron that are remembered.
pub const RUNS_KEPT: usize = 1_000;
/// How often a due time is tried, where its runs are lost with their nodes.
pub const ATTEMPTS_MAX: u32 = 3;

/// What becomes of due times at which no node was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missed {
    /// Nothing.
    #[default]
    Skip,
    /// One run for all of them.
    Once,
    /// A run for each, one after another.
    All,
}

impl Missed {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Once => "once",
            Self::All => "all",
        }
    }

    /// # Errors
    /// The text, where it is none of them.
    pub fn parse(text: &str) -> Result<Self, &str> {
        match text {
            "skip" => Ok(Self::Skip),
            "once" => Ok(Self::Once),
            "all" => Ok(Self::All),
            other => Err(other),
        }
    }

    /// Unfinished runs of a cron at which its next due time is skipped.
    pub fn unfinished_max(self) -> usize {
        match self {
            Self::Skip | Self::Once => 1,
            Self::All => WAITING_MAX,
        }
    }
}

/// A cron that is due. Times are Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCron {
    pub id: CronId,
    pub expression: String,
    pub time_zone: String,
    pub weekdays: Weekdays,
    pub missed: Missed,
    /// `None` where it has not been worked out yet.
    pub next_at_ms: Option<i64>,
    /// When somebody changed it last.
    pub updated_at_ms: i64,
}

/// Where a cron goes on, and which due times lie behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// `None` where it never comes due again: it is switched off.
    pub next_at_ms: Option<i64>,
    /// In rising order.
    pub runs_at_ms: Vec<i64>,
    /// The last of the due times that were missed and get no run.
    pub missed_at_ms: Option<i64>,
}

/// A run that this node has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedRun {
    pub id: CronRunId,
    pub cron: CronId,
    pub worker: WorkerId,
    pub expression: String,
    pub scheduled_at_ms: i64,
    /// From 1.
    pub attempt: u32,
}

/// By whom and until when a run is kept.
#[derive(Clone, Debug)]
pub struct Lease {
    pub node: String,
    pub now_ms: i64,
    pub until_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedRun {
    pub ended_at_ms: i64,
    pub outcome: String,
    /// `None` where no instance was started.
    pub execution: Option<ExecutionId>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("crons: {0}")]
pub struct Unavailable(pub String);

#[async_trait]
pub trait CronStore: Send + Sync + 'static {
    /// What is switched on and due at the time, or not worked out yet.
    async fn due(&self, now_ms: i64) -> Result<Vec<DueCron>, Unavailable>;

    /// The earliest time at which something is due.
    async fn next_due(&self) -> Result<Option<i64>, Unavailable>;

    /// Moves a cron on from where it was read, with its runs, at once or not at all. False where another node was first, or
    /// somebody has changed it since. A due time with too many unfinished runs before it is recorded as `skipped`.
    async fn advance(&self, cron: &DueCron, step: &Step, now_ms: i64) -> Result<bool, Unavailable>;

    /// Takes the run that has waited longest and whose cron has none that goes on.
    async fn claim(&self, lease: &Lease) -> Result<Option<ClaimedRun>, Unavailable>;

    /// False where the node has the run no longer.
    async fn renew(&self, run: &CronRunId, lease: &Lease) -> Result<bool, Unavailable>;

    /// False where the node has the run no longer.
    async fn finish(
        &self,
        run: &CronRunId,
        node: &str,
        ended: &EndedRun,
    ) -> Result<bool, Unavailable>;

    /// Records runs whose lease has run out as `lost`, and lets them wait again where the cron's policy is not to skip.
    /// Answers with their number.
    async fn recover(&self, now_ms: i64) -> Result<u64, Unavailable>;
}

/// What the management worker asks of the host.
pub trait CronControl: Send + Sync + 'static {
    /// The next due times of an expression that this host takes.
    ///
    /// # Errors
    /// Says which field is wrong.
    fn check(
        &self,
        expression: &str,
        time_zone: &str,
        weekdays: Weekdays,
    ) -> Result<Vec<i64>, CronError>;

    /// What is due is looked for now.
    fn reload(&self);
}
