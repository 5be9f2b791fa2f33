//! What organizations use each day, and who is over a quota.

use ouro_core::id::OrganizationId;
use ouro_core::ports::metadata::{DailyQuotas, OverQuota, Usage};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Error, Row};

/// The operator's word on one organization goes before the defaults, which do not hold for the operator's own; a maximum that is NULL is none.
const OVER: &str = "
    WITH used AS (
      SELECT organization_id, sum(requests) AS requests, sum(cpu_us) / 1000000 AS cpu_seconds
      FROM usage WHERE day = $1 GROUP BY organization_id
    ), quota AS (
      SELECT organization_id, 'requests_per_day' AS name, requests AS used, iif(organization_id = $4, NULL, $2) AS fallback FROM used
      UNION ALL
      SELECT organization_id, 'cpu_seconds_per_day', cpu_seconds, iif(organization_id = $4, NULL, $3) FROM used
    )
    SELECT quota.organization_id, quota.name, quota.used,
      CASE WHEN quotas.name IS NULL THEN quota.fallback ELSE quotas.maximum END AS maximum
    FROM quota LEFT JOIN quotas ON quotas.organization_id = quota.organization_id AND quotas.name = quota.name
    WHERE quota.used >= CASE WHEN quotas.name IS NULL THEN quota.fallback ELSE quotas.maximum END";

pub async fn add(pool: &SqlitePool, day: u64, usage: &[Usage]) -> Result<(), Error> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    for usage in usage {
        sqlx::query(
            "INSERT INTO usage (organization_id, worker_id, day, requests, errors, cpu_us)
             SELECT id, $2, $3, $4, $5, $6 FROM organizations WHERE id = $1
             ON CONFLICT (organization_id, day, worker_id) DO UPDATE SET
               requests = requests + excluded.requests,
               errors = errors + excluded.errors,
               cpu_us = cpu_us + excluded.cpu_us",
        )
        .bind(usage.organization.as_str())
        .bind(usage.worker.as_str())
        .bind(day.cast_signed())
        .bind(usage.requests.cast_signed())
        .bind(usage.errors.cast_signed())
        .bind(usage.cpu_us.cast_signed())
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await
}

pub async fn over_quota(
    pool: &SqlitePool,
    day: u64,
    defaults: DailyQuotas,
) -> Result<Vec<OverQuota>, Error> {
    let rows = sqlx::query(OVER)
        .bind(day.cast_signed())
        .bind(defaults.requests.map(u64::cast_signed))
        .bind(defaults.cpu_seconds.map(u64::cast_signed))
        .bind(OrganizationId::DEFAULT)
        .fetch_all(pool)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<OverQuota, Error> {
    let name: String = row.try_get("name")?;
    let (used, limit): (i64, i64) = (row.try_get("used")?, row.try_get("maximum")?);
    Ok(OverQuota {
        organization: OrganizationId(row.try_get("organization_id")?),
        quota: if name == "requests_per_day" {
            "requests_per_day"
        } else {
            "cpu_seconds_per_day"
        },
        limit: limit.cast_unsigned(),
        used: used.cast_unsigned(),
    })
}
