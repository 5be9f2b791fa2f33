//! What is live of a worker, when several versions are.

use std::collections::HashMap;
use std::sync::Arc;

use ouro_core::WorkerVersion;
use ouro_core::id::VersionId;
use ouro_core::ports::metadata;
use ouro_gateway::{Live, Route, Split};

use super::Router;

/// Routes that there are already, by version.
#[derive(Default)]
pub(super) struct Known(HashMap<VersionId, Arc<Route>>);

impl Known {
    pub(super) fn of(live: impl IntoIterator<Item = Live>) -> Self {
        let mut known = HashMap::new();
        for live in live {
            known.extend(
                live.routes()
                    .map(|route| (route.version.version.clone(), route.clone())),
            );
        }
        Self(known)
    }

    /// The route of this very version, with the environment that it has now.
    pub(super) fn same(&self, version: &WorkerVersion) -> Option<Arc<Route>> {
        let route = self.0.get(&version.version)?;
        (*route.version == *version).then(|| route.clone())
    }

    pub(super) fn add(&mut self, route: Arc<Route>) {
        self.0.insert(route.version.version.clone(), route);
    }
}

impl Router {
    /// The largest version alone, or with those beside it. What a version that cannot be loaded would answer goes to the largest one.
    pub(super) async fn live(
        &self,
        largest: Arc<Route>,
        split: Option<metadata::Split>,
        known: &Known,
    ) -> Live {
        // One that was deployed since the largest version was read comes with the next reload, which its row makes due.
        let split = split.filter(|split| {
            let mut versions = split.shares.iter().map(|(version, _)| version);
            versions.any(|version| *version == largest.version.version)
        });
        let Some(split) = split else {
            return Live::Whole(largest);
        };
        let mut shares = Vec::with_capacity(split.shares.len());
        for (version, share) in split.shares {
            let route = self.share(&version, &largest, known).await;
            shares.push((route.unwrap_or_else(|| largest.clone()), share));
        }
        match Split::new(shares, split.is_sticky) {
            Some(split) => Live::Split(Arc::new(split)),
            None => Live::Whole(largest),
        }
    }

    async fn share(
        &self,
        version: &VersionId,
        largest: &Arc<Route>,
        known: &Known,
    ) -> Option<Arc<Route>> {
        if *version == largest.version.version {
            return Some(largest.clone());
        }
        let worker = &largest.version.worker_name;
        match self.metadata.version(version).await {
            Ok(version) => self.route_or_log(version, known),
            Err(error) => {
                tracing::error!(worker, %version, %error, "a version of a split cannot be served");
                None
            }
        }
    }
}
