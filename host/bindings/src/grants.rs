//! What one version may reach. Built when the version is loaded; databases are opened at their first use.

use std::collections::BTreeMap;
use std::sync::Arc;

use ouro_core::VersionConfig;
use ouro_core::egress::AllowNet;
use ouro_core::id::DatabaseId;
use ouro_core::ports::database::{Database, DatabaseError};
use ouro_core::version::{AssetsConfig, ServiceConfig};
use ouro_runtime::HostState;
use tokio::sync::OnceCell;

use crate::Shared;

/// The grants of a version. The JavaScript engine and the host see the same instance for all its invocations.
pub struct Grants {
    pub(crate) shared: Arc<Shared>,
    databases: BTreeMap<String, Arc<DatabaseGrant>>,
    assets: Option<Arc<AssetsConfig>>,
    services: BTreeMap<String, ServiceConfig>,
    /// Whom it may ask over the network.
    pub(crate) allow_net: AllowNet,
}

pub(crate) struct DatabaseGrant {
    id: DatabaseId,
    open: OnceCell<Arc<dyn Database>>,
}

impl Grants {
    pub(crate) fn new(shared: Arc<Shared>, config: &VersionConfig) -> Self {
        let grant = |id: &DatabaseId| {
            Arc::new(DatabaseGrant {
                id: id.clone(),
                open: OnceCell::new(),
            })
        };
        Self {
            shared,
            databases: config
                .databases
                .iter()
                .map(|(name, id)| (name.clone(), grant(id)))
                .collect(),
            assets: config.assets.clone().map(Arc::new),
            services: config.services.clone(),
            allow_net: config.allow_net.clone(),
        }
    }

    pub(crate) fn database(&self, binding: &str) -> Option<Arc<DatabaseGrant>> {
        self.databases.get(binding).cloned()
    }

    pub(crate) fn service(&self, binding: &str) -> Option<&ServiceConfig> {
        self.services.get(binding)
    }

    /// The assets, where the version has a binding of this name for them.
    pub(crate) fn assets(&self, binding: &str) -> Option<Arc<AssetsConfig>> {
        self.assets
            .clone()
            .filter(|assets| assets.binding.as_deref() == Some(binding))
    }
}

impl DatabaseGrant {
    pub(crate) async fn open(&self, shared: &Shared) -> Result<Arc<dyn Database>, DatabaseError> {
        self.open
            .get_or_try_init(|| shared.ports.databases.open(&self.id))
            .await
            .cloned()
    }
}

/// The grants of the version that runs.
pub(crate) fn of(state: &HostState) -> wasmtime::Result<&Grants> {
    state
        .grants()
        .ok_or_else(|| wasmtime::format_err!("the runtime was given other bindings than these"))
}

/// Whom the version that runs may ask over the network.
pub(crate) fn allow_net(state: &HostState) -> wasmtime::Result<AllowNet> {
    Ok(of(state)?.allow_net.clone())
}

/// What all versions share.
pub(crate) fn shared(state: &HostState) -> wasmtime::Result<Arc<Shared>> {
    Ok(of(state)?.shared.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use async_trait::async_trait;
    use ouro_core::ports::database::{DatabaseBackend, MemoryDatabases};

    use super::*;
    use crate::tests::shared_with;

    fn config() -> VersionConfig {
        let mut config = VersionConfig::default();
        config
            .databases
            .insert("DB".into(), DatabaseId::from("db_1"));
        config.assets = Some(AssetsConfig {
            binding: Some("ASSETS".into()),
            ..AssetsConfig::default()
        });
        config
    }

    #[test]
    fn only_what_the_version_names_is_granted() {
        let grants = Grants::new(
            shared_with(MemoryDatabases::new(|_, _| Ok(Vec::new()))),
            &config(),
        );
        assert!(grants.database("DB").is_some());
        assert!(grants.database("OTHER").is_none());
        assert!(grants.database("db_1").is_none());
        assert!(grants.assets("ASSETS").is_some());
        assert!(grants.assets("DB").is_none());
    }

    #[test]
    fn assets_without_a_binding_are_granted_under_no_name() {
        let mut config = config();
        config.assets = Some(AssetsConfig::default());
        let grants = Grants::new(
            shared_with(MemoryDatabases::new(|_, _| Ok(Vec::new()))),
            &config,
        );
        assert!(grants.assets("ASSETS").is_none());
        assert!(grants.assets("").is_none());
    }

    struct Counting(MemoryDatabases, Arc<AtomicUsize>);

    #[async_trait]
    impl DatabaseBackend for Counting {
        async fn create(&self, id: &DatabaseId) -> Result<(), DatabaseError> {
            self.0.create(id).await
        }

        async fn delete(&self, id: &DatabaseId) -> Result<(), DatabaseError> {
            self.0.delete(id).await
        }

        async fn open(&self, id: &DatabaseId) -> Result<Arc<dyn Database>, DatabaseError> {
            self.1.fetch_add(1, SeqCst);
            self.0.open(id).await
        }
    }

    #[tokio::test]
    async fn a_database_is_opened_at_its_first_use_and_once() {
        let opened = Arc::new(AtomicUsize::new(0));
        let backend = Counting(MemoryDatabases::new(|_, _| Ok(Vec::new())), opened.clone());
        let shared = shared_with(backend);
        let grants = Grants::new(shared.clone(), &config());
        let grant = grants.database("DB").expect("granted");
        assert_eq!(opened.load(SeqCst), 0);
        assert!(grant.open(&shared).await.is_err(), "it is not there yet");
        shared
            .ports
            .databases
            .create(&DatabaseId::from("db_1"))
            .await
            .expect("creates");
        for _ in 0..3 {
            assert!(grant.open(&shared).await.is_ok());
        }
        assert_eq!(opened.load(SeqCst), 2);
    }
}
