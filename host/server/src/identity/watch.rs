//! Follows changes of keys and sessions that other processes make, and stores when keys were used.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ouro_core::ports::identity::{IdentityProofs, IdentityStore};
use ouro_gateway::Resolver;
use tokio_util::sync::CancellationToken;

use super::HostProofs;

/// A key that was revoked on another node is good for no longer.
const EVERY: Duration = Duration::from_secs(1);
const STORE_USES_EVERY: Duration = Duration::from_secs(60);

pub struct Watch {
    pub proofs: Arc<HostProofs>,
    pub store: Arc<dyn IdentityStore>,
    pub principals: Arc<Resolver>,
}

impl Watch {
    pub async fn run(self, stop: CancellationToken) {
        let mut seen = None;
        let mut stored = Instant::now();
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => break,
            }
            self.follow(&mut seen).await;
            if stored.elapsed() >= STORE_USES_EVERY {
                stored = Instant::now();
                self.principals.store_uses().await;
            }
        }
        self.principals.store_uses().await;
    }

    /// Where the store cannot be read, nothing that was looked up before counts: it may have been revoked.
    async fn follow(&self, seen: &mut Option<i64>) {
        let revision = match self.store.revision().await {
            Ok(revision) => Some(revision),
            Err(error) => {
                tracing::error!(%error, "whether keys and sessions have changed cannot be read");
                None
            }
        };
        if revision.is_none() || *seen != revision {
            self.proofs.forget();
            *seen = revision;
        }
    }
}

#[cfg(test)]
mod tests {
    use ouro_core::ports::identity::memory::MemoryIdentities;

    use super::*;
    use crate::config::AuthConfig;
    use crate::identity::Tokens;

    fn watch(store: &Arc<MemoryIdentities>) -> Watch {
        let tokens = Tokens::new(&AuthConfig::default(), &[7; 32], "http://localhost");
        let proofs = Arc::new(HostProofs::new(tokens.expect("keys")));
        let principals = Resolver::new(proofs.clone(), store.clone(), Vec::new(), Vec::new());
        Watch {
            proofs,
            store: store.clone(),
            principals: Arc::new(principals),
        }
    }

    #[tokio::test]
    async fn what_another_process_changes_is_forgotten_and_what_nobody_changes_is_not() {
        let store = Arc::<MemoryIdentities>::default();
        let (watch, mut seen) = (watch(&store), None);
        watch.follow(&mut seen).await;
        let before = watch.proofs.generation();
        watch.follow(&mut seen).await;
        assert_eq!(watch.proofs.generation(), before);
        store.set_session("ses_1", None);
        watch.follow(&mut seen).await;
        assert!(watch.proofs.generation() > before);
    }

    #[tokio::test]
    async fn without_the_store_nothing_is_remembered() {
        let store = Arc::<MemoryIdentities>::default();
        let (watch, mut seen) = (watch(&store), None);
        watch.follow(&mut seen).await;
        let before = watch.proofs.generation();
        store.set_down(true);
        watch.follow(&mut seen).await;
        assert!(watch.proofs.generation() > before);
    }
}
