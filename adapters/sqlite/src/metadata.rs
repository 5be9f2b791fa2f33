//! The metadata store: what is live, and the records of executions.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use ouro_core::id::{DeploymentId, OrganizationId, VersionId, WorkerId};
use ouro_core::name::MANAGEMENT;
use ouro_core::ports::metadata::{
    DailyQuotas, EnvironmentValue, MetadataError, MetadataStore, OverQuota, Usage, environment,
    management_config,
};
use ouro_core::{Auth, Digest, Execution, VersionConfig, WorkerVersion};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::connection::options;
use crate::{schema, usage};

/// Connections of the host itself: its readers, and the writer of records.
const CONNECTIONS: u32 = 4;

/// Records in one statement: 13 parameters each, of the 32,766 that SQLite takes.
const RECORDS_PER_STATEMENT: usize = 1_000;

/// Records that are deleted at a time, so that other writers get their turn.
const PRUNED_PER_STATEMENT: i64 = 5_000;

/// A version with its worker and the worker's environment; `$1` and what follows come from the query that it is part of.
const VERSION_COLUMNS: &str = "
    workers.id AS worker, workers.name AS worker_name, workers.organization_id, workers.auth,
    versions.id AS version, versions.component, versions.config,
    (SELECT json_group_array(json_array(name, kind, value))
       FROM environment_values WHERE environment_id = workers.environment_id) AS environment";

/// The newest deployment of each worker. One whose organization is about to be deleted serves nothing.
const LIVE: &str = "
    FROM workers
    JOIN organizations ON organizations.id = workers.organization_id AND organizations.deletion_at IS NULL
    JOIN deployments ON deployments.sequence =
      (SELECT max(sequence) FROM deployments WHERE worker_id = workers.id)
    JOIN versions ON versions.id = deployments.version_id";

/// The platform's metadata in SQLite.
#[derive(Clone, Debug)]
pub struct SqliteMetadata {
    pool: SqlitePool,
}

impl SqliteMetadata {
    /// Opens the platform's database, creates it where there is none, and brings it to this program's schema.
    ///
    /// # Errors
    /// `Unavailable` where the file cannot be opened, or was written by a newer program.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, MetadataError> {
        let path = std::path::absolute(path.as_ref()).map_err(|error| {
            MetadataError::Unavailable(format!("`{}`: {error}", path.as_ref().display()))
        })?;
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_with(options(&path).create_if_missing(true))
            .await
            .map_err(|error| {
                MetadataError::Unavailable(format!("cannot open `{}`: {error}", path.display()))
            })?;
        schema::migrate(&pool).await?;
        Ok(Self { pool })
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    async fn worker_by_name(
        connection: &mut SqliteConnection,
        name: &str,
    ) -> Result<Option<WorkerId>, MetadataError> {
        let id = sqlx::query_scalar("SELECT id FROM workers WHERE name = $1")
            .bind(name)
            .fetch_optional(connection)
            .await
            .map_err(unavailable)?;
        Ok(id.map(WorkerId))
    }

