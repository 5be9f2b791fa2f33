//! What every metadata store must do. The port has no way to write what the management worker writes, so a store's
//! tests bring a [`Platform`] that does.

use async_trait::async_trait;

use super::{Domain, EnvironmentValue, MetadataError, MetadataStore, NamedVersion, Split};
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
    /// Deploys several, the newest first, with their percentages.
    async fn split(&self, worker: &WorkerId, shares: &[(VersionId, f64)], is_sticky: bool);
    async fn set_alias(&self, worker: &WorkerId, name: &str, version: &VersionId);
    async fn add_domain(&self, name: &str, worker: &WorkerId, is_verified: bool);
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
    a_split_is_live_until_the_next_deployment(store, platform).await;
    rolling_back_passes_over_splits(store, platform).await;
    a_name_is_an_alias_or_the_beginning_of_an_id(store, platform).await;
    only_verified_domains_lead_to_a_worker(store, platform).await;
    the_revision_changes_with_what_names_mean(store, platform).await;
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

pub async fn a_split_is_live_until_the_next_deployment(
    store: &dyn MetadataStore,
    platform: &dyn Platform,
) {
    let (worker, other) = (WorkerId::random(), WorkerId::random());
    platform.add_worker(&worker, "split", None).await;
    platform.add_worker(&other, "whole", None).await;
    let first = add_version(platform, &worker).await;
    let second = add_version(platform, &worker).await;
    let third = add_version(platform, &other).await;
    platform.deploy(&worker, &first).await;
    platform.deploy(&other, &third).await;
    assert_eq!(store.splits(None).await.expect("splits"), []);
    let shares = [(second.clone(), 33.34), (first.clone(), 66.66)];
    platform.split(&worker, &shares, true).await;
    let split = Split {
        worker: worker.clone(),
        shares: vec![(second.clone(), 3_334), (first.clone(), 6_666)],
        is_sticky: true,
    };
    let all = store.splits(None).await.expect("splits");
    assert_eq!(all, [split]);
    assert_eq!(store.splits(Some(&worker)).await.expect("splits"), all);
    assert_eq!(store.splits(Some(&other)).await.expect("splits"), []);
    assert_eq!(
        live(store, &worker).await,
        Some(first),
        "the larger share stands for both"
    );
    platform.deploy(&worker, &second).await;
    assert_eq!(store.splits(None).await.expect("splits"), []);
    assert_eq!(live(store, &worker).await, Some(second));
}

pub async fn rolling_back_passes_over_splits(store: &dyn MetadataStore, platform: &dyn Platform) {
    let worker = WorkerId::random();
    platform.add_worker(&worker, "rolled-split", None).await;
    let first = add_version(platform, &worker).await;
    let second = add_version(platform, &worker).await;
    platform.deploy(&worker, &first).await;
    let shares = [(second.clone(), 10.0), (first.clone(), 90.0)];
    platform.split(&worker, &shares, false).await;
    let rolled = store.roll_back("rolled-split").await;
    assert_eq!(rolled.expect("from a split"), first);
    assert_eq!(store.splits(Some(&worker)).await.expect("splits"), []);
    platform.split(&worker, &shares, false).await;
    platform.deploy(&worker, &second).await;
    let rolled = store.roll_back("rolled-split").await;
    assert_eq!(rolled.expect("over a split"), first);
}

async fn named(store: &dyn MetadataStore, worker: &str, name: &str) -> Option<VersionId> {
    match store.named_version(worker, name).await.expect("a name") {
        NamedVersion::Version(version) => Some(version.version),
        NamedVersion::Unknown => None,
        NamedVersion::Ambiguous => panic!("`{name}` is ambiguous"),
    }
}

