//! How the invocations of each worker ended within the last ten minutes. It is counted here and not read from the records, of which
//! the budget drops most under load; so it begins anew with the process, and is that of this node (decision 0013).
//!
//! Threads count apart. A success costs one look-up in the thread's own table; what failed is kept in another, which is as small as the
//! number of workers that fail.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ouro_core::health::{Failure, Health, Status};
use ouro_core::id::WorkerId;
use ouro_core::metrics::Sharded;
use ouro_core::{EnvValue, Execution, Outcome};
use ouro_runtime::LoadedWorker;

const MINUTE_MS: u64 = 60_000;
const MINUTES: usize = 10;
const MESSAGE_CHARS_MAX: usize = 200;
const OUTCOMES: usize = Outcome::ALL.len();
/// What is no failure.
const QUIET: [Outcome; 2] = [Outcome::Ok, Outcome::Canceled];

/// The invocations of every worker, lately.
#[derive(Default)]
pub struct Recent(Sharded<Mutex<Shard>>);

/// What one thread has seen.
#[derive(Default)]
struct Shard {
    quiet: HashMap<WorkerId, Window<{ QUIET.len() }>>,
    failed: HashMap<WorkerId, Failures>,
    /// What has not been heard of for the whole window is forgotten once in each minute.
    minute: u64,
}

struct Failures {
    worker_name: String,
    window: Window<OUTCOMES>,
    last: Failure,
}

/// A worker that failed lately.
#[derive(Debug)]
pub struct Unwell {
    pub id: WorkerId,
    pub name: String,
    pub health: Health,
}

impl Unwell {
    pub fn failures(&self) -> impl Iterator<Item = (Outcome, u64)> {
        let endings = self.health.endings.iter().copied();
        endings.filter(|(outcome, _)| outcome.is_failure())
    }
}

impl Recent {
    /// Called for each invocation.
    pub fn note(&self, worker: &LoadedWorker, execution: &Execution) {
        let ended_at_ms = execution.started_at_ms + execution.duration_us / 1000;
        let mut shard = locked(self.0.own());
        shard.forget(ended_at_ms / MINUTE_MS);
        match QUIET.iter().position(|it| *it == execution.outcome) {
            Some(kind) => shard.note_quiet(&execution.worker, ended_at_ms, kind),
            None => {
                let name = &worker.version().worker_name;
                let failure = Failure {
                    outcome: execution.outcome,
                    message: message(execution.error.as_deref().unwrap_or_default(), worker.env()),
                    ended_at_ms,
                    execution: execution.id.clone(),
                };
                shard.note_failure(&execution.worker, name, failure);
            }
        }
    }

    pub fn health(&self, worker: &WorkerId) -> Health {
        self.health_at(worker, now_ms())
    }

    fn health_at(&self, worker: &WorkerId, now_ms: u64) -> Health {
        let minute = now_ms / MINUTE_MS;
        let mut counts = [0; OUTCOMES];
        let mut last: Option<Failure> = None;
        for shard in self.0.all() {
            let shard = locked(shard);
            if let Some(window) = shard.quiet.get(worker) {
                for (outcome, count) in QUIET.into_iter().zip(window.sum(minute)) {
                    counts[outcome as usize] += count;
                }
            }
            if let Some(failures) = shard.failed.get(worker)
                && failures.window.is_recent(minute)
            {
                for (sum, count) in counts.iter_mut().zip(failures.window.sum(minute)) {
                    *sum += count;
                }
                let is_older = |it: &Failure| it.ended_at_ms < failures.last.ended_at_ms;
                if last.as_ref().is_none_or(is_older) {
                    last = Some(failures.last.clone());
                }
            }
        }
        let endings = Outcome::ALL.into_iter().zip(counts);
        let endings: Vec<_> = endings.filter(|(_, count)| *count > 0).collect();
        Health {
            status: Status::of(&endings),
            window: Duration::from_millis(MINUTES as u64 * MINUTE_MS),
            endings,
            last_failure: last,
        }
    }

