//! What was looked up of keys and sessions, until something of it may have changed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Some 300 bytes each. A client can fill them with guesses, which costs the others a look-up.
const ENTRIES_MAX: usize = 20_000;

struct Entries<T> {
    generation: u64,
    /// `None`: there is no such thing.
    by_name: HashMap<String, Option<T>>,
}

/// Answers of a store by name, all of one generation.
pub struct Known<T>(Mutex<Entries<T>>);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(Mutex::new(Entries {
            generation: 0,
            by_name: HashMap::new(),
        }))
    }
}

impl<T: Clone> Known<T> {
    /// The outer `None`: it is not known.
    pub fn get(&self, generation: u64, name: &str) -> Option<Option<T>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_current = entries.generation == generation;
        is_current
            .then(|| entries.by_name.get(name).cloned())
            .flatten()
    }

    /// Keeps what was read in this generation. An answer of an older one may be outdated already.
    pub fn keep(&self, generation: u64, name: String, answer: Option<T>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generation > entries.generation {
            entries.generation = generation;
            entries.by_name.clear();
        }
        if generation < entries.generation {
            return;
        }
        if entries.by_name.len() >= ENTRIES_MAX {
            entries.by_name.clear();
        }
        entries.by_name.insert(name, answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_known_within_its_generation() {
        let known = Known::default();
        assert_eq!(known.get(1, "a"), None);
        known.keep(1, "a".into(), Some(7));
        known.keep(1, "b".into(), None);
        assert_eq!(known.get(1, "a"), Some(Some(7)));
        assert_eq!(known.get(1, "b"), Some(None));
        assert_eq!(known.get(2, "a"), None);
        known.keep(2, "b".into(), Some(8));
        // Asked before something changed, answered after it.
        known.keep(1, "a".into(), Some(7));
        assert_eq!(known.get(2, "a"), None);
        assert_eq!(known.get(2, "b"), Some(Some(8)));
    }

    #[test]
    fn guesses_do_not_grow_it_for_ever() {
        let known = Known::<u8>::default();
        for guess in 0..ENTRIES_MAX * 3 {
            known.keep(1, guess.to_string(), None);
        }
        let entries = known.0.lock().expect("unpoisoned");
        assert!(entries.by_name.len() <= ENTRIES_MAX);
    }
}
