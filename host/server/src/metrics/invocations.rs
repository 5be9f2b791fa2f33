//! All invocations of this process, counted when they end.

use ouro_core::metrics::{Counts, Distribution, Histogram, Sharded, sum};
use ouro_core::{Execution, Outcome, Trigger};

const OUTCOMES: usize = Outcome::ALL.len();
const KINDS: usize = Trigger::ALL.len() * OUTCOMES;

/// From 100 µs to 300 s, in microseconds.
const TIME_BOUNDS_US: [u64; 20] = [
    100,
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    30_000_000,
    60_000_000,
    120_000_000,
    300_000_000,
];
/// From 256 KiB to 1 GiB.
const MEMORY_BOUNDS: [u64; 13] = {
    let mut bounds = [256 << 10; 13];
    let mut at = 1;
    while at < bounds.len() {
        bounds[at] = bounds[at - 1] * 2;
        at += 1;
    }
    bounds
};

#[derive(Default)]
pub struct Invocations(Sharded<Shard>);

struct Shard {
    /// Trigger by trigger, each with every outcome.
    ended: Counts<KINDS>,
    duration_us: Histogram<{ TIME_BOUNDS_US.len() }>,
    cpu_us: Histogram<{ TIME_BOUNDS_US.len() }>,
    memory_bytes: Histogram<{ MEMORY_BOUNDS.len() }>,
}

impl Default for Shard {
    fn default() -> Self {
        Self {
            ended: Counts::default(),
            duration_us: Histogram::new(&TIME_BOUNDS_US),
            cpu_us: Histogram::new(&TIME_BOUNDS_US),
            memory_bytes: Histogram::new(&MEMORY_BOUNDS),
        }
    }
}

impl Invocations {
    /// Called for each invocation.
    pub fn note(&self, execution: &Execution) {
        let shard = self.0.own();
        let kind = execution.trigger as usize * OUTCOMES + execution.outcome as usize;
        shard.ended.add(kind);
        shard.duration_us.observe(execution.duration_us);
        shard.cpu_us.observe(execution.cpu_us);
        shard.memory_bytes.observe(execution.memory_bytes_max);
    }

    pub fn ended(&self) -> impl Iterator<Item = (Trigger, Outcome, u64)> {
        let counts = sum(self.0.all().map(|shard| &shard.ended));
        let kinds = Trigger::ALL.into_iter().flat_map(|trigger| {
            let outcomes = Outcome::ALL.into_iter();
            outcomes.map(move |outcome| (trigger, outcome))
        });
        let all = kinds.zip(counts);
        all.map(|((trigger, outcome), count)| (trigger, outcome, count))
    }

    pub fn duration_us(&self) -> Distribution {
        Distribution::of(self.0.all().map(|shard| &shard.duration_us))
    }

    pub fn cpu_us(&self) -> Distribution {
        Distribution::of(self.0.all().map(|shard| &shard.cpu_us))
    }

    pub fn memory_bytes(&self) -> Distribution {
        Distribution::of(self.0.all().map(|shard| &shard.memory_bytes))
    }
}