    /// The workers that failed, those with most failures first.
    pub fn unwell(&self) -> Vec<Unwell> {
        self.unwell_at(now_ms())
    }

    fn unwell_at(&self, now_ms: u64) -> Vec<Unwell> {
        let mut names = BTreeMap::new();
        for shard in self.0.all() {
            let shard = locked(shard);
            let failed = shard.failed.iter();
            names.extend(failed.map(|(id, it)| (id.clone(), it.worker_name.clone())));
        }
        let unwell = names.into_iter().map(|(id, name)| Unwell {
            health: self.health_at(&id, now_ms),
            id,
            name,
        });
        let failures = |it: &Unwell| it.failures().map(|(_, count)| count).sum::<u64>();
        let mut unwell: Vec<_> = unwell.filter(|it| failures(it) > 0).collect();
        unwell.sort_by_cached_key(|it| std::cmp::Reverse(failures(it)));
        unwell
    }
}

impl Shard {
    fn forget(&mut self, minute: u64) {
        if minute > self.minute {
            self.minute = minute;
            self.quiet.retain(|_, window| window.is_recent(minute));
            self.failed.retain(|_, it| it.window.is_recent(minute));
        }
    }

    fn note_quiet(&mut self, worker: &WorkerId, ended_at_ms: u64, kind: usize) {
        let minute = ended_at_ms / MINUTE_MS;
        match self.quiet.get_mut(worker) {
            Some(window) => window.add(minute, kind),
            None => {
                let window = self.quiet.entry(worker.clone()).or_default();
                window.add(minute, kind);
            }
        }
    }

    fn note_failure(&mut self, worker: &WorkerId, name: &str, failure: Failure) {
        let (minute, kind) = (failure.ended_at_ms / MINUTE_MS, failure.outcome as usize);
        let failures = match self.failed.entry(worker.clone()) {
            Entry::Occupied(entry) => {
                let failures = entry.into_mut();
                // Threads may share a table, and come in another order than they looked at the clock.
                if failures.last.ended_at_ms <= failure.ended_at_ms {
                    failures.last = failure;
                }
                failures
            }
            Entry::Vacant(entry) => entry.insert(Failures {
                worker_name: name.to_owned(),
                window: Window::default(),
                last: failure,
            }),
        };
        if failures.worker_name != name {
            failures.worker_name = name.to_owned();
        }
        failures.window.add(minute, kind);
    }
}

/// Counts of the present minute and the nine before it.
struct Window<const KINDS: usize> {
    newest: u64,
    /// A minute's place is its number modulo ten.
    counts: [[u32; KINDS]; MINUTES],
}

impl<const KINDS: usize> Default for Window<KINDS> {
    fn default() -> Self {
        Self {
            newest: 0,
            counts: [[0; KINDS]; MINUTES],
        }
    }
}

impl<const KINDS: usize> Window<KINDS> {
    /// A clock that was set back counts for the newest minute.
    fn add(&mut self, minute: u64, kind: usize) {
        if minute > self.newest {
            let passed = minute.min(self.newest + MINUTES as u64);
            (self.newest + 1..=passed).for_each(|it| self.counts[place(it)] = [0; KINDS]);
            self.newest = minute;
        }
        let count = &mut self.counts[place(self.newest)][kind];
        *count = count.saturating_add(1);
    }

    fn is_recent(&self, minute: u64) -> bool {
        self.newest + MINUTES as u64 > minute
    }

    fn sum(&self, minute: u64) -> [u64; KINDS] {
        let first = (minute + 1).saturating_sub(MINUTES as u64);
        let oldest = (self.newest + 1).saturating_sub(MINUTES as u64);
        let minutes = first.max(oldest)..=self.newest;
        minutes.fold([0; KINDS], |sum, minute| {
            let counts = &self.counts[place(minute)];
            std::array::from_fn(|kind| sum[kind] + u64::from(counts[kind]))
        })
    }
}

fn place(minute: u64) -> usize {
    (minute % MINUTES as u64) as usize
}

