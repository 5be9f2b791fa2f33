//! What handlers keep between requests: a value under a path and a key, which taking removes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

#[derive(Default)]
pub struct Stash(Mutex<HashMap<(String, String), Value>>);

impl Stash {
    pub fn put(&self, path: &str, key: &str, value: Value) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.insert((path.to_owned(), key.to_owned()), value);
    }

    pub fn take(&self, path: &str, key: &str) -> Option<Value> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.remove(&(path.to_owned(), key.to_owned()))
    }
}
