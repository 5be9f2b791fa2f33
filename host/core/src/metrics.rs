//! Numbers that many threads count and somebody adds up now and then.
//!
//! Each thread counts in a place of its own, so that counting costs no other core a cache line.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// One `T` for each thread, as far as there are cores; beyond that threads share.
pub struct Sharded<T> {
    /// A power of two.
    shards: Box<[Apart<T>]>,
}

/// Alone in its cache lines. Processors fetch them in pairs.
#[repr(align(128))]
#[derive(Default)]
struct Apart<T>(T);

impl<T: Default> Default for Sharded<T> {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let shards = 0..cores.next_power_of_two();
        Self {
            shards: shards.map(|_| Apart::default()).collect(),
        }
    }
}

impl<T> Sharded<T> {
    /// The calling thread's.
    pub fn own(&self) -> &T {
        let at = thread_number() & (self.shards.len() - 1);
        &self.shards[at].0
    }

    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.shards.iter().map(|shard| &shard.0)
    }
}

/// In the order in which threads first count something.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    NUMBER.get().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Relaxed);
        NUMBER.set(Some(number));
        number
    })
}

/// So many of each kind; the kinds are numbered.
pub struct Counts<const KINDS: usize>([AtomicU64; KINDS]);

impl<const KINDS: usize> Default for Counts<KINDS> {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; KINDS])
    }
}

impl<const KINDS: usize> Counts<KINDS> {
    pub fn add(&self, kind: usize) {
        self.0[kind].fetch_add(1, Relaxed);
    }

    fn get(&self) -> [u64; KINDS] {
        std::array::from_fn(|kind| self.0[kind].load(Relaxed))
    }
}

impl<const KINDS: usize> Sharded<Counts<KINDS>> {
    pub fn sum(&self) -> [u64; KINDS] {
        sum(self.all())
    }
}

pub fn sum<'a, const KINDS: usize>(
    counts: impl Iterator<Item = &'a Counts<KINDS>>,
) -> [u64; KINDS] {
    counts.map(Counts::get).fold([0; KINDS], |sum, counts| {
        std::array::from_fn(|kind| sum[kind] + counts[kind])
    })
}

/// How values are distributed over so many buckets and what lies above them.
pub struct Histogram<const BUCKETS: usize> {
    bounds: &'static [u64; BUCKETS],
    counts: Counts<BUCKETS>,
    above: AtomicU64,
    sum: AtomicU64,
}

impl<const BUCKETS: usize> Histogram<BUCKETS> {
    /// The upper bounds ascend, and belong to their buckets.
    pub fn new(bounds: &'static [u64; BUCKETS]) -> Self {
        Self {
            bounds,
            counts: Counts::default(),
            above: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }

    pub fn observe(&self, value: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        let count = self.counts.0.get(bucket).unwrap_or(&self.above);
        count.fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }
}

/// What a histogram held at one moment, or several of the same buckets together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    pub bounds: &'static [u64],
    /// One more than there are bounds: the last is of what lies above them.
    pub counts: Vec<u64>,
    pub sum: u64,
}

impl Distribution {
    pub fn of<'a, const BUCKETS: usize>(
        histograms: impl IntoIterator<Item = &'a Histogram<BUCKETS>>,
    ) -> Self {
        let mut all = Self {
            bounds: &[],
            counts: vec![0; BUCKETS + 1],
            sum: 0,
        };
        for histogram in histograms {
            all.bounds = histogram.bounds;
            let counts = histogram.counts.0.iter().chain([&histogram.above]);
            for (sum, count) in all.counts.iter_mut().zip(counts) {
                *sum += count.load(Relaxed);
            }
            all.sum += histogram.sum.load(Relaxed);
        }
        all
    }

    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_threads_count_adds_up() {
        let counts: Sharded<Counts<2>> = Sharded::default();
        std::thread::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|| (0..1000).for_each(|_| counts.own().add(1)));
            }
        });
        assert_eq!(counts.sum(), [0, 5000]);
    }

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = Histogram::new(&[10, 100]);
        for value in [0, 10, 11, 100, 101, 1000] {
            histogram.observe(value);
        }
        let both = Distribution::of([&histogram, &histogram]);
        assert_eq!(both.bounds, [10, 100]);
        assert_eq!(both.counts, [4, 4, 4]);
        assert_eq!((both.count(), both.sum), (12, 2444));
    }
}
