//! What every metadata store must do. The port has no way to write what the management worker writes, so a store's
//! tests bring a [`Platform`] that does.

use async_trait::async_trait;

use super::{EnvironmentValue, MetadataError, MetadataStore};
use crate::execution::{ConsoleLevel, ConsoleLine, Execution, Outcome, Trigger};
use crate::id::{EnvironmentId, ExecutionId, VersionId, WorkerId};
use crate::name::MANAGEMENT;
use crate::{Digest, VersionConfig};

/// Writes as the management worker does.
#[async_trait]
pub trait Platform {
    async fn add_worker(&self, id: &WorkerId, name: &str, environment: Option<&EnvironmentId>);
    async fn delete_worker(&self, id: &WorkerId);
    async fn add_version(
        &self,
        id: &VersionId,
        worker: &WorkerId,
        component: Digest,
        config: VersionConfig,
    );
    async fn deploy(&self, worker: &WorkerId, version: &VersionId);
    async fn add_environment(&self, id: &EnvironmentId);
    async fn set_environment_value(&self, id: &EnvironmentId, name: &str, value: EnvironmentValue);
    /// Every stored record, oldest first.
    async fn executions(&self) -> Vec<Execution>;
}

/// Runs every check on an empty store.
///
/// # Panics
/// Where one fails; the message names it.
pub async fn run(store: &dyn MetadataStore, platform: &dyn Platform) {
    an_empty_store_serves_nothing(store).await;
    the_newest_deployment_is_live(store, platform).await;
    an_environment_s_values_come_under_the_version_s(store, platform).await;
    the_revision_changes_with_what_is_live(store, platform).await;
    rolling_back_makes_the_earlier_version_live(store, platform).await;
    management_is_installed_once_per_component(store).await;
    executions_are_stored_and_pruned(store, platform).await;
    records_alone_leave_the_revision(store).await;
}

async fn add_version(platform: &dyn Platform, worker: &WorkerId) -> VersionId {
    let id = VersionId::random();
    let component = Digest::of(id.as_str().as_bytes());
    platform
        .add_version(&id, worker, component, VersionConfig::default())
        .await;
    id
}

async fn live(store: &dyn MetadataStore, worker: &WorkerId) -> Option<VersionId> {
    let live = store.live_version(worker).await.expect("live_version");
    let all = store.live_versions().await.expect("live_versions");
    let listed = all.into_iter().find(|version| version.worker == *worker);
    assert_eq!(live, listed, "the two ways to ask agree");
    live.map(|version| version.version)
}

pub async fn an_empty_store_serves_nothing(store: &dyn MetadataStore) {
    assert_eq!(store.live_versions().await.expect("live_versions"), []);
    let worker = WorkerId::random();
    assert_eq!(live(store, &worker).await, None);
    let version = store.version(&VersionId::random()).await;
    assert!(matches!(version, Err(MetadataError::NoVersion(_))));
}

pub async fn the_newest_deployment_is_live(store: &dyn MetadataStore, platform: &dyn Platform) {
    let worker = WorkerId::random();
    platform.add_worker(&worker, "newest", None).await;
    let first = add_version(platform, &worker).await;
    let second = add_version(platform, &worker).await;
    assert_eq!(
        live(store, &worker).await,
        None,
        "a version alone is not live"
    );
    for version in [&first, &second, &first] {
        platform.deploy(&worker, version).await;
        assert_eq!(live(store, &worker).await.as_ref(), Some(version));
    }
    let whole = store.version(&second).await.expect("version");
    assert_eq!(
        (whole.worker, whole.worker_name.as_str()),
        (worker.clone(), "newest")
    );
    assert_eq!(whole.component, Digest::of(second.as_str().as_bytes()));
    platform.delete_worker(&worker).await;
    assert_eq!(live(store, &worker).await, None);
    assert!(
        store.version(&first).await.is_err(),
        "versions go with the worker"
    );
}

pub async fn an_environment_s_values_come_under_the_version_s(
    store: &dyn MetadataStore,
    platform: &dyn Platform,
) {
    let environment = EnvironmentId::random();
    platform.add_environment(&environment).await;
    for (name, value) in [
        ("SHARED", EnvironmentValue::Var("environment".into())),
        ("OWN", EnvironmentValue::Secret("sealed".to_owned())),
        ("KEY", EnvironmentValue::Secret("sealed key".to_owned())),
        ("DATA", EnvironmentValue::Database("db_x".into())),
        (
            "LIST",
            EnvironmentValue::Var(serde_json::json!([1, {"a": null}])),
        ),
    ] {
        platform
            .set_environment_value(&environment, name, value)
            .await;
    }
    let worker = WorkerId::random();
    platform
        .add_worker(&worker, "attached", Some(&environment))
        .await;
    let id = VersionId::random();
    let mut config = VersionConfig::default();
    config.vars.insert("OWN".to_owned(), "version".into());
    platform
        .add_version(&id, &worker, Digest::of(b"attached"), config.clone())
        .await;
    platform.deploy(&worker, &id).await;

    config
        .vars
        .insert("SHARED".to_owned(), "environment".into());
    config
        .vars
        .insert("LIST".to_owned(), serde_json::json!([1, {"a": null}]));
    config
        .secrets
        .insert("KEY".to_owned(), "sealed key".to_owned());
    config.databases.insert("DATA".to_owned(), "db_x".into());
    let merged = store.version(&id).await.expect("version");
    assert_eq!(merged.config, config);
    let live = store.live_version(&worker).await.expect("live_version");
    assert_eq!(live, Some(merged));
}

