//! Privileged: the records of invocations, and how workers fare.

use std::sync::Arc;

use ouro_core::health;
use ouro_core::id::WorkerId;
use ouro_core::ports::executions::ExecutionRecords;
use ouro_runtime::HostState;

use crate::generated::ouro::host::executions::{Ending, Failure, Health, Host, Status};
use crate::grants;

fn records(state: &HostState) -> wasmtime::Result<&Arc<dyn ExecutionRecords>> {
    let records = grants::of(state)?.shared.executions.get();
    records.ok_or_else(|| wasmtime::format_err!("nobody keeps execution records"))
}

impl Host for HostState {
    async fn flush(&mut self) -> wasmtime::Result<()> {
        let records = grants::of(self)?.shared.executions.get().cloned();
        if let Some(records) = records {
            records.flush().await;
        }
        Ok(())
    }

    fn health_of(&mut self, worker: String) -> wasmtime::Result<Health> {
        let health = records(self)?.health(&WorkerId(worker));
        Ok(Health {
            status: match health.status {
                health::Status::Idle => Status::Idle,
                health::Status::Healthy => Status::Healthy,
                health::Status::Failing => Status::Failing,
                health::Status::Dying => Status::Dying,
            },
            window_ms: health.window.as_millis() as u64,
            endings: health.endings.into_iter().map(ending).collect(),
            last_failure: health.last_failure.map(failure),
        })
    }
}

fn ending((outcome, count): (ouro_core::Outcome, u64)) -> Ending {
    Ending {
        outcome: outcome.as_str().to_owned(),
        count,
    }
}

fn failure(failure: health::Failure) -> Failure {
    Failure {
        outcome: failure.outcome.as_str().to_owned(),
        message: failure.message,
        ended_at_ms: failure.ended_at_ms,
        execution: failure.execution.0,
    }
}
