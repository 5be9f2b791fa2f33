//! Crons and their runs in the platform's database.

use async_trait::async_trait;
use ouro_core::cron::Weekdays;
use ouro_core::id::{CronId, CronRunId, WorkerId};
use ouro_core::ports::crons::{
    ATTEMPTS_MAX, ClaimedRun, CronStore, DueCron, EndedRun, Lease, Missed, RUNS_KEPT, Step,
    Unavailable,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::metadata::SqliteMetadata;

/// Crons that are moved on at a time; the others are there the next time.
const DUE_MAX: i64 = 1_000;

/// What belongs to an organization that is about to be deleted stays where it is: it may be restored.
const ENABLED: &str = "
    FROM crons c
    JOIN workers w ON w.id = c.worker_id
    JOIN organizations o ON o.id = w.organization_id AND o.deletion_at IS NULL
    WHERE c.enabled = 1";

#[async_trait]
impl CronStore for SqliteMetadata {
    async fn due(&self, now_ms: i64) -> Result<Vec<DueCron>, Unavailable> {
        let sql = format!(
            "SELECT c.id, c.expression, c.time_zone, c.weekdays, c.missed, c.next_at, c.updated_at {ENABLED}
             AND (c.next_at IS NULL OR c.next_at <= $1) ORDER BY c.next_at LIMIT $2"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(now_ms)
            .bind(DUE_MAX)
            .fetch_all(self.pool())
            .await
            .map_err(unavailable)?;
        rows.iter().map(read_cron).collect()
    }

    async fn next_due(&self) -> Result<Option<i64>, Unavailable> {
        let sql = format!("SELECT min(c.next_at) {ENABLED}");
        sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(self.pool())
            .await
            .map_err(unavailable)
    }

    async fn advance(&self, cron: &DueCron, step: &Step, now_ms: i64) -> Result<bool, Unavailable> {
        let mut transaction = self
            .pool()
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(unavailable)?;
        if !move_on(&mut transaction, cron, step).await? {
            return Ok(false);
        }
        if let Some(at_ms) = step.missed_at_ms {
            insert_missed(&mut transaction, &cron.id, at_ms, now_ms).await?;
        }
        for at_ms in &step.runs_at_ms {
            insert_run(&mut transaction, cron, *at_ms, now_ms).await?;
        }
        forget_old(&mut transaction, &cron.id).await?;
        transaction.commit().await.map_err(unavailable)?;
        Ok(true)
    }

    async fn claim(&self, lease: &Lease) -> Result<Option<ClaimedRun>, Unavailable> {
        // Reading first: a statement that writes nothing would wait for the writers all the same.
        if !self.has_waiting().await? {
            return Ok(None);
        }
        let row = sqlx::query(
            "UPDATE cron_runs SET started_at = $1, node = $2, lease_until = $3
             WHERE id = (
               SELECT r.id FROM cron_runs r
               WHERE r.outcome IS NULL AND r.started_at IS NULL AND NOT EXISTS (
                 SELECT 1 FROM cron_runs o
                 WHERE o.cron_id = r.cron_id AND o.outcome IS NULL AND o.started_at IS NOT NULL)
               ORDER BY r.scheduled_at, r.id LIMIT 1)
             RETURNING id, cron_id, scheduled_at, attempt,
               (SELECT worker_id FROM crons WHERE crons.id = cron_id) AS worker_id,
               (SELECT expression FROM crons WHERE crons.id = cron_id) AS expression",
        )
        .bind(lease.now_ms)
        .bind(&lease.node)
        .bind(lease.until_ms)
        .fetch_optional(self.pool())
        .await
        .map_err(unavailable)?;
        row.as_ref().map(read_run).transpose()
    }

    async fn renew(&self, run: &CronRunId, lease: &Lease) -> Result<bool, Unavailable> {
        let renewed = sqlx::query(
            "UPDATE cron_runs SET lease_until = $3 WHERE id = $1 AND node = $2 AND outcome IS NULL",
        )
        .bind(run.as_str())
        .bind(&lease.node)
        .bind(lease.until_ms)
        .execute(self.pool())
        .await
        .map_err(unavailable)?;
        Ok(renewed.rows_affected() == 1)
    }

    async fn finish(
        &self,
        run: &CronRunId,
        node: &str,
        ended: &EndedRun,
    ) -> Result<bool, Unavailable> {
        let finished = sqlx::query(
            "UPDATE cron_runs SET outcome = $3, ended_at = $4, execution_id = $5, lease_until = NULL
             WHERE id = $1 AND node = $2 AND outcome IS NULL",
        )
        .bind(run.as_str())
        .bind(node)
        .bind(&ended.outcome)
        .bind(ended.ended_at_ms)
        .bind(ended.execution.as_ref().map(|id| id.as_str()))
        .execute(self.pool())
        .await
        .map_err(unavailable)?;
        Ok(finished.rows_affected() == 1)
    }

    async fn recover(&self, now_ms: i64) -> Result<u64, Unavailable> {
        let lost: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM cron_runs WHERE outcome IS NULL AND lease_until < $1 LIMIT 1",
        )
        .bind(now_ms)
        .fetch_optional(self.pool())
        .await
        .map_err(unavailable)?;
        if lost.is_none() {
            return Ok(0);
        }
        let mut transaction = self
            .pool()
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(unavailable)?;
        let recovered = recover(&mut transaction, now_ms).await?;
        transaction.commit().await.map_err(unavailable)?;
        Ok(recovered)
    }
}

impl SqliteMetadata {
    async fn has_waiting(&self) -> Result<bool, Unavailable> {
        let waiting: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM cron_runs WHERE outcome IS NULL AND started_at IS NULL LIMIT 1",
        )
        .fetch_optional(self.pool())
        .await
        .map_err(unavailable)?;
        Ok(waiting.is_some())
    }
}

