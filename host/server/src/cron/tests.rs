//! Schedulers over one real store, with a clock that is set by hand.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use async_trait::async_trait;
use ouro_adapter_sqlite::{SqliteDatabases, SqliteMetadata};
use ouro_core::id::{DatabaseId, ExecutionId, OrganizationId};
use ouro_core::ports::crons::ClaimedRun;
use ouro_core::ports::database::{Database, DatabaseBackend, Statement, Value};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::launch::{Launched, Launcher};
use super::*;

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600_000;
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
/// Shorter than a lease, which no time passes for here.
const STEP: i64 = 10 * SECOND;

struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now_ms(&self) -> i64 {
        self.0.load(SeqCst)
    }
}

/// Notes what it runs, and ends a run for each permit.
struct Noting {
    runs: Mutex<Vec<i64>>,
    permits: Semaphore,
}

#[async_trait]
impl Launcher for Noting {
    async fn launch(&self, run: &ClaimedRun) -> Launched {
        self.runs.lock().expect("runs").push(run.scheduled_at_ms);
        self.permits.acquire().await.expect("open").forget();
        Launched {
            outcome: "ok".to_owned(),
            execution: Some(ExecutionId::from("exe_1")),
        }
    }
}

struct World {
    directory: tempfile::TempDir,
    database: Arc<dyn Database>,
    clock: Arc<SetClock>,
    launcher: Arc<Noting>,
}

/// One scheduler, with what it runs.
struct Node {
    scheduler: Arc<Scheduler>,
    runs: JoinSet<()>,
}

impl World {
    /// With a worker, and permits for so many runs.
    async fn new(permits: usize) -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let path = directory.path().join("platform.db");
        drop(SqliteMetadata::open(&path).await.expect("open"));
        let databases = SqliteDatabases::open(directory.path()).expect("open");
        let platform = DatabaseId::from(DatabaseId::PLATFORM);
        let world = Self {
            database: databases.open(&platform).await.expect("platform"),
            directory,
            clock: Arc::new(SetClock(AtomicI64::new(START))),
            launcher: Arc::new(Noting {
                runs: Mutex::default(),
                permits: Semaphore::new(permits),
            }),
        };
        world
            .sql(&format!(
                "INSERT INTO workers (id, organization_id, name, created_at, updated_at)
                 VALUES ('wrk_1', '{}', 'shop', 0, 0)",
                OrganizationId::DEFAULT
            ))
            .await;
        world
    }

    async fn sql(&self, sql: &str) -> Vec<Vec<Value>> {
        let statement = Statement {
            sql: sql.to_owned(),
            params: Vec::new(),
        };
        let results = self.database.query(vec![statement]).await;
        results.expect(sql).remove(0).rows
    }

    async fn cron(&self, expression: &str, missed: &str, next_at: Option<i64>) {
        let next_at = next_at.map_or("NULL".to_owned(), |at| at.to_string());
        self.sql(&format!(
            "INSERT INTO crons (id, worker_id, expression, time_zone, weekdays, enabled, missed, source, next_at, created_at, updated_at)
             VALUES ('crn_1', 'wrk_1', '{expression}', 'UTC', 'posix', 1, '{missed}', 'api', {next_at}, 0, 0)"
        ))
        .await;
    }

    async fn node(&self) -> Node {
        let path = self.directory.path().join("platform.db");
        let store = Arc::new(SqliteMetadata::open(path).await.expect("open"));
        let scheduler = Scheduler::new(
            store,
            self.launcher.clone(),
            self.clock.clone(),
            Arc::default(),
        );
        Node {
            scheduler: Arc::new(scheduler),
            runs: JoinSet::new(),
        }
    }

    fn now_is(&self, at_ms: i64) {
        self.clock.0.store(at_ms, SeqCst);
    }

    /// When the runs that began were due, since the start.
    fn ran(&self) -> Vec<i64> {
        let runs = self.launcher.runs.lock().expect("runs");
        runs.iter().map(|at_ms| at_ms - START).collect()
    }

    /// Due time since the start, attempt and outcome of each run.
    async fn history(&self) -> Vec<(i64, i64, String)> {
        let rows = self
            .sql("SELECT scheduled_at, attempt, coalesce(outcome, '') FROM cron_runs ORDER BY scheduled_at, attempt")
            .await;
        let run = |row: &Vec<Value>| match &row[..] {
            [
                Value::Integer(at_ms),
                Value::Integer(attempt),
                Value::Text(outcome),
            ] => (at_ms - START, *attempt, outcome.clone()),
            other => panic!("{other:?}"),
        };
        rows.iter().map(run).collect()
    }

    async fn next_at(&self) -> Value {
        self.sql("SELECT next_at FROM crons")
            .await
            .remove(0)
            .remove(0)
    }
}

