//! Versions that the label before a worker's name leads to: looked up and loaded with their first request, and kept in a bounded table.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use async_trait::async_trait;
use ouro_core::Digest;
use ouro_core::name::check_worker_name;
use ouro_core::second_chance::SecondChance;
use tokio::sync::Semaphore;

use crate::routes::{Route, lower_case};

/// Names that are remembered.
const NAMES_MAX: u64 = 1_000;

/// Names that are looked up at once. Anybody can ask for names that mean nothing: they wait for each other, and leave the store to others.
const LOOKUPS_AT_ONCE: usize = 2;

/// Why a name leads to no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    Unknown,
    /// More than one version's id begins so.
    Ambiguous,
    /// The version cannot run on this host.
    NotRunnable,
    /// The store did not answer.
    Unavailable,
}

/// Finds versions by names.
#[async_trait]
pub trait FindVersion: Send + Sync + 'static {
    /// The version that a name means, loaded. Both names are in lower case. `known` is what the name meant before; where it still does,
    /// its loaded state stays.
    async fn find(
        &self,
        worker: &str,
        name: &str,
        known: Option<Arc<Route>>,
    ) -> Result<Arc<Route>, NotFound>;
}

/// What names lead to.
pub struct NamedRoutes {
    finder: OnceLock<Weak<dyn FindVersion>>,
    /// By the digest of worker and name: the route, and the generation in which it was found.
    known: Mutex<SecondChance<Digest, (Arc<Route>, u64)>>,
    /// Grows whenever names may have come to mean something else.
    generation: AtomicU64,
    lookups: Semaphore,
}

impl Default for NamedRoutes {
    fn default() -> Self {
        Self {
            finder: OnceLock::new(),
            known: Mutex::new(SecondChance::new(NAMES_MAX)),
            generation: AtomicU64::new(0),
            lookups: Semaphore::new(LOOKUPS_AT_ONCE),
        }
    }
}

impl NamedRoutes {
    /// Asks this one from now on. Only the first call counts; until then no name leads anywhere.
    pub fn set_finder(&self, finder: Weak<dyn FindVersion>) {
        let _ = self.finder.set(finder);
    }

    /// What is remembered counts no longer without being looked up once more.
    pub(crate) fn look_again(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }

    fn known(&self) -> MutexGuard<'_, SecondChance<Digest, (Arc<Route>, u64)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version of a worker that a name means.
    pub(crate) async fn get(&self, worker: &str, name: &str) -> Result<Arc<Route>, NotFound> {
        let (worker, name) = (lower_case(worker), lower_case(name));
        // Aliases are made as the names of workers are.
        if check_worker_name(&worker).is_err() || check_worker_name(&name).is_err() {
            return Err(NotFound::Unknown);
        }
        // No label holds a dot, so that no two pairs are one text.
        let key = Digest::of(format!("{name}.{worker}").as_bytes());
        if let Some(route) = self.current(&key) {
            return Ok(route);
        }
        let finder = self.finder.get().and_then(Weak::upgrade);
        let finder = finder.ok_or(NotFound::Unavailable)?;
        let _turn = self.lookups.acquire().await;
        // Another request may have found it meanwhile.
        if let Some(route) = self.current(&key) {
            return Ok(route);
        }
        // Before the look-up: what changes during it makes the answer old.
        let generation = self.generation.load(Ordering::Acquire);
        let known = self.known().get(&key).map(|(route, _)| route.clone());
        match finder.find(&worker, &name, known).await {
            Ok(route) => {
                self.known().put(key, (route.clone(), generation), 1);
                Ok(route)
            }
            Err(error) => {
                if error != NotFound::Unavailable {
                    self.known().remove(&key);
                }
                Err(error)
            }
        }
    }

    fn current(&self, key: &Digest) -> Option<Arc<Route>> {
        let generation = self.generation.load(Ordering::Acquire);
        let mut known = self.known();
        let (route, found_in) = known.get(key)?;
        (*found_in == generation).then(|| route.clone())
    }
}