/// The claim of a due time: one node's statement finds the row as it was read.
async fn move_on(
    connection: &mut SqliteConnection,
    cron: &DueCron,
    step: &Step,
) -> Result<bool, Unavailable> {
    let moved = sqlx::query(
        "UPDATE crons SET next_at = $4, enabled = ($4 IS NOT NULL)
         WHERE id = $1 AND enabled = 1 AND next_at IS $2 AND updated_at = $3",
    )
    .bind(cron.id.as_str())
    .bind(cron.next_at_ms)
    .bind(cron.updated_at_ms)
    .bind(step.next_at_ms)
    .execute(connection)
    .await
    .map_err(unavailable)?;
    Ok(moved.rows_affected() == 1)
}

/// A due time has its row already where the clock was put back.
async fn insert_missed(
    connection: &mut SqliteConnection,
    cron: &CronId,
    at_ms: i64,
    now_ms: i64,
) -> Result<(), Unavailable> {
    sqlx::query(
        "INSERT INTO cron_runs (id, cron_id, scheduled_at, ended_at, outcome) VALUES ($1, $2, $3, $4, 'missed')
         ON CONFLICT DO NOTHING",
    )
    .bind(CronRunId::random().0)
    .bind(cron.as_str())
    .bind(at_ms)
    .bind(now_ms)
    .execute(connection)
    .await
    .map_err(unavailable)?;
    Ok(())
}

async fn insert_run(
    connection: &mut SqliteConnection,
    cron: &DueCron,
    at_ms: i64,
    now_ms: i64,
) -> Result<(), Unavailable> {
    sqlx::query(
        "INSERT INTO cron_runs (id, cron_id, scheduled_at, ended_at, outcome)
         SELECT $1, $2, $3, CASE WHEN too_many THEN $4 END, CASE WHEN too_many THEN 'skipped' END
         FROM (SELECT count(*) >= $5 AS too_many FROM cron_runs WHERE cron_id = $2 AND outcome IS NULL)
         WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(CronRunId::random().0)
    .bind(cron.id.as_str())
    .bind(at_ms)
    .bind(now_ms)
    .bind(i64::try_from(cron.missed.unfinished_max()).unwrap_or(i64::MAX))
    .execute(connection)
    .await
    .map_err(unavailable)?;
    Ok(())
}

async fn forget_old(connection: &mut SqliteConnection, cron: &CronId) -> Result<(), Unavailable> {
    sqlx::query(
        "DELETE FROM cron_runs WHERE cron_id = $1 AND outcome IS NOT NULL AND scheduled_at <=
           (SELECT scheduled_at FROM cron_runs WHERE cron_id = $1 ORDER BY scheduled_at DESC LIMIT 1 OFFSET $2)",
    )
    .bind(cron.as_str())
    .bind(i64::try_from(RUNS_KEPT).unwrap_or(i64::MAX))
    .execute(connection)
    .await
    .map_err(unavailable)?;
    Ok(())
}

async fn recover(connection: &mut SqliteConnection, now_ms: i64) -> Result<u64, Unavailable> {
    sqlx::query(
        "INSERT INTO cron_runs (id, cron_id, scheduled_at, manual, attempt)
         SELECT 'crr_' || lower(hex(randomblob(16))), r.cron_id, r.scheduled_at, r.manual, r.attempt + 1
         FROM cron_runs r JOIN crons c ON c.id = r.cron_id
         WHERE r.outcome IS NULL AND r.lease_until < $1 AND c.missed <> 'skip' AND r.attempt < $2",
    )
    .bind(now_ms)
    .bind(ATTEMPTS_MAX)
    .execute(&mut *connection)
    .await
    .map_err(unavailable)?;
    let lost = sqlx::query(
        "UPDATE cron_runs SET outcome = 'lost', ended_at = $1, lease_until = NULL
         WHERE outcome IS NULL AND lease_until < $1",
    )
    .bind(now_ms)
    .execute(connection)
    .await
    .map_err(unavailable)?;
    Ok(lost.rows_affected())
}

fn read_cron(row: &SqliteRow) -> Result<DueCron, Unavailable> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(unavailable);
    let (weekdays, missed) = (text("weekdays")?, text("missed")?);
    Ok(DueCron {
        id: CronId(text("id")?),
        expression: text("expression")?,
        time_zone: text("time_zone")?,
        weekdays: Weekdays::parse(&weekdays)
            .map_err(|other| unavailable(format!("unknown `weekdays` `{other}`")))?,
        missed: Missed::parse(&missed)
            .map_err(|other| unavailable(format!("unknown `missed` `{other}`")))?,
        next_at_ms: row.try_get("next_at").map_err(unavailable)?,
        updated_at_ms: row.try_get("updated_at").map_err(unavailable)?,
    })
}

fn read_run(row: &SqliteRow) -> Result<ClaimedRun, Unavailable> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(unavailable);
    Ok(ClaimedRun {
        id: CronRunId(text("id")?),
        cron: CronId(text("cron_id")?),
        worker: WorkerId(text("worker_id")?),
        expression: text("expression")?,
        scheduled_at_ms: row.try_get("scheduled_at").map_err(unavailable)?,
        attempt: row.try_get("attempt").map_err(unavailable)?,
    })
}

fn unavailable(error: impl std::fmt::Display) -> Unavailable {
    Unavailable(error.to_string())
}
