//! Which workers' code lies in memory, within a budget. What was called longest ago is given up first; its next call reads it again, from the
//! cache or from the artifact store.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crate::budget::Budget;
use crate::compile::Code;
use crate::slots::Slots;

/// Giving up looks at every worker, so it makes room for some more at once.
const KEPT_OF_EIGHT: u64 = 7;
/// Workers that are called again and again take more memory with time. How often that is looked at, in milliseconds.
const GROWTH_INTERVAL: u64 = 1000;

pub(crate) struct Residents {
    bytes_max: u64,
    budget: Arc<Budget>,
    slots: Slots,
    start: Instant,
    places: Mutex<Vec<Weak<Place>>>,
    /// Milliseconds after the start.
    looked_at: AtomicU64,
}

/// Where one worker's code lies while it is in memory.
#[derive(Default)]
pub(crate) struct Place {
    resident: Mutex<Option<Arc<Code>>>,
    /// Milliseconds after the start of the process's [`Residents`].
    called_at: AtomicU64,
}

impl Residents {
    pub fn new(bytes_max: u64, budget: Budget, slots: Slots) -> Self {
        Self {
            bytes_max,
            budget: Arc::new(budget),
            slots,
            start: Instant::now(),
            places: Mutex::default(),
            looked_at: AtomicU64::new(0),
        }
    }

    /// All code in memory, in bytes, until the last invocation that runs it has ended.
    pub fn bytes(&self) -> u64 {
        self.budget.bytes()
    }

    /// What code takes is held of it.
    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// The code at the place, which is called now; none where it was given up or never was there.
    pub fn get(&self, place: &Place) -> Option<Arc<Code>> {
        let now = self.start.elapsed().as_millis() as u64;
        place.called_at.store(now, Relaxed);
        if self.budget.bytes() > self.bytes_max && self.is_time_to_look(now) {
            self.make_room(&mut self.places());
        }
        place.resident().clone()
    }

    fn is_time_to_look(&self, now: u64) -> bool {
        let before = self.looked_at.load(Relaxed);
        let is_time = now.saturating_sub(before) >= GROWTH_INTERVAL;
        let looked_at = &self.looked_at;
        is_time
            && looked_at
                .compare_exchange(before, now, Relaxed, Relaxed)
                .is_ok()
    }

    /// Keeps code at a place, and gives up others' where it would be too much.
    pub fn keep(&self, place: &Arc<Place>, code: Code) -> Arc<Code> {
        let code = Arc::new(code);
        let mut places = self.places();
        if self.budget.bytes() > self.bytes_max {
            self.make_room(&mut places);
        }
        *place.resident() = Some(code.clone());
        places.push(Arc::downgrade(place));
        code
    }

    fn make_room(&self, places: &mut Vec<Weak<Place>>) {
        let mut held: Vec<_> = places
            .drain(..)
            .filter_map(|place| place.upgrade())
            .collect();
        held.sort_by_key(|place| place.called_at.load(Relaxed));
        let enough = self.bytes_max / 8 * KEPT_OF_EIGHT;
        let mut surplus = self.budget.bytes().saturating_sub(enough);
        held.retain(|place| {
            let mut resident = place.resident();
            let Some(code) = &*resident else {
                return false;
            };
            // What runs would stay in memory all the same.
            if surplus == 0 || Arc::strong_count(code) > 1 {
                return true;
            }
            surplus = surplus.saturating_sub(code.held_bytes());
            *resident = None;
            false
        });
        places.extend(held.iter().map(Arc::downgrade));
        self.slots.forget_unused();
    }

    fn places(&self) -> MutexGuard<'_, Vec<Weak<Place>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn resident(&self) -> MutexGuard<'_, Option<Arc<Code>>> {
        self.resident.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