fn locked(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

/// The first line of an error. Secrets go first: one of several lines would be half gone otherwise.
fn message(error: &str, env: &[(String, EnvValue)]) -> String {
    let mut text = error.to_owned();
    for (_, value) in env {
        if let EnvValue::Secret(secret) = value
            && !secret.is_empty()
        {
            text = text.replace(secret.as_str(), "…");
        }
    }
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(MESSAGE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use ouro_core::id::ExecutionId;

    use super::*;

    const NOW: u64 = 1_700_000_000_000;

    fn worker() -> WorkerId {
        WorkerId::from("wrk_1")
    }

    fn failure(outcome: Outcome, ended_at_ms: u64) -> Failure {
        Failure {
            outcome,
            message: format!("at {ended_at_ms}"),
            ended_at_ms,
            execution: ExecutionId::from("exe_1"),
        }
    }

    fn fail(recent: &Recent, outcome: Outcome, ended_at_ms: u64) {
        let failure = failure(outcome, ended_at_ms);
        locked(recent.0.own()).note_failure(&worker(), "shop", failure);
    }

    #[test]
    fn what_is_quiet_is_what_is_no_failure() {
        for outcome in Outcome::ALL {
            assert_eq!(QUIET.contains(&outcome), !outcome.is_failure());
        }
    }

    #[test]
    fn a_window_holds_ten_minutes() {
        let mut window = Window::<1>::default();
        for minute in 100..=120 {
            window.add(minute, 0);
        }
        assert_eq!(window.sum(120), [10]);
        assert_eq!(window.sum(125), [5]);
        assert_eq!(window.sum(129), [1]);
        assert_eq!(window.sum(130), [0]);
        assert!(window.is_recent(129) && !window.is_recent(130));
        // The clock was set back: nothing is lost.
        window.add(90, 0);
        assert_eq!(window.sum(90), [11]);
        window.add(1000, 0);
        assert_eq!(window.sum(1000), [1]);
    }

    #[test]
    fn threads_tell_of_one_worker_together() {
        let recent = Recent::default();
        std::thread::scope(|scope| {
            for thread in 0..3 {
                let recent = &recent;
                scope.spawn(move || {
                    locked(recent.0.own()).note_quiet(&worker(), NOW, 0);
                    fail(recent, Outcome::ExceededCpu, NOW + thread);
                    fail(recent, Outcome::ExceededCpu, NOW + thread);
                });
            }
        });
        let health = recent.health_at(&worker(), NOW + 10);
        let expected = [(Outcome::Ok, 3), (Outcome::ExceededCpu, 6)];
        assert_eq!(health.endings, expected);
        assert_eq!(health.status, Status::Dying);
        let last = health.last_failure.expect("a failure");
        assert_eq!(last, failure(Outcome::ExceededCpu, NOW + 2));
        let unwell = recent.unwell_at(NOW + 10);
        assert_eq!(unwell[0].name, "shop");
        assert!(recent.unwell_at(NOW + 11 * MINUTE_MS).is_empty());
    }

    #[test]
    fn after_ten_minutes_nothing_is_known_and_nothing_kept() {
        let recent = Recent::default();
        fail(&recent, Outcome::Trapped, NOW);
        let later = NOW + 11 * MINUTE_MS;
        let health = recent.health_at(&worker(), later);
        assert_eq!((health.status, health.last_failure), (Status::Idle, None));
        let mut shard = locked(recent.0.own());
        shard.forget(later / MINUTE_MS);
        assert!(shard.failed.is_empty());
    }

    #[test]
    fn a_message_is_one_line_without_secrets() {
        let env = [
            ("KEY".to_owned(), EnvValue::Secret("s3cret\nvalue".into())),
            ("VOID".to_owned(), EnvValue::Secret(String::new())),
            ("VAR".to_owned(), EnvValue::Text("seen".into())),
        ];
        let told = |error: &str| message(error, &env);
        assert_eq!(told("Error: seen s3cret\nvalue!\n at x"), "Error: seen …!");
        assert_eq!(told(""), "");
        assert_eq!(told(&"é".repeat(300)), format!("{}…", "é".repeat(200)));
    }
}
