//! The platform's metadata: the conformance suite, migrations, and what another process does.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use ouro_adapter_sqlite::{SqliteDatabases, SqliteMetadata};
use ouro_core::id::{DatabaseId, DeploymentId, EnvironmentId, VersionId, WorkerId};
use ouro_core::ports::database::conformance::{query, statement};
use ouro_core::ports::database::{Database, DatabaseBackend, Value};
use ouro_core::ports::metadata::conformance::{self, Platform};
use ouro_core::ports::metadata::{EnvironmentValue, MetadataStore};
use ouro_core::{Digest, Execution, Outcome, VersionConfig};

/// Writes through the database binding's backend, as the management worker does.
struct Management(std::sync::Arc<dyn Database>);

struct Store {
    directory: tempfile::TempDir,
    metadata: SqliteMetadata,
    management: Management,
}

async fn store() -> Store {
    let directory = tempfile::tempdir().expect("temporary directory");
    let metadata = SqliteMetadata::open(directory.path().join("platform.db"))
        .await
        .expect("open");
    let databases = SqliteDatabases::open(directory.path()).expect("open");
    let platform = databases
        .open(&DatabaseId::PLATFORM.into())
        .await
        .expect("platform");
    Store {
        directory,
        metadata,
        management: Management(platform),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

impl Management {
    async fn run(&self, sql: &str, params: impl IntoIterator<Item = Value>) {
        query(&*self.0, sql, params).await;
    }

    async fn add_version_text(
        &self,
        id: &VersionId,
        worker: &WorkerId,
        component: &str,
        config: &str,
    ) {
        let sql = "INSERT INTO versions (id, worker_id, number, component, kind, config, created_at)
            VALUES (?1, ?2, (SELECT count(*) + 1 FROM versions WHERE worker_id = ?2), ?3, 'component', ?4, 0)";
        let params = [
            text(id.as_str()),
            text(worker.as_str()),
            text(component),
            text(config),
        ];
        self.run(sql, params).await;
    }
}

#[async_trait]
impl Platform for Management {
    async fn add_worker(&self, id: &WorkerId, name: &str, environment: Option<&EnvironmentId>) {
        let environment = environment.map_or(Value::Null, |id| text(id.as_str()));
        let sql = "INSERT INTO workers (id, organization_id, name, environment_id, created_at, updated_at)
            VALUES (?, 'org_00000000000000000000000000000000', ?, ?, 0, 0)";
        self.run(sql, [text(id.as_str()), text(name), environment])
            .await;
    }

    async fn delete_worker(&self, id: &WorkerId) {
        self.run("DELETE FROM workers WHERE id = ?", [text(id.as_str())])
            .await;
    }

    async fn add_version(
        &self,
        id: &VersionId,
        worker: &WorkerId,
        component: Digest,
        config: VersionConfig,
    ) {
        let config = serde_json::to_string(&config).expect("JSON");
        self.add_version_text(id, worker, &component.to_string(), &config)
            .await;
    }

    async fn deploy(&self, worker: &WorkerId, version: &VersionId) {
        let sql = "INSERT INTO deployments (id, worker_id, version_id, reason, created_at) VALUES (?, ?, ?, 'deploy', 0)";
        let id = DeploymentId::random();
        self.run(
            sql,
            [
                text(id.as_str()),
                text(worker.as_str()),
                text(version.as_str()),
            ],
        )
        .await;
    }

    async fn split(&self, worker: &WorkerId, shares: &[(VersionId, f64)], is_sticky: bool) {
        let largest = shares.iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
        let (main, _) = largest.expect("a share");
        let id = DeploymentId::random();
        let sticky = if is_sticky {
            text("cookie")
        } else {
            Value::Null
        };
        let deployment = statement(
            "INSERT INTO deployments (id, worker_id, version_id, reason, sticky, created_at) VALUES (?, ?, ?, 'deploy', ?, 0)",
            [
                text(id.as_str()),
                text(worker.as_str()),
                text(main.as_str()),
                sticky,
            ],
        );
        let parts = shares.iter().map(|(version, percentage)| {
            statement(
                "INSERT INTO deployment_versions (deployment_id, version_id, percentage) VALUES (?, ?, ?)",
                [
                    text(id.as_str()),
                    text(version.as_str()),
                    Value::Real(*percentage),
                ],
            )
        });
        let statements = std::iter::once(deployment).chain(parts).collect();
        self.0.query(statements).await.expect("a split");
    }

    async fn set_alias(&self, worker: &WorkerId, name: &str, version: &VersionId) {
        let sql = "INSERT INTO aliases (worker_id, name, version_id, created_at, updated_at) VALUES (?, ?, ?, 0, 0)
            ON CONFLICT (worker_id, name) DO UPDATE SET version_id = excluded.version_id";
        let params = [text(worker.as_str()), text(name), text(version.as_str())];
        self.run(sql, params).await;
    }

    async fn add_domain(&self, name: &str, worker: &WorkerId, is_verified: bool) {
        let sql =
            "INSERT INTO domains (name, worker_id, organization_id, token, verified_at, created_at)
            VALUES (?, ?, 'org_00000000000000000000000000000000', 'token', ?, 0)";
        let verified_at = if is_verified {
            Value::Integer(1)
        } else {
            Value::Null
        };
        self.run(sql, [text(name), text(worker.as_str()), verified_at])
            .await;
    }

    async fn add_environment(&self, id: &EnvironmentId) {
        let sql = "INSERT INTO environments (id, organization_id, name, created_at, updated_at)
             VALUES (?1, 'org_00000000000000000000000000000000', ?1, 0, 0)";
        self.run(sql, [text(id.as_str())]).await;
    }

    async fn set_environment_value(&self, id: &EnvironmentId, name: &str, value: EnvironmentValue) {
        let (kind, value) = match value {
            EnvironmentValue::Var(value) => ("var", value.to_string()),
            EnvironmentValue::Secret(sealed) => ("secret", sealed),
            EnvironmentValue::Database(id) => ("database", id.0),
        };
        let sql =
            "INSERT INTO environment_values (environment_id, name, kind, value) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET kind = excluded.kind, value = excluded.value";
        self.run(
            sql,
            [text(id.as_str()), text(name), text(kind), text(&value)],
        )
        .await;
    }

    async fn executions(&self) -> Vec<Execution> {
        let rows = query(&*self.0, "SELECT * FROM executions ORDER BY started_at", []).await;
        let columns = rows.columns;
        let rows = rows.rows.into_iter();
        rows.map(|row| execution(columns.iter().cloned().zip(row).collect()))
            .collect()
    }
}

fn execution(mut row: BTreeMap<String, Value>) -> Execution {
    let mut take = |name: &str| row.remove(name).expect(name);
    let text = |value| match value {
        Value::Text(text) => text,
        other => panic!("{other:?} is no text"),
    };
    let integer = |value| match value {
        Value::Integer(value) => u64::try_from(value).expect("positive"),
        other => panic!("{other:?} is no integer"),
    };
    let word = |word: String| serde_json::Value::String(word);
    let outcome: Outcome = serde_json::from_value(word(text(take("outcome")))).expect("outcome");
    Execution {
        id: text(take("id")).as_str().into(),
        worker: text(take("worker_id")).as_str().into(),
        version: text(take("version_id")).as_str().into(),
        trigger: serde_json::from_value(word(text(take("trigger")))).expect("trigger"),
        outcome,
        status_code: match take("status_code") {
            Value::Null => None,
            code => Some(u16::try_from(integer(code)).expect("status")),
        },
        started_at_ms: integer(take("started_at")),
        duration_us: integer(take("duration_us")),
        cpu_us: integer(take("cpu_us")),
        memory_bytes_max: integer(take("memory_bytes_max")),
        console: serde_json::from_str(&text(take("console"))).expect("console"),
        console_dropped: integer(take("console_dropped")),
        error: match take("error") {
            Value::Null => None,
            error => Some(text(error)),
        },
    }
}

#[tokio::test]
async fn sqlite_passes_the_metadata_conformance_suite() {
    let store = store().await;
    conformance::run(&store.metadata, &store.management).await;
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    let store = store().await;
    let installed = store
        .metadata
        .install_management(Digest::of(b"m"))
        .await
        .expect("install");
    let again = SqliteMetadata::open(store.directory.path().join("platform.db"))
        .await
        .expect("open again");
    assert_eq!(again.live_versions().await.expect("live"), [installed]);
}

#[tokio::test]
async fn another_process_s_deployment_changes_the_revision() {
    let store = store().await;
    store
        .metadata
        .install_management(Digest::of(b"1"))
        .await
        .expect("install");
    store
        .metadata
        .install_management(Digest::of(b"2"))
        .await
        .expect("upgrade");
    let before = store.metadata.revision().await.expect("revision");
    let admin = SqliteMetadata::open(store.directory.path().join("platform.db"))
        .await
        .expect("another process");
    admin.roll_back("management").await.expect("roll back");
    assert_ne!(store.metadata.revision().await.expect("revision"), before);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let store = store().await;
    let newer =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (99, 'the future', TRUE, x'00', 0)";
    store.management.run(newer, []).await;
    let error = SqliteMetadata::open(store.directory.path().join("platform.db"))
        .await
        .expect_err("a newer schema");
    let error = error.to_string();
    assert!(error.contains("schema 99"), "{error}");
    assert!(error.contains("newer"), "{error}");
}

#[tokio::test]
async fn a_version_that_cannot_be_read_is_left_out_alone() {
    let store = store().await;
    let good = WorkerId::random();
    store.management.add_worker(&good, "good", None).await;
    let version = VersionId::random();
    let config = VersionConfig::default();
    store
        .management
        .add_version(&version, &good, Digest::of(b"good"), config)
        .await;
    store.management.deploy(&good, &version).await;
    let component = Digest::of(b"bad").to_string();
    for (name, component, config) in [
        (
            "unknown-key",
            component.as_str(),
            r#"{"from_the_future": 1}"#,
        ),
        ("not-json", component.as_str(), "{"),
        ("no-digest", "xyz", "{}"),
    ] {
        let (worker, version) = (WorkerId::random(), VersionId::random());
        store.management.add_worker(&worker, name, None).await;
        store
            .management
            .add_version_text(&version, &worker, component, config)
            .await;
        store.management.deploy(&worker, &version).await;
        let error = store.metadata.version(&version).await.expect_err(name);
        assert!(error.to_string().contains(version.as_str()), "{error}");
        assert!(
            store.metadata.live_version(&worker).await.is_err(),
            "{name}"
        );
    }
    let live = store.metadata.live_versions().await.expect("live");
    assert_eq!(live.len(), 1);
    assert_eq!(live[0].worker, good);
}

#[tokio::test]
async fn records_are_written_beside_a_busy_management_worker() {
    let store = store().await;
    let writes = async {
        for n in 0..50 {
            let name = format!("worker-{n}");
            store
                .management
                .add_worker(&WorkerId::random(), &name, None)
                .await;
        }
    };
    let records = async {
        for n in 0..50 {
            let batch = (0..100).map(|at| conformance::execution(n * 100 + at));
            let recorded = store.metadata.record_executions(batch.collect()).await;
            recorded.expect("record");
        }
        store.metadata.prune_executions(4_000).await.expect("prune")
    };
    let both = async { tokio::join!(writes, records) };
    let done = tokio::time::timeout(Duration::from_secs(60), both).await;
    let ((), pruned) = done.expect("no deadlock");
    assert_eq!(pruned, 4_000);
    let count = statement("SELECT count(*) FROM workers", []);
    let results = store.management.0.query(vec![count]).await.expect("count");
    assert_eq!(results[0].rows, [[Value::Integer(50)]]);
}