impl Node {
    async fn look(&mut self) {
        self.scheduler.look(&mut self.runs).await.expect("look");
    }

    /// Until everything that is due has run.
    async fn finish(&mut self) {
        self.look().await;
        while let Some(ended) = self.runs.join_next().await {
            ended.expect("a run");
            self.look().await;
        }
    }

    /// As `kill -9` ends it.
    async fn die(mut self) {
        self.runs.shutdown().await;
    }
}

fn ok(at_ms: i64) -> (i64, i64, String) {
    (at_ms, 1, "ok".to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_due_time_runs_once_whatever_the_number_of_nodes() {
    let world = World::new(1_000).await;
    world.cron("* * * * * *", "skip", Some(START)).await;
    let (mut one, mut two) = (world.node().await, world.node().await);
    for second in 0..30 {
        world.now_is(START + second * SECOND + 3);
        tokio::join!(one.finish(), two.finish());
    }
    let expected: Vec<_> = (0..30).map(|second| second * SECOND).collect();
    assert_eq!(world.ran(), expected);
    let history = world.history().await;
    assert_eq!(history, expected.into_iter().map(ok).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_run_is_stored_with_its_outcome_and_execution() {
    let world = World::new(1).await;
    world.cron("* * * * *", "skip", Some(START)).await;
    let mut node = world.node().await;
    world.now_is(START + 5);
    node.finish().await;
    let rows = world
        .sql("SELECT started_at, ended_at, outcome, execution_id, lease_until FROM cron_runs")
        .await;
    let text = |text: &str| Value::Text(text.to_owned());
    let now = Value::Integer(START + 5);
    assert_eq!(
        rows,
        [[now.clone(), now, text("ok"), text("exe_1"), Value::Null]]
    );
    assert_eq!(world.next_at().await, Value::Integer(START + MINUTE));
}

#[tokio::test]
async fn what_is_due_while_a_run_goes_on_is_skipped() {
    let world = World::new(0).await;
    world.cron("*/10 * * * * *", "skip", Some(START)).await;
    let mut node = world.node().await;
    node.look().await;
    world.now_is(START + STEP);
    node.look().await;
    world.launcher.permits.add_permits(2);
    node.finish().await;
    world.now_is(START + 2 * STEP);
    node.finish().await;
    let skipped = (STEP, 1, "skipped".to_owned());
    assert_eq!(world.history().await, [ok(0), skipped, ok(2 * STEP)]);
}

#[tokio::test]
async fn what_is_due_while_a_run_goes_on_waits_where_none_is_to_be_missed() {
    let world = World::new(0).await;
    world.cron("*/10 * * * * *", "all", Some(START)).await;
    let mut node = world.node().await;
    node.look().await;
    world.now_is(START + STEP);
    node.look().await;
    assert_eq!(world.ran(), [0]);
    world.launcher.permits.add_permits(2);
    node.finish().await;
    assert_eq!(world.history().await, [ok(0), ok(STEP)]);
}

#[tokio::test]
async fn downtime_is_caught_up_with_by_the_policy() {
    let missed = (3 * MINUTE, 1, "missed".to_owned());
    for (policy, expected) in [
        ("skip", vec![missed]),
        ("once", vec![ok(3 * MINUTE)]),
        (
            "all",
            vec![ok(0), ok(MINUTE), ok(2 * MINUTE), ok(3 * MINUTE)],
        ),
    ] {
        let world = World::new(10).await;
        world.cron("* * * * *", policy, Some(START)).await;
        let mut node = world.node().await;
        world.now_is(START + 3 * MINUTE + 30 * SECOND);
        node.finish().await;
        assert_eq!(world.history().await, expected, "{policy}");
        assert_eq!(world.next_at().await, Value::Integer(START + 4 * MINUTE));
    }
}

#[tokio::test]
async fn a_run_whose_node_has_died_is_lost_and_done_again_by_the_policy() {
    let lost = |attempt| (0, attempt, "lost".to_owned());
    for (policy, expected) in [
        ("skip", vec![lost(1)]),
        ("once", vec![lost(1), (0, 2, "ok".to_owned())]),
    ] {
        let world = World::new(0).await;
        world.cron("0 * * * *", policy, Some(START)).await;
        let mut first = world.node().await;
        first.look().await;
        first.die().await;
        let mut second = world.node().await;
        world.now_is(START + 29 * SECOND);
        second.look().await;
        assert_eq!(world.history().await, [(0, 1, String::new())], "{policy}");
        world.launcher.permits.add_permits(1);
        world.now_is(START + 31 * SECOND);
        second.finish().await;
        assert_eq!(world.history().await, expected, "{policy}");
    }
}

#[tokio::test]
async fn a_run_that_takes_its_node_along_is_not_tried_for_ever() {
    let world = World::new(0).await;
    world.cron("0 * * * *", "all", Some(START)).await;
    for attempt in 0..5 {
        world.now_is(START + attempt * MINUTE);
        let mut node = world.node().await;
        node.look().await;
        node.die().await;
    }
    let lost = |attempt| (0, attempt, "lost".to_owned());
    assert_eq!(world.history().await, [lost(1), lost(2), lost(3)]);
}

#[tokio::test]
async fn a_cron_that_a_version_brought_begins_with_its_next_due_time() {
    let world = World::new(1).await;
    world.cron("* * * * *", "all", None).await;
    let mut node = world.node().await;
    world.now_is(START + 1);
    node.finish().await;
    assert!(world.history().await.is_empty());
    assert_eq!(world.next_at().await, Value::Integer(START + MINUTE));
}

#[tokio::test]
async fn what_is_switched_off_or_about_to_be_deleted_does_not_run() {
    let world = World::new(1).await;
    world.cron("* * * * *", "all", Some(START)).await;
    let mut node = world.node().await;
    for (off, on) in [
        (
            "UPDATE crons SET enabled = 0",
            "UPDATE crons SET enabled = 1",
        ),
        (
            "UPDATE organizations SET deletion_at = 1",
            "UPDATE organizations SET deletion_at = NULL",
        ),
    ] {
        world.sql(off).await;
        node.finish().await;
        assert!(world.ran().is_empty());
        world.sql(on).await;
    }
    node.finish().await;
    assert_eq!(world.ran(), [0]);
}

#[tokio::test]
async fn a_run_by_hand_runs_also_where_the_cron_is_switched_off() {
    let world = World::new(1).await;
    world.cron("* * * * *", "skip", None).await;
    world.sql("UPDATE crons SET enabled = 0").await;
    world
        .sql(&format!("INSERT INTO cron_runs (id, cron_id, scheduled_at, manual) VALUES ('crr_1', 'crn_1', {START}, 1)"))
        .await;
    world.node().await.finish().await;
    assert_eq!(world.history().await, [ok(0)]);
}

#[tokio::test]
async fn the_history_of_a_cron_is_bounded() {
    let world = World::new(1).await;
    world.cron("* * * * *", "skip", Some(START)).await;
    world
        .sql(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
             INSERT INTO cron_runs (id, cron_id, scheduled_at, ended_at, outcome)
             SELECT 'crr_' || i, 'crn_1', {START} - i, 0, 'ok' FROM n"
        ))
        .await;
    world.node().await.finish().await;
    assert_eq!(world.history().await.len(), 1_000);
    assert_eq!(world.history().await.last(), Some(&ok(0)));
}

#[tokio::test]
async fn the_end_waits_for_what_runs_and_takes_nothing_new() {
    let world = World::new(0).await;
    world.cron("* * * * *", "skip", Some(START)).await;
    let node = world.node().await;
    let stop = CancellationToken::new();
    let serving = tokio::spawn(node.scheduler.clone().serve(stop.clone()));
    // It runs once it is there.
    while world.ran().is_empty() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    world.now_is(START + MINUTE);
    assert!(!serving.is_finished());
    world.launcher.permits.add_permits(2);
    serving.await.expect("served");
    assert_eq!(world.history().await, [ok(0)]);
}

#[test]
fn an_expression_is_checked_as_this_host_takes_it() {
    let times = Crons::new(true).check("0 0 1 1 *", "UTC", Weekdays::Posix);
    assert_eq!(times.expect("valid").len(), CHECKED_TIMES);
    let seconds = Crons::new(false).check("* * * * * *", "UTC", Weekdays::Posix);
    assert_eq!(
        seconds,
        Err(CronError::SecondsForbidden("* * * * * *".to_owned()))
    );
    let never = Crons::new(true).check("0 0 30 2 *", "UTC", Weekdays::Posix);
    assert_eq!(never, Err(CronError::Never("0 0 30 2 *".to_owned())));
}
