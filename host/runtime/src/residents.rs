//! Which workers' code lies in memory, within a budget. What was called longest ago is given up first; its next call reads it again from
//! the cache of native code.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crate::compile::{Code, Ready};

/// Giving up looks at every worker, so it makes room for some more at once.
const KEPT_OF_EIGHT: u64 = 7;

pub(crate) struct Residents {
    bytes_max: u64,
    bytes: Arc<AtomicU64>,
    start: Instant,
    places: Mutex<Vec<Weak<Place>>>,
}

/// Where one worker's code lies while it is in memory.
#[derive(Default)]
pub(crate) struct Place {
    resident: Mutex<Option<Arc<Resident>>>,
    /// Milliseconds after the start of the process's [`Residents`].
    called_at: AtomicU64,
}

/// Code in memory. It counts until the last invocation that runs it has ended.
pub(crate) struct Resident {
    pub code: Code,
    bytes: u64,
    all: Arc<AtomicU64>,
}

impl Drop for Resident {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Relaxed);
    }
}

impl Residents {
    pub fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max,
            bytes: Arc::default(),
            start: Instant::now(),
            places: Mutex::default(),
        }
    }

    /// All code in memory, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// The code at the place, which is called now; none where it was given up or never was there.
    pub fn get(&self, place: &Place) -> Option<Arc<Resident>> {
        let now = self.start.elapsed().as_millis() as u64;
        place.called_at.store(now, Relaxed);
        place.resident().clone()
    }

    /// Keeps code at a place, and gives up others' where it would be too much.
    pub fn keep(&self, place: &Arc<Place>, ready: Ready) -> Arc<Resident> {
        let resident = Arc::new(Resident {
            code: ready.code,
            bytes: ready.bytes,
            all: self.bytes.clone(),
        });
        let before = self.bytes.fetch_add(ready.bytes, Relaxed);
        let mut places = self.places();
        if before + ready.bytes > self.bytes_max {
            self.make_room(&mut places);
        }
        *place.resident() = Some(resident.clone());
        places.push(Arc::downgrade(place));
        resident
    }

    fn make_room(&self, places: &mut Vec<Weak<Place>>) {
        let mut held: Vec<_> = places
            .drain(..)
            .filter_map(|place| place.upgrade())
            .collect();
        held.sort_by_key(|place| place.called_at.load(Relaxed));
        let enough = self.bytes_max / 8 * KEPT_OF_EIGHT;
        let mut surplus = self.bytes.load(Relaxed).saturating_sub(enough);
        held.retain(|place| {
            let mut resident = place.resident();
            let Some(kept) = &*resident else {
                return false;
            };
            // What runs would stay in memory all the same.
            if surplus == 0 || Arc::strong_count(kept) > 1 {
                return true;
            }
            surplus = surplus.saturating_sub(kept.bytes);
            *resident = None;
            false
        });
        places.extend(held.iter().map(Arc::downgrade));
    }

    fn places(&self) -> MutexGuard<'_, Vec<Weak<Place>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn resident(&self) -> MutexGuard<'_, Option<Arc<Resident>>> {
        self.resident.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
