//! Metadata in memory, for development and tests. It is gone with the process.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{
    DailyQuotas, EnvironmentValue, MetadataError, MetadataStore, OverQuota, Usage, environment,
};
use crate::id::{EnvironmentId, OrganizationId, VersionId, WorkerId};
use crate::name::MANAGEMENT;
use crate::{Auth, Digest, Execution, VersionConfig, WorkerVersion};

struct Worker {
    name: String,
    environment: Option<EnvironmentId>,
}

#[derive(Clone)]
struct Version {
    worker: WorkerId,
    component: Digest,
    config: VersionConfig,
}

#[derive(Default)]
struct State {
    workers: HashMap<WorkerId, Worker>,
    versions: HashMap<VersionId, Version>,
    environments: HashMap<EnvironmentId, BTreeMap<String, EnvironmentValue>>,
    /// What changed `live`, oldest first.
    deployments: Vec<(WorkerId, VersionId)>,
    executions: Vec<Execution>,
    usage: HashMap<(u64, WorkerId), Usage>,
    revision: i64,
}

/// Metadata in memory.
#[derive(Default)]
pub struct MemoryMetadata {
    state: Mutex<State>,
}

impl MemoryMetadata {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what the management worker would change.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        state.revision += 1;
        change(&mut state)
    }

    pub fn add_worker(&self, id: &WorkerId, name: &str, environment: Option<&EnvironmentId>) {
        let worker = Worker {
            name: name.to_owned(),
            environment: environment.cloned(),
        };
        self.change(|state| state.workers.insert(id.clone(), worker));
    }

    /// Deletes a worker with its versions and deployments.
    pub fn delete_worker(&self, id: &WorkerId) {
        self.change(|state| {
            state.workers.remove(id);
            state.versions.retain(|_, version| version.worker != *id);
            state.deployments.retain(|(worker, _)| worker != id);
        });
    }

    pub fn add_version(
        &self,
        id: &VersionId,
        worker: &WorkerId,
        component: Digest,
        config: VersionConfig,
    ) {
        let version = Version {
            worker: worker.clone(),
            component,
            config,
        };
        self.change(|state| state.versions.insert(id.clone(), version));
    }

    /// Makes a version live.
    pub fn deploy(&self, worker: &WorkerId, version: &VersionId) {
        let deployment = (worker.clone(), version.clone());
        self.change(|state| state.deployments.push(deployment));
    }

    pub fn set_environment_value(&self, id: &EnvironmentId, name: &str, value: EnvironmentValue) {
        self.change(|state| {
            let values = state.environments.entry(id.clone()).or_default();
            values.insert(name.to_owned(), value)
        });
    }

    /// Records in the order in which they came.
    pub fn executions(&self) -> Vec<Execution> {
        self.state().executions.clone()
    }
}

impl State {
    fn live(&self, worker: &WorkerId) -> Option<&VersionId> {
        let mut newest_first = self.deployments.iter().rev();
        newest_first
            .find(|(deployed, _)| deployed == worker)
            .map(|(_, version)| version)
    }

    fn whole(&self, id: &VersionId) -> Option<WorkerVersion> {
        let version = self.versions.get(id)?.clone();
        let worker = self.workers.get(&version.worker)?;
        let mut config = version.config;
        let values = worker
            .environment
            .as_ref()
            .and_then(|id| self.environments.get(id));
        environment::merge(&mut config, values.cloned().unwrap_or_default());
        Some(WorkerVersion {
            worker: version.worker,
            worker_name: worker.name.clone(),
            organization: OrganizationId::from(OrganizationId::DEFAULT),
            auth: Auth::Public,
            version: id.clone(),
            component: version.component,
            config,
        })
    }

    fn worker_by_name(&self, name: &str) -> Option<WorkerId> {
        let mut workers = self.workers.iter();
        workers
            .find(|(_, worker)| worker.name == name)
            .map(|(id, _)| id.clone())
    }

    fn install(&mut self, component: Digest) -> WorkerId {
        let worker = self.worker_by_name(MANAGEMENT).unwrap_or_else(|| {
            let id = WorkerId::random();
            let worker = Worker {
                name: MANAGEMENT.to_owned(),
                environment: None,
            };
            self.workers.insert(id.clone(), worker);
            id
        });
        let mut versions = self.versions.values();
        if !versions.any(|version| version.worker == worker && version.component == component) {
            let id = VersionId::random();
            let version = Version {
                worker: worker.clone(),
                component,
                config: super::management_config(),
            };
            self.versions.insert(id.clone(), version);
            self.deployments.push((worker.clone(), id));
        }
        worker
    }
}

#[async_trait]
impl MetadataStore for MemoryMetadata {
    async fn live_versions(&self) -> Result<Vec<WorkerVersion>, MetadataError> {
        let state = self.state();
        let live = state.workers.keys().filter_map(|worker| state.live(worker));
        Ok(live.filter_map(|id| state.whole(id)).collect())
    }

