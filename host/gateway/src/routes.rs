//! What is live, by worker name and by domain. Readers take a snapshot without a lock; a change swaps in a new table.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use ouro_core::WorkerVersion;
use ouro_core::id::WorkerId;
use ouro_runtime::LoadedWorker;

use crate::named::NamedRoutes;
use crate::split::Split;

/// One version, loaded.
pub struct Route {
    pub version: Arc<WorkerVersion>,
    pub worker: Arc<LoadedWorker>,
}

/// What is live of one worker.
#[derive(Clone)]
pub enum Live {
    Whole(Arc<Route>),
    /// Of two versions or more.
    Split(Arc<Split>),
}

impl Live {
    /// Every version of it.
    pub fn routes(&self) -> impl Iterator<Item = &Arc<Route>> {
        let (whole, split) = match self {
            Self::Whole(route) => (Some(route), None),
            Self::Split(split) => (None, Some(split.routes())),
        };
        whole.into_iter().chain(split.into_iter().flatten())
    }

    fn version(&self) -> Option<&WorkerVersion> {
        self.routes().next().map(|route| &*route.version)
    }
}

/// The routing table.
#[derive(Default)]
pub struct Routes {
    table: ArcSwap<Table>,
    named: NamedRoutes,
}

#[derive(Clone, Default)]
struct Table {
    by_name: HashMap<String, Live>,
    by_id: HashMap<WorkerId, Live>,
    by_domain: HashMap<String, WorkerId>,
}

impl Table {
    fn insert(&mut self, live: Live) {
        let Some(version) = live.version() else {
            return;
        };
        self.by_id.insert(version.worker.clone(), live.clone());
        self.by_name.insert(version.worker_name.clone(), live);
    }

    fn remove(&mut self, worker: &WorkerId) {
        self.by_id.remove(worker);
        // By its former name too.
        self.by_name.retain(|_, live| {
            live.version()
                .is_some_and(|version| version.worker != *worker)
        });
        self.by_domain.retain(|_, other| other != worker);
    }
}

impl Routes {
    /// What is live under a name as it stands in a host: in any case (RFC 9110 4.2.3).
    pub fn get(&self, name: &str) -> Option<Live> {
        let name = lower_case(name);
        self.table.load().by_name.get(name.as_ref()).cloned()
    }

    pub fn by_id(&self, worker: &WorkerId) -> Option<Live> {
        self.table.load().by_id.get(worker).cloned()
    }

    /// What is live of the worker that a customer's domain leads to.
    pub fn by_domain(&self, host: &str) -> Option<Live> {
        let table = self.table.load();
        let worker = table.by_domain.get(lower_case(host).as_ref())?;
        table.by_id.get(worker).cloned()
    }

    /// Versions that a name other than their worker's leads to.
    pub fn named(&self) -> &NamedRoutes {
        &self.named
    }

    /// Everything that is live now.
    pub fn all(&self) -> Vec<Live> {
        self.table.load().by_name.values().cloned().collect()
    }

    /// Puts the whole table in place of the old one.
    pub fn replace(
        &self,
        live: impl IntoIterator<Item = Live>,
        domains: impl IntoIterator<Item = (String, WorkerId)>,
    ) {
        let mut table = Table {
            by_domain: domains.into_iter().collect(),
            ..Table::default()
        };
        live.into_iter().for_each(|live| table.insert(live));
        self.table.store(Arc::new(table));
        self.named.look_again();
    }

    /// Serves one worker so, or no longer where there is nothing live. A former name and former domains of the worker go away.
    pub fn set(&self, worker: &WorkerId, live: Option<Live>, domains: &[String]) {
        self.table.rcu(|table| {
            let mut table = Table::clone(table);
            table.remove(worker);
            let domains = domains.iter().map(|name| (name.clone(), worker.clone()));
            table.by_domain.extend(domains);
            if let Some(live) = &live {
                table.insert(live.clone());
            }
            table
        });
        self.named.look_again();
    }
}

pub(crate) fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}