pub async fn a_name_is_an_alias_or_the_beginning_of_an_id(
    store: &dyn MetadataStore,
    platform: &dyn Platform,
) {
    let (worker, other) = (WorkerId::random(), WorkerId::random());
    platform.add_worker(&worker, "named", None).await;
    platform.add_worker(&other, "named-too", None).await;
    let version = |digits: &str| VersionId(format!("ver_{digits:0<32}"));
    let ids = [version("aaaaaaaa1"), version("aaaaaaaa2"), version("b_")];
    for (id, worker) in [(&ids[0], &worker), (&ids[1], &worker), (&ids[2], &other)] {
        let component = Digest::of(id.as_str().as_bytes());
        platform
            .add_version(id, worker, component, VersionConfig::default())
            .await;
    }
    platform.set_alias(&worker, "staging", &ids[0]).await;
    assert_eq!(named(store, "named", "staging").await, Some(ids[0].clone()));
    let whole = store.named_version("named", "staging").await;
    let stored = store.version(&ids[0]).await.expect("version");
    assert_eq!(
        whole.expect("named_version"),
        NamedVersion::Version(Box::new(stored))
    );
    platform.set_alias(&worker, "staging", &ids[1]).await;
    assert_eq!(named(store, "named", "staging").await, Some(ids[1].clone()));
    assert_eq!(
        named(store, "named", "aaaaaaaa2").await,
        Some(ids[1].clone())
    );
    let digits = ids[0].as_str().trim_start_matches("ver_");
    assert_eq!(named(store, "named", digits).await, Some(ids[0].clone()));
    let two = store.named_version("named", "aaaaaaaa").await;
    assert_eq!(two.expect("two versions"), NamedVersion::Ambiguous);
    for (worker, name) in [
        ("named", "aaaaaaa"),
        ("named", "aaaaaaaa3"),
        ("named", "________"),
        ("named", "%"),
        ("named", "live"),
        ("named", ""),
        ("named-too", "staging"),
        ("named-too", "aaaaaaaa1"),
        ("nobody", "staging"),
    ] {
        assert_eq!(named(store, worker, name).await, None, "{name}.{worker}");
    }
    platform.delete_worker(&worker).await;
    assert_eq!(named(store, "named", "staging").await, None);
}

pub async fn only_verified_domains_lead_to_a_worker(
    store: &dyn MetadataStore,
    platform: &dyn Platform,
) {
    let (worker, other) = (WorkerId::random(), WorkerId::random());
    platform.add_worker(&worker, "domains", None).await;
    platform.add_worker(&other, "domains-too", None).await;
    platform.add_domain("a.example", &worker, true).await;
    platform.add_domain("b.example", &other, true).await;
    platform.add_domain("c.example", &worker, false).await;
    let domain = |name: &str, worker: &WorkerId| Domain {
        name: name.to_owned(),
        worker: worker.clone(),
    };
    let mut all = store.domains(None).await.expect("domains");
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(
        all,
        [domain("a.example", &worker), domain("b.example", &other)]
    );
    let own = store.domains(Some(&other)).await.expect("domains");
    assert_eq!(own, [domain("b.example", &other)]);
    platform.delete_worker(&worker).await;
    assert_eq!(store.domains(None).await.expect("domains"), own);
    platform.delete_worker(&other).await;
}

pub async fn the_revision_changes_with_what_names_mean(
    store: &dyn MetadataStore,
    platform: &dyn Platform,
) {
    let worker = WorkerId::random();
    platform.add_worker(&worker, "renamed", None).await;
    let first = add_version(platform, &worker).await;
    let second = add_version(platform, &worker).await;
    let mut seen = vec![store.revision().await.expect("revision")];
    for step in 0..5 {
        match step {
            0 => platform.set_alias(&worker, "a", &first).await,
            1 => platform.set_alias(&worker, "a", &second).await,
            2 => platform.add_domain("revised.example", &worker, true).await,
            3 => {
                let shares = [(second.clone(), 50.0), (first.clone(), 50.0)];
                platform.split(&worker, &shares, false).await;
            }
            // What the beginning of the first one's id names is two versions now.
            _ => {
                let id = VersionId(format!("{}{:0<20}", &first.as_str()[..16], ""));
                let component = Digest::of(b"a collision");
                platform
                    .add_version(&id, &worker, component, VersionConfig::default())
                    .await;
            }
        }
        let revision = store.revision().await.expect("revision");
        assert!(!seen.contains(&revision), "step {step}");
        seen.push(revision);
    }
    platform.delete_worker(&worker).await;
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