    async fn live_version(
        &self,
        worker: &WorkerId,
    ) -> Result<Option<WorkerVersion>, MetadataError> {
        let state = self.state();
        Ok(state.live(worker).and_then(|id| state.whole(id)))
    }

    async fn version(&self, version: &VersionId) -> Result<WorkerVersion, MetadataError> {
        let found = self.state().whole(version);
        found.ok_or_else(|| MetadataError::NoVersion(version.clone()))
    }

    async fn revision(&self) -> Result<i64, MetadataError> {
        Ok(self.state().revision)
    }

    async fn install_management(&self, component: Digest) -> Result<WorkerVersion, MetadataError> {
        let worker = self.change(|state| state.install(component));
        let live = self.live_version(&worker).await?;
        live.ok_or_else(|| MetadataError::NoWorker(MANAGEMENT.to_owned()))
    }

    async fn roll_back(&self, worker_name: &str) -> Result<VersionId, MetadataError> {
        self.change(|state| {
            let worker = state
                .worker_by_name(worker_name)
                .ok_or_else(|| MetadataError::NoWorker(worker_name.to_owned()))?;
            let live = state.live(&worker).cloned();
            let mut newest_first = state.deployments.iter().rev();
            let earlier = newest_first
                .find(|(deployed, version)| *deployed == worker && Some(version) != live.as_ref())
                .map(|(_, version)| version.clone())
                .ok_or_else(|| MetadataError::NothingToRollBack(worker_name.to_owned()))?;
            state.deployments.push((worker, earlier.clone()));
            Ok(earlier)
        })
    }

    async fn record_executions(&self, batch: Vec<Execution>) -> Result<(), MetadataError> {
        self.state().executions.extend(batch);
        Ok(())
    }

    async fn add_usage(&self, day: u64, usage: &[Usage]) -> Result<(), MetadataError> {
        let mut state = self.state();
        for usage in usage {
            let sum = state.usage.entry((day, usage.worker.clone()));
            sum.and_modify(|sum| sum.add(usage))
                .or_insert_with(|| usage.clone());
        }
        Ok(())
    }

    async fn over_quota(
        &self,
        day: u64,
        defaults: DailyQuotas,
    ) -> Result<Vec<OverQuota>, MetadataError> {
        let state = self.state();
        let mut by_organization = BTreeMap::<_, (u64, u64)>::new();
        for usage in state
            .usage
            .iter()
            .filter(|((at, _), _)| *at == day)
            .map(|(_, it)| it)
        {
            let sum = by_organization
                .entry(usage.organization.clone())
                .or_default();
            *sum = (sum.0 + usage.requests, sum.1 + usage.cpu_us / 1_000_000);
        }
        let over = by_organization
            .into_iter()
            .filter_map(|(organization, (requests, seconds))| {
                let quotas = [
                    ("requests_per_day", defaults.requests, requests),
                    ("cpu_seconds_per_day", defaults.cpu_seconds, seconds),
                ];
                let mut over = quotas.into_iter().filter_map(|(quota, limit, used)| {
                    let limit = limit.filter(|limit| used >= *limit)?;
                    Some((quota, limit, used))
                });
                let (quota, limit, used) = over.next()?;
                Some(OverQuota {
                    organization,
                    quota,
                    limit,
                    used,
                })
            });
        Ok(over.collect())
    }

    async fn prune_executions(&self, before_ms: u64) -> Result<u64, MetadataError> {
        let mut state = self.state();
        let kept = state.executions.len();
        state
            .executions
            .retain(|record| record.started_at_ms >= before_ms);
        Ok((kept - state.executions.len()) as u64)
    }
}

#[cfg(feature = "conformance")]
#[async_trait]
impl super::conformance::Platform for MemoryMetadata {
    async fn add_worker(&self, id: &WorkerId, name: &str, environment: Option<&EnvironmentId>) {
        self.add_worker(id, name, environment);
    }

    async fn delete_worker(&self, id: &WorkerId) {
        self.delete_worker(id);
    }

    async fn add_version(
        &self,
        id: &VersionId,
        worker: &WorkerId,
        component: Digest,
        config: VersionConfig,
    ) {
        self.add_version(id, worker, component, config);
    }

    async fn deploy(&self, worker: &WorkerId, version: &VersionId) {
        self.deploy(worker, version);
    }

    async fn add_environment(&self, id: &EnvironmentId) {
        self.change(|state| state.environments.insert(id.clone(), BTreeMap::new()));
    }

    async fn set_environment_value(&self, id: &EnvironmentId, name: &str, value: EnvironmentValue) {
        self.set_environment_value(id, name, value);
    }

    async fn executions(&self) -> Vec<Execution> {
        self.executions()
    }
}

#[cfg(all(test, feature = "conformance"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_passes_the_conformance_suite() {
        let store = MemoryMetadata::default();
        super::super::conformance::run(&store, &store).await;
    }
}