    async fn deploy(
        connection: &mut SqliteConnection,
        worker: &WorkerId,
        version: &VersionId,
        reason: &str,
    ) -> Result<(), MetadataError> {
        sqlx::query(
            "INSERT INTO deployments (id, worker_id, version_id, reason, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(DeploymentId::random().0)
        .bind(worker.as_str())
        .bind(version.as_str())
        .bind(reason)
        .bind(now_ms())
        .execute(connection)
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    /// Writes what is missing of the management worker and this version of it.
    async fn install(
        connection: &mut SqliteConnection,
        component: Digest,
    ) -> Result<WorkerId, MetadataError> {
        let worker = match Self::worker_by_name(connection, MANAGEMENT).await? {
            Some(worker) => worker,
            None => add_management_worker(connection).await?,
        };
        let known: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM versions WHERE worker_id = $1 AND component = $2 LIMIT 1",
        )
        .bind(worker.as_str())
        .bind(component.to_string())
        .fetch_optional(&mut *connection)
        .await
        .map_err(unavailable)?;
        if known.is_none() {
            let version = add_management_version(connection, &worker, component).await?;
            Self::deploy(connection, &worker, &version, "install").await?;
        }
        Ok(worker)
    }
}

async fn add_management_worker(
    connection: &mut SqliteConnection,
) -> Result<WorkerId, MetadataError> {
    let worker = WorkerId::random();
    sqlx::query(
        "INSERT INTO workers (id, organization_id, name, description, created_at, updated_at)
         VALUES ($1, $2, $3, 'The management API', $4, $4)",
    )
    .bind(worker.as_str())
    .bind(OrganizationId::DEFAULT)
    .bind(MANAGEMENT)
    .bind(now_ms())
    .execute(connection)
    .await
    .map_err(unavailable)?;
    Ok(worker)
}

async fn add_management_version(
    connection: &mut SqliteConnection,
    worker: &WorkerId,
    component: Digest,
) -> Result<VersionId, MetadataError> {
    let version = VersionId::random();
    let config = serde_json::to_string(&management_config())
        .map_err(|error| invalid(&version, &error.to_string()))?;
    sqlx::query(
        "INSERT INTO versions (id, worker_id, number, component, kind, config, message, created_at)
         VALUES ($1, $2, (SELECT coalesce(max(number), 0) + 1 FROM versions WHERE worker_id = $2),
                 $3, 'javascript', $4, 'Built into this ouro', $5)",
    )
    .bind(version.as_str())
    .bind(worker.as_str())
    .bind(component.to_string())
    .bind(config)
    .bind(now_ms())
    .execute(connection)
    .await
    .map_err(unavailable)?;
    Ok(version)
}

#[async_trait]
impl MetadataStore for SqliteMetadata {
    async fn live_versions(&self) -> Result<Vec<WorkerVersion>, MetadataError> {
        let rows = sqlx::query(AssertSqlSafe(format!("SELECT {VERSION_COLUMNS} {LIVE}")))
            .fetch_all(&self.pool)
            .await
            .map_err(unavailable)?;
        let versions = rows.iter().map(read_version);
        Ok(versions
            .filter_map(|version| {
                version
                    .inspect_err(|error| tracing::error!(%error, "a live version is left out"))
                    .ok()
            })
            .collect())
    }

