//! What each worker has used, until it is stored. Every invocation counts, also those whose records were dropped.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ouro_core::Execution;
use ouro_core::id::{OrganizationId, WorkerId};
use ouro_core::metrics::Sharded;
use ouro_core::ports::metadata::Usage;
use ouro_runtime::LoadedWorker;

/// Threads count apart.
#[derive(Default)]
pub struct Used(Sharded<Mutex<HashMap<WorkerId, Usage>>>);

impl Used {
    pub fn note(&self, worker: &LoadedWorker, execution: &Execution) {
        let version = worker.version();
        // What the platform needs itself is nobody's use.
        if version.is_management() {
            return;
        }
        let mut shard = self.0.own().lock().unwrap_or_else(PoisonError::into_inner);
        match shard.get_mut(&version.worker) {
            Some(usage) => add(usage, execution),
            None => {
                let usage = shard.entry(version.worker.clone());
                add(
                    usage.or_insert_with(|| none(&version.organization, &version.worker)),
                    execution,
                );
            }
        }
    }

    /// What came together since the last call, by worker.
    pub fn take(&self) -> Vec<Usage> {
        let mut all = HashMap::<WorkerId, Usage>::new();
        for shard in self.0.all() {
            let shard = std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner));
            shard.into_values().for_each(|usage| merge(&mut all, usage));
        }
        all.into_values().collect()
    }

    /// Counts what could not be stored again.
    pub fn give_back(&self, usage: Vec<Usage>) {
        let mut shard = self.0.own().lock().unwrap_or_else(PoisonError::into_inner);
        usage.into_iter().for_each(|usage| merge(&mut shard, usage));
    }
}

fn merge(all: &mut HashMap<WorkerId, Usage>, usage: Usage) {
    match all.get_mut(&usage.worker) {
        Some(sum) => sum.add(&usage),
        None => drop(all.insert(usage.worker.clone(), usage)),
    }
}

fn none(organization: &OrganizationId, worker: &WorkerId) -> Usage {
    Usage {
        organization: organization.clone(),
        worker: worker.clone(),
        requests: 0,
        errors: 0,
        cpu_us: 0,
    }
}

fn add(usage: &mut Usage, execution: &Execution) {
    usage.requests += 1;
    usage.errors += u64::from(execution.outcome.is_failure());
    usage.cpu_us += execution.cpu_us;
}
