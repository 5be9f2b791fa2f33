//! What is kept within a budget: the clock algorithm, which comes close to keeping what was used last and writes one flag per use.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Values with a weight. Where one more does not fit, those go that were not used since they were last looked at.
pub struct SecondChance<K, V> {
    weight_max: u64,
    weight: u64,
    entries: HashMap<K, Entry<V>>,
    /// The keys, in the order in which they are looked at.
    order: VecDeque<K>,
}

struct Entry<V> {
    value: V,
    weight: u64,
    used: bool,
}

impl<K: Copy + Eq + Hash, V> SecondChance<K, V> {
    pub fn new(weight_max: u64) -> Self {
        Self {
            weight_max,
            weight: 0,
            entries: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Of all values together.
    pub fn weight(&self) -> u64 {
        self.weight
    }

    pub fn get(&mut self, key: &K) -> Option<&V> {
        let entry = self.entries.get_mut(key)?;
        entry.used = true;
        Some(&entry.value)
    }

    /// Keeps the value in place of another of this key; not where it is over the budget by itself.
    pub fn put(&mut self, key: K, value: V, weight: u64) {
        self.remove(&key);
        if weight > self.weight_max {
            return;
        }
        while self.weight + weight > self.weight_max {
            self.look_at_next();
        }
        self.weight += weight;
        self.order.push_back(key);
        let entry = Entry {
            value,
            weight,
            used: false,
        };
        self.entries.insert(key, entry);
    }

    pub fn remove(&mut self, key: &K) {
        if let Some(entry) = self.entries.remove(key) {
            self.weight -= entry.weight;
            self.order.retain(|other| other != key);
        }
    }

    fn look_at_next(&mut self) {
        let Some(key) = self.order.pop_front() else {
            return;
        };
        match self.entries.get_mut(&key) {
            Some(entry) if entry.used => {
                entry.used = false;
                self.order.push_back(key);
            }
            _ => {
                if let Some(entry) = self.entries.remove(&key) {
                    self.weight -= entry.weight;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(of: &SecondChance<u8, char>) -> Vec<u8> {
        let mut keys: Vec<_> = of.entries.keys().copied().collect();
        keys.sort_unstable();
        assert_eq!(of.order.len(), keys.len());
        let weights = of.entries.values().map(|entry| entry.weight);
        assert_eq!(weights.sum::<u64>(), of.weight());
        assert!(of.weight() <= of.weight_max);
        keys
    }

    #[test]
    fn what_is_not_used_makes_room() {
        let mut values = SecondChance::new(30);
        for key in 0..9 {
            values.put(key, 'v', 10);
            assert_eq!(values.get(&0), Some(&'v'), "it is used all the time");
        }
        assert_eq!(kept(&values), [0, 7, 8]);
    }

    #[test]
    fn a_heavy_value_takes_the_room_of_several() {
        let mut values = SecondChance::new(30);
        for key in 0..3 {
            values.put(key, 'v', 10);
        }
        values.put(3, 'v', 20);
        assert_eq!(kept(&values), [2, 3]);
        // Used ones go too, where there is no other way.
        assert!(values.get(&2).is_some() && values.get(&3).is_some());
        values.put(4, 'v', 30);
        assert_eq!(kept(&values), [4]);
        values.put(5, 'v', 31);
        assert_eq!(kept(&values), [4], "what never fits takes no room");
    }

    #[test]
    fn a_key_has_one_value() {
        let mut values = SecondChance::new(30);
        values.put(1, 'a', 10);
        values.put(1, 'b', 20);
        assert_eq!(values.get(&1), Some(&'b'));
        assert_eq!(kept(&values), [1]);
        values.remove(&1);
        assert_eq!(values.get(&1), None);
        assert!(kept(&values).is_empty());
    }
}