    async fn live_version(
        &self,
        worker: &WorkerId,
    ) -> Result<Option<WorkerVersion>, MetadataError> {
        let sql = format!("SELECT {VERSION_COLUMNS} {LIVE} WHERE workers.id = $1");
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(worker.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(unavailable)?;
        row.as_ref().map(read_version).transpose()
    }

    async fn version(&self, version: &VersionId) -> Result<WorkerVersion, MetadataError> {
        let sql = format!(
            "SELECT {VERSION_COLUMNS} FROM versions JOIN workers ON workers.id = versions.worker_id
             WHERE versions.id = $1"
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(version.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(unavailable)?;
        let row = row.ok_or_else(|| MetadataError::NoVersion(version.clone()))?;
        read_version(&row)
    }

    async fn revision(&self) -> Result<i64, MetadataError> {
        sqlx::query_scalar("SELECT number FROM revision")
            .fetch_one(&self.pool)
            .await
            .map_err(unavailable)
    }

    async fn install_management(&self, component: Digest) -> Result<WorkerVersion, MetadataError> {
        let mut transaction = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(unavailable)?;
        let worker = Self::install(&mut transaction, component).await?;
        transaction.commit().await.map_err(unavailable)?;
        let live = self.live_version(&worker).await?;
        live.ok_or_else(|| {
            MetadataError::Unavailable(format!("worker `{MANAGEMENT}` has no live version"))
        })
    }

    async fn roll_back(&self, worker_name: &str) -> Result<VersionId, MetadataError> {
        let mut transaction = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(unavailable)?;
        let worker = Self::worker_by_name(&mut transaction, worker_name)
            .await?
            .ok_or_else(|| MetadataError::NoWorker(worker_name.to_owned()))?;
        let earlier: Option<String> = sqlx::query_scalar(
            "SELECT version_id FROM deployments
             WHERE worker_id = $1 AND version_id <>
               (SELECT version_id FROM deployments WHERE worker_id = $1 ORDER BY sequence DESC LIMIT 1)
             ORDER BY sequence DESC LIMIT 1",
        )
        .bind(worker.as_str())
        .fetch_optional(&mut *transaction)
        .await
        .map_err(unavailable)?;
        let earlier = earlier
            .map(VersionId)
            .ok_or_else(|| MetadataError::NothingToRollBack(worker_name.to_owned()))?;
        Self::deploy(&mut transaction, &worker, &earlier, "rollback").await?;
        transaction.commit().await.map_err(unavailable)?;
        Ok(earlier)
    }

    async fn record_executions(&self, batch: Vec<Execution>) -> Result<(), MetadataError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut transaction = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(unavailable)?;
        for part in batch.chunks(RECORDS_PER_STATEMENT) {
            insert_executions(part)?
                .build()
                .persistent(false)
                .execute(&mut *transaction)
                .await
                .map_err(unavailable)?;
        }
        transaction.commit().await.map_err(unavailable)
    }

    async fn add_usage(&self, day: u64, usage: &[Usage]) -> Result<(), MetadataError> {
        usage::add(&self.pool, day, usage)
            .await
            .map_err(unavailable)
    }

    async fn over_quota(
        &self,
        day: u64,
        defaults: DailyQuotas,
    ) -> Result<Vec<OverQuota>, MetadataError> {
        usage::over_quota(&self.pool, day, defaults)
            .await
            .map_err(unavailable)
    }

    async fn prune_executions(&self, before_ms: u64) -> Result<u64, MetadataError> {
        let mut pruned = 0;
        loop {
            let part = sqlx::query(
                "DELETE FROM executions WHERE rowid IN
                   (SELECT rowid FROM executions WHERE started_at < $1 LIMIT $2)",
            )
            .bind(integer(before_ms))
            .bind(PRUNED_PER_STATEMENT)
            .execute(&self.pool)
            .await
            .map_err(unavailable)?
            .rows_affected();
            pruned += part;
            if part == 0 {
                return Ok(pruned);
            }
        }
    }
}

fn insert_executions(batch: &[Execution]) -> Result<QueryBuilder<Sqlite>, MetadataError> {
    let mut rows = Vec::with_capacity(batch.len());
    for record in batch {
        rows.push((record, json(&record.trigger)?, json(&record.console)?));
    }
    let mut query = QueryBuilder::new(
        "INSERT INTO executions (id, worker_id, version_id, trigger, outcome, status_code, started_at,
           duration_us, cpu_us, memory_bytes_max, console, console_dropped, error) ",
    );
    query.push_values(rows, |mut row, (record, trigger, console)| {
        row.push_bind(record.id.0.clone())
            .push_bind(record.worker.0.clone())
            .push_bind(record.version.0.clone())
            // A JSON string of a plain word.
            .push_bind(trigger.trim_matches('"').to_owned())
            .push_bind(record.outcome.as_str())
            .push_bind(record.status_code.map(i64::from))
            .push_bind(integer(record.started_at_ms))
            .push_bind(integer(record.duration_us))
            .push_bind(integer(record.cpu_us))
            .push_bind(integer(record.memory_bytes_max))
            .push_bind(console)
            .push_bind(integer(record.console_dropped))
            .push_bind(record.error.clone());
    });
    // A batch that is sent again after an error may have been stored.
    query.push(" ON CONFLICT DO NOTHING");
    Ok(query)
}

fn read_version(row: &SqliteRow) -> Result<WorkerVersion, MetadataError> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(unavailable);
    let version = VersionId(text("version")?);
    let component = text("component")?;
    let component = component
        .parse()
        .map_err(|error: ouro_core::digest::InvalidDigest| invalid(&version, &error.to_string()))?;
    let mut config: VersionConfig = serde_json::from_str(&text("config")?)
        .map_err(|error| invalid(&version, &format!("configuration: {error}")))?;
    let values = read_environment(&text("environment")?).map_err(|why| invalid(&version, &why))?;
    environment::merge(&mut config, values);
    let auth = Auth::parse(&text("auth")?)
        .map_err(|other| invalid(&version, &format!("unknown `auth` `{other}`")))?;
    Ok(WorkerVersion {
        worker: WorkerId(text("worker")?),
        worker_name: text("worker_name")?,
        organization: OrganizationId(text("organization_id")?),
        auth,
        version,
        component,
        config,
    })
}

fn read_environment(values: &str) -> Result<BTreeMap<String, EnvironmentValue>, String> {
    let values: Vec<(String, String, String)> =
        serde_json::from_str(values).map_err(|error| format!("environment: {error}"))?;
    let parse = |(name, kind, value): (String, String, String)| {
        let value = EnvironmentValue::parse(&kind, &value)
            .map_err(|why| format!("environment value `{name}`: {why}"))?;
        Ok((name, value))
    };
    values.into_iter().map(parse).collect()
}

fn json(value: &impl serde::Serialize) -> Result<String, MetadataError> {
    serde_json::to_string(value).map_err(|error| MetadataError::Unavailable(error.to_string()))
}

/// SQLite's integers have a sign.
fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn invalid(version: &VersionId, reason: &str) -> MetadataError {
    MetadataError::InvalidConfig {
        version: version.clone(),
        reason: reason.to_owned(),
    }
}

fn unavailable(error: sqlx::Error) -> MetadataError {
    MetadataError::Unavailable(error.to_string())
}
