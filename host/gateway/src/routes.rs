//! What is live, by worker name. Readers take a snapshot without a lock; a change swaps in a new table.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use ouro_core::WorkerVersion;
use ouro_core::id::WorkerId;
use ouro_runtime::LoadedWorker;

/// The live version of one worker, loaded.
pub struct Route {
    pub version: Arc<WorkerVersion>,
    pub worker: Arc<LoadedWorker>,
}

/// The routing table.
#[derive(Default)]
pub struct Routes {
    table: ArcSwap<Table>,
}

#[derive(Clone, Default)]
struct Table {
    by_name: HashMap<String, Arc<Route>>,
    by_id: HashMap<WorkerId, Arc<Route>>,
}

impl Table {
    fn insert(&mut self, route: Arc<Route>) {
        let version = &route.version;
        self.by_id.insert(version.worker.clone(), route.clone());
        self.by_name.insert(version.worker_name.clone(), route);
    }

    fn remove(&mut self, worker: &WorkerId) {
        self.by_id.remove(worker);
        // By its former name too.
        self.by_name
            .retain(|_, route| route.version.worker != *worker);
    }
}

impl Routes {
    /// The route of a name as it stands in a host: in any case (RFC 9110 4.2.3).
    pub fn get(&self, name: &str) -> Option<Arc<Route>> {
        let name = if name.bytes().any(|b| b.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        };
        self.table.load().by_name.get(name.as_ref()).cloned()
    }

    pub fn by_id(&self, worker: &WorkerId) -> Option<Arc<Route>> {
        self.table.load().by_id.get(worker).cloned()
    }

    /// Everything that is live now.
    pub fn all(&self) -> Vec<Arc<Route>> {
        self.table.load().by_name.values().cloned().collect()
    }

    /// Puts the whole table in place of the old one.
    pub fn replace(&self, routes: impl IntoIterator<Item = Arc<Route>>) {
        let mut table = Table::default();
        routes.into_iter().for_each(|route| table.insert(route));
        self.table.store(Arc::new(table));
    }

    /// Serves one worker by this route, or no longer where there is none. A former name of the worker goes away.
    pub fn set(&self, worker: &WorkerId, route: Option<Arc<Route>>) {
        self.table.rcu(|table| {
            let mut table = Table::clone(table);
            table.remove(worker);
            if let Some(route) = &route {
                table.insert(route.clone());
            }
            table
        });
    }
}
