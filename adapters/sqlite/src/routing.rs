//! What is served beside the live version of a worker: splits, names of versions, domains.

use ouro_core::id::{VersionId, WorkerId};
use ouro_core::ports::metadata::routing::{hundredths, is_version_beginning};
use ouro_core::ports::metadata::{Domain, Split};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::metadata::VERSION_COLUMNS;

/// The versions of the newest deployments that have several, of each worker newest first.
pub async fn splits(
    pool: &SqlitePool,
    worker: Option<&WorkerId>,
) -> Result<Vec<Split>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT d.worker_id, d.sticky, s.version_id, s.percentage
         FROM deployment_versions s
         JOIN deployments d ON d.id = s.deployment_id
         JOIN versions v ON v.id = s.version_id
         WHERE ($1 IS NULL OR d.worker_id = $1)
           AND d.sequence = (SELECT max(sequence) FROM deployments WHERE worker_id = d.worker_id)
         ORDER BY d.worker_id, v.number DESC",
    )
    .bind(worker.map(WorkerId::as_str))
    .fetch_all(pool)
    .await?;
    let mut splits: Vec<Split> = Vec::new();
    for row in rows {
        let worker = WorkerId(row.try_get("worker_id")?);
        let share = (
            VersionId(row.try_get("version_id")?),
            hundredths(row.try_get("percentage")?),
        );
        match splits.last_mut().filter(|split| split.worker == worker) {
            Some(split) => split.shares.push(share),
            None => splits.push(Split {
                worker,
                shares: vec![share],
                is_sticky: row.try_get::<Option<String>, _>("sticky")?.is_some(),
            }),
        }
    }
    Ok(splits)
}

pub async fn domains(
    pool: &SqlitePool,
    worker: Option<&WorkerId>,
) -> Result<Vec<Domain>, sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, worker_id FROM domains
         WHERE verified_at IS NOT NULL AND ($1 IS NULL OR worker_id = $1)",
    )
    .bind(worker.map(WorkerId::as_str))
    .fetch_all(pool)
    .await?;
    let domain = |(name, worker)| Domain {
        name,
        worker: WorkerId(worker),
    };
    Ok(rows.into_iter().map(domain).collect())
}

/// Rows of `VERSION_COLUMNS`: none, the version that the name means, or two where it means more than one.
pub async fn named(
    pool: &SqlitePool,
    worker_name: &str,
    name: &str,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let select = |versions: &str| {
        AssertSqlSafe(format!(
            "SELECT {VERSION_COLUMNS} FROM workers
             JOIN organizations ON organizations.id = workers.organization_id AND organizations.deletion_at IS NULL
             {versions} WHERE workers.name = $1 LIMIT 2"
        ))
    };
    let by_alias = "JOIN aliases ON aliases.worker_id = workers.id AND aliases.name = $2
                    JOIN versions ON versions.id = aliases.version_id";
    let rows = sqlx::query(select(by_alias))
        .bind(worker_name)
        .bind(name)
        .fetch_all(pool)
        .await?;
    if !rows.is_empty() || !is_version_beginning(name) {
        return Ok(rows);
    }
    // `g` comes after every hex digit: a range of the primary key, in which nothing is a pattern.
    let by_beginning = "JOIN versions ON versions.worker_id = workers.id AND versions.id >= $2 AND versions.id < $2 || 'g'";
    sqlx::query(select(by_beginning))
        .bind(worker_name)
        .bind(format!("{}{name}", VersionId::PREFIX))
        .fetch_all(pool)
        .await
}

/// The version that answered everything before what is live: before a split, whichever it was; else another than the live one.
pub async fn earlier(
    connection: &mut SqliteConnection,
    worker: &WorkerId,
) -> Result<Option<VersionId>, sqlx::Error> {
    let earlier: Option<String> = sqlx::query_scalar(
        "WITH own AS (
           SELECT d.sequence, d.version_id,
                  NOT EXISTS (SELECT 1 FROM deployment_versions WHERE deployment_id = d.id) AS is_whole
           FROM deployments d WHERE d.worker_id = $1),
         live AS (SELECT * FROM own ORDER BY sequence DESC LIMIT 1)
         SELECT own.version_id FROM own, live
         WHERE own.sequence < live.sequence AND own.is_whole
           AND (NOT live.is_whole OR own.version_id <> live.version_id)
         ORDER BY own.sequence DESC LIMIT 1",
    )
    .bind(worker.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(earlier.map(VersionId))
}
