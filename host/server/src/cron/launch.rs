//! Runs a worker's `scheduled` handler.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use ouro_core::id::ExecutionId;
use ouro_core::ports::crons::ClaimedRun;
use ouro_core::{Outcome, Trigger};
use ouro_gateway::{Quotas, Routes};
use ouro_runtime::{Event, EventInvocation, LoadedWorker, Ran, Scheduled};

/// The worker has no live version here, or no instance of it could be started.
pub const NOT_STARTED: &str = "not-started";
/// The worker's organization has used what a day's quota allows.
pub const OVER_QUOTA: &str = "over-quota";

/// How a run ended, and which record tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launched {
    pub outcome: String,
    pub execution: Option<ExecutionId>,
}

impl Launched {
    fn without_instance(outcome: &str) -> Self {
        Self {
            outcome: outcome.to_owned(),
            execution: None,
        }
    }
}

#[async_trait]
pub trait Launcher: Send + Sync + 'static {
    /// Returns at the end of the handler and of its `waitUntil`.
    async fn launch(&self, run: &ClaimedRun) -> Launched;
}

/// Launches the version that is live when the run begins.
pub struct Routed {
    pub routes: Arc<Routes>,
    pub quotas: Arc<Quotas>,
}

#[async_trait]
impl Launcher for Routed {
    async fn launch(&self, run: &ClaimedRun) -> Launched {
        let Some(live) = self.routes.by_id(&run.worker) else {
            return Launched::without_instance(NOT_STARTED);
        };
        let route = live.by_chance();
        if self.quotas.is_over(&route.version.organization) {
            return Launched::without_instance(OVER_QUOTA);
        }
        let id = ExecutionId::random();
        let invocation = EventInvocation {
            event: Event::Scheduled(Scheduled {
                time_ms: u64::try_from(run.scheduled_at_ms).unwrap_or_default(),
                cron: run.expression.clone(),
            }),
            id: id.clone(),
            trigger: Trigger::Cron,
            received: Instant::now(),
        };
        match route.worker.run(invocation).await {
            Ok(ran) => ended(&route.worker, id, ran),
            Err(error) => {
                log(&route.worker, &error);
                Launched::without_instance(NOT_STARTED)
            }
        }
    }
}

fn ended(worker: &LoadedWorker, execution: ExecutionId, ran: Ran) -> Launched {
    let outcome = match &ran.error {
        None => Some(Outcome::Ok),
        Some(error) => error.outcome(),
    };
    match (outcome, ran.error) {
        (Some(outcome), _) => Launched {
            outcome: outcome.as_str().to_owned(),
            execution: Some(execution),
        },
        (None, error) => {
            // It leaves no record that would tell why.
            if let Some(error) = error {
                log(worker, &error);
            }
            Launched::without_instance(NOT_STARTED)
        }
    }
}

fn log(worker: &LoadedWorker, error: &dyn std::fmt::Display) {
    let worker = &worker.version().worker_name;
    tracing::warn!(worker, %error, "a cron run was not started");
}