pub async fn the_revision_changes_with_what_is_live(
    store: &dyn MetadataStore,
    platform: &dyn Platform,
) {
    let mut seen = vec![store.revision().await.expect("revision")];
    let again = store.revision().await.expect("revision");
    assert_eq!(again, seen[0], "reading changes nothing");
    let environment = EnvironmentId::random();
    platform.add_environment(&environment).await;
    let worker = WorkerId::random();
    platform
        .add_worker(&worker, "revised", Some(&environment))
        .await;
    let version = add_version(platform, &worker).await;
    for step in 0..3 {
        match step {
            0 => platform.deploy(&worker, &version).await,
            1 => {
                let value = EnvironmentValue::Var("x".into());
                platform
                    .set_environment_value(&environment, "X", value)
                    .await;
            }
            _ => platform.delete_worker(&worker).await,
        }
        let revision = store.revision().await.expect("revision");
        assert!(!seen.contains(&revision), "step {step}");
        seen.push(revision);
    }
}

pub async fn rolling_back_makes_the_earlier_version_live(
    store: &dyn MetadataStore,
    platform: &dyn Platform,
) {
    let unknown = store.roll_back("nobody").await;
    assert!(
        matches!(unknown, Err(MetadataError::NoWorker(_))),
        "{unknown:?}"
    );
    let worker = WorkerId::random();
    platform.add_worker(&worker, "rolled", None).await;
    let first = add_version(platform, &worker).await;
    let second = add_version(platform, &worker).await;
    let none = store.roll_back("rolled").await;
    assert!(
        matches!(none, Err(MetadataError::NothingToRollBack(_))),
        "{none:?}"
    );
    platform.deploy(&worker, &first).await;
    let none = store.roll_back("rolled").await;
    assert!(
        matches!(none, Err(MetadataError::NothingToRollBack(_))),
        "{none:?}"
    );
    platform.deploy(&worker, &second).await;
    platform.deploy(&worker, &second).await;
    let before = store.revision().await.expect("revision");
    assert_eq!(store.roll_back("rolled").await.expect("roll back"), first);
    assert_eq!(live(store, &worker).await, Some(first));
    assert_ne!(store.revision().await.expect("revision"), before);
}

pub async fn management_is_installed_once_per_component(store: &dyn MetadataStore) {
    let (old, new) = (Digest::of(b"management 1"), Digest::of(b"management 2"));
    let first = store.install_management(old).await.expect("install");
    assert!(first.is_management() && first.worker_name == MANAGEMENT);
    assert_eq!(first.component, old);
    assert_eq!(first.config, super::management_config());
    let again = store.install_management(old).await.expect("install again");
    assert_eq!(again, first);

    let second = store.install_management(new).await.expect("upgrade");
    assert_eq!(second.component, new);
    assert_eq!(second.worker, first.worker);
    assert_eq!(
        live(store, &first.worker).await,
        Some(second.version.clone())
    );

    let rolled = store.roll_back(MANAGEMENT).await.expect("roll back");
    assert_eq!(rolled, first.version);
    let kept = store.install_management(new).await.expect("start again");
    assert_eq!(
        kept.version, first.version,
        "a start does not undo a roll-back"
    );
}

/// A record with something in every field.
pub fn execution(started_at_ms: u64) -> Execution {
    Execution {
        id: ExecutionId::random(),
        worker: WorkerId::random(),
        version: VersionId::random(),
        trigger: Trigger::HealthCheck,
        outcome: Outcome::ExceededCpu,
        status_code: Some(503),
        started_at_ms,
        duration_us: 1_500,
        cpu_us: 1_000,
        memory_bytes_max: 1 << 20,
        console: vec![ConsoleLine {
            level: ConsoleLevel::Warn,
            message: "line \u{1f980}\nof \"text\"".to_owned(),
            at_ms: 1,
        }],
        console_dropped: 2,
        error: Some("Error: no\n    at f (a.ts:1:2)".to_owned()),
    }
}

pub async fn executions_are_stored_and_pruned(store: &dyn MetadataStore, platform: &dyn Platform) {
    let mut batch: Vec<_> = (1_000..4_500).map(execution).collect();
    batch[1].status_code = None;
    batch[1].error = None;
    batch[1].console.clear();
    store
        .record_executions(batch.clone())
        .await
        .expect("record");
    assert!(
        platform.executions().await == batch,
        "records come back as they went in"
    );
    store
        .record_executions(vec![])
        .await
        .expect("an empty batch");
    let pruned = store.prune_executions(2_000).await.expect("prune");
    assert_eq!(pruned, 1_000);
    assert!(
        platform.executions().await == batch[1_000..],
        "the newer ones stay"
    );
}

pub async fn records_alone_leave_the_revision(store: &dyn MetadataStore) {
    let before = store.revision().await.expect("revision");
    let batch = vec![execution(1)];
    store.record_executions(batch).await.expect("record");
    assert_eq!(store.revision().await.expect("revision"), before);
}
