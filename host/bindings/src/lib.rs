//! The host functions of each binding, written once over the ports of `ouro-core`, and the grants of a version.
//!
//! It leaves out the backends (adapters) and where values come from (the gateway and the server). An import is a door, not a
//! key: every function checks what the version was granted.
//!
//! Life cycle: one [`HostBindings`] per process, given to the runtime as its `Bindings`. Routing and assets are implemented by
//! the gateway, which needs the runtime first: they are set once after it is made.
//!
//! ```ignore
//! let bindings = Arc::new(HostBindings::new(Ports { databases, artifacts, builder, secrets }, Outbound::new(egress)));
//! let runtime = Runtime::new(config, Parts { bindings: bindings.clone(), .. })?;
//! bindings.set_assets(asset_server);     // Arc<dyn AssetServer>
//! bindings.set_routing(gateway_control); // Arc<dyn RoutingControl>
//! let worker = runtime.load(version.clone(), ouro_bindings::env_of(&version.config, &*secrets)?);
//! ```

mod artifacts;
mod assets;
mod build;
mod cache;
mod certificates;
mod compression;
mod crons;
mod crypto;
mod database;
mod databases;
mod domains;
mod env;
mod executions;
mod generated;
mod grants;
mod identity;
mod intl;
mod logging;
mod mail;
mod outbound;
mod queries;
mod routing;
mod secrets;
mod service;
mod slow;
mod stream;
mod turns;
mod websocket;

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use ouro_core::ports::artifacts::ArtifactStore;
use ouro_core::ports::assets::AssetServer;
use ouro_core::ports::builder::{EngineKind, WorkerBuilder};
use ouro_core::ports::cache::CacheStore;
use ouro_core::ports::crons::CronControl;
use ouro_core::ports::database::DatabaseBackend;
use ouro_core::ports::domains::DomainProofs;
use ouro_core::ports::executions::ExecutionRecords;
use ouro_core::ports::identity::IdentityProofs;
use ouro_core::ports::mail::Mailer;
use ouro_core::ports::routing::RoutingControl;
use ouro_core::ports::secrets::SecretSealer;
use ouro_core::{EnvValue, WorkerVersion};
use ouro_runtime::{Bindings, Caller, HostState, Local, OutboundFuture, ServiceTarget};
use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

pub use certificates::CertificateError;
pub use env::env_of;
pub use outbound::Outbound;

use generated::ouro::host;
use grants::Grants;

/// Backends that are there before the runtime.
pub struct Ports {
    pub databases: Arc<dyn DatabaseBackend>,
    pub artifacts: Arc<dyn ArtifactStore>,
    pub builder: Arc<dyn WorkerBuilder>,
    pub cache: Arc<dyn CacheStore>,
    pub secrets: Arc<dyn SecretSealer>,
    pub domains: Arc<dyn DomainProofs>,
    pub identity: Arc<dyn IdentityProofs>,
    pub mail: Arc<dyn Mailer>,
    pub crons: Arc<dyn CronControl>,
}

/// Everything that the host functions reach.
struct Shared {
    ports: Ports,
    outbound: Outbound,
    assets: OnceLock<Arc<dyn AssetServer>>,
    executions: OnceLock<Arc<dyn ExecutionRecords>>,
    routing: OnceLock<Arc<dyn RoutingControl>>,
    local: OnceLock<Arc<dyn Local>>,
}

/// The bindings of one process.
pub struct HostBindings {
    shared: Arc<Shared>,
}

impl HostBindings {
    pub fn new(ports: Ports, outbound: Outbound) -> Self {
        let shared = Shared {
            ports,
            outbound,
            assets: OnceLock::new(),
            executions: OnceLock::new(),
            routing: OnceLock::new(),
            local: OnceLock::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Serves the binding `assets`. Only the first call counts; until then the binding answers `unavailable`.
    pub fn set_assets(&self, server: Arc<dyn AssetServer>) {
        let _ = self.shared.assets.set(server);
    }

    /// Serves the binding `service`, and requests for this node's own host names. Only the first call counts; until then the
    /// binding answers `unavailable`.
    pub fn set_local(&self, local: Arc<dyn Local>) {
        let _ = self.shared.local.set(local);
    }

    /// Serves the binding `executions`. Only the first call counts; until then there is nothing to flush, and no worker's health is known.
    pub fn set_executions(&self, records: Arc<dyn ExecutionRecords>) {
        let _ = self.shared.executions.set(records);
    }

    /// Serves the binding `routing`. Only the first call counts; until then the binding answers `unavailable`.
    pub fn set_routing(&self, control: Arc<dyn RoutingControl>) {
        let _ = self.shared.routing.set(control);
    }
}

impl Bindings for HostBindings {
    fn link(&self, linker: &mut Linker<HostState>, kind: EngineKind) -> wasmtime::Result<()> {
        add_worker(linker)?;
        match kind {
            EngineKind::Worker => Ok(()),
            EngineKind::Management => add_management(linker),
        }
    }

    fn grants(&self, version: &WorkerVersion, _env: &[(String, EnvValue)]) -> ouro_runtime::Grants {
        Arc::new(Grants::new(self.shared.clone(), &version.config))
    }

    fn send(
        &self,
        caller: &Caller,
        service: Option<ServiceTarget>,
        request: http::Request<WasiBody>,
        options: RequestOptions,
    ) -> OutboundFuture {
        if let Err(exceeded) = caller.subrequest() {
            return service::failed(exceeded.to_string());
        }
        let sent = self.dispatch(caller, service, request, options);
        let turn = caller.turn();
        Box::new(async move {
            let _turn = turn.await;
            Pin::from(sent).await
        })
    }
}

impl HostBindings {
    /// Nothing happens before the answer is polled.
    fn dispatch(
        &self,
        caller: &Caller,
        service: Option<ServiceTarget>,
        request: http::Request<WasiBody>,
        options: RequestOptions,
    ) -> OutboundFuture {
        if let Some(target) = service {
            return service::send(caller, &target, request);
        }
        match self.shared.local.get() {
            Some(local) if local.serves(request.uri()) => {
                service::send_local(local, caller, request)
            }
            _ => match caller.worker().grants::<Grants>() {
                Some(grants) => {
                    let outbound = &self.shared.outbound;
                    let worker = &caller.worker().version().worker;
                    outbound.send(request, options, &grants.allow_net, worker)
                }
                None => Box::new(async { Err(Error::HttpRequestDenied) }),
            },
        }
    }
}

/// Adds what any worker may import.
pub fn add_worker(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    host::env::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::assets::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::cache::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::database::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::logging::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::intl::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::service::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::websocket::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::compression::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::crypto::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

/// Adds what the management worker alone may import.
pub fn add_management(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    host::artifacts::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::build::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::crons::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::databases::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::domains::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::executions::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::identity::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::mail::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::routing::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    host::secrets::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use bytes::Bytes;
    use ouro_core::cron::{CronError, Weekdays};
    use ouro_core::egress::Egress;
    use ouro_core::ports::artifacts::memory::MemoryArtifacts;
    use ouro_core::ports::builder::{BuilderError, EngineParts, MemoryContents, Unpacked};
    use ouro_core::ports::cache::MemoryCache;
    use ouro_core::ports::domains::NoProof;
    use ouro_core::ports::identity::{Claims, IdentityError, TokenKind};
    use ouro_core::ports::mail::NoMail;
    use ouro_core::ports::secrets::SealError;
    use wasmtime::component::Component;

    use super::*;

    /// "Seals" by reversing, with a mark.
    pub(crate) struct Reversed;

    impl SecretSealer for Reversed {
        fn seal(&self, plaintext: &str) -> Result<String, SealError> {
            Ok(format!(
                "sealed:{}",
                plaintext.chars().rev().collect::<String>()
            ))
        }

        fn open(&self, sealed: &str) -> Result<String, SealError> {
            match sealed.strip_prefix("sealed:") {
                Some(text) => Ok(text.chars().rev().collect()),
                None => Err(SealError::Open("no mark".into())),
            }
        }
    }

    struct NoBuilder;

    impl WorkerBuilder for NoBuilder {
        fn engine(&self, _kind: EngineKind) -> EngineParts {
            unreachable!("these tests run no worker")
        }

        fn base(&self, _kind: EngineKind) -> Result<Bytes, BuilderError> {
            unreachable!("these tests run no worker")
        }

        fn unpack(&self, _component: &[u8]) -> Result<Unpacked, BuilderError> {
            Err(BuilderError::NotAComponent("none".into()))
        }

        fn source_map(&self, _component: &[u8]) -> Result<Option<Bytes>, BuilderError> {
            Err(BuilderError::NotAComponent("none".into()))
        }

        fn contents(&self, _snapshot: &Bytes) -> Result<MemoryContents, BuilderError> {
            Err(BuilderError::NotAComponent("none".into()))
        }

        fn rebuild(&self, _component: &[u8], _kind: EngineKind) -> Result<Bytes, BuilderError> {
            Err(BuilderError::NotAComponent("none".into()))
        }
    }

    struct NoProofs;

    #[async_trait]
    impl IdentityProofs for NoProofs {
        async fn hash_password(&self, _password: String) -> Result<String, IdentityError> {
            unreachable!("these tests hash no password")
        }

        async fn verify_password(
            &self,
            _password: String,
            _hash: String,
        ) -> Result<bool, IdentityError> {
            unreachable!("these tests check no password")
        }

        fn issue(
            &self,
            _kind: TokenKind,
            _claims: Claims,
            _lifetime_s: u32,
        ) -> Result<String, IdentityError> {
            unreachable!("these tests issue no token")
        }

        fn verify(&self, _kind: TokenKind, _token: &str) -> Option<Claims> {
            None
        }

        fn forget(&self) {}

        fn generation(&self) -> u64 {
            0
        }
    }

    struct NoCrons;

    impl CronControl for NoCrons {
        fn check(
            &self,
            _expression: &str,
            _time_zone: &str,
            _weekdays: Weekdays,
        ) -> Result<Vec<i64>, CronError> {
            unreachable!("these tests have no crons")
        }

        fn reload(&self) {}
    }

    fn ports(databases: impl DatabaseBackend) -> Ports {
        Ports {
            databases: Arc::new(databases),
            artifacts: Arc::new(MemoryArtifacts::default()),
            builder: Arc::new(NoBuilder),
            cache: Arc::new(MemoryCache::new(1 << 20)),
            secrets: Arc::new(Reversed),
            domains: Arc::new(NoProof),
            identity: Arc::new(NoProofs),
            mail: Arc::new(NoMail),
            crons: Arc::new(NoCrons),
        }
    }

    pub(crate) fn shared_with(databases: impl DatabaseBackend) -> Arc<Shared> {
        let shared = Shared {
            ports: ports(databases),
            outbound: Outbound::new(Egress::default()),
            assets: OnceLock::new(),
            executions: OnceLock::new(),
            routing: OnceLock::new(),
            local: OnceLock::new(),
        };
        Arc::new(shared)
    }

    /// Whether a component that imports this function of `secrets` links as a worker of this kind.
    fn links(kind: EngineKind) -> wasmtime::Result<()> {
        let databases = ouro_core::ports::database::MemoryDatabases::new(|_, _| Ok(Vec::new()));
        let bindings = HostBindings::new(ports(databases), Outbound::new(Egress::default()));
        let mut config = wasmtime::Config::new();
        config.concurrency_support(false);
        let engine = wasmtime::Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        bindings.link(&mut linker, kind)?;
        let component = Component::new(
            &engine,
            wat::parse_str(
                r#"(component (import "ouro:host/secrets@0.1.0" (instance
                    (export "seal" (func (param "plaintext" string) (result (result string (error string))))))))"#,
            )
            .expect("valid"),
        )?;
        linker.instantiate_pre(&component).map(drop)
    }

    #[test]
    fn privileged_bindings_are_in_the_linker_of_management_alone() {
        links(EngineKind::Management).expect("management has it");
        let error = links(EngineKind::Worker)
            .expect_err("a worker has it not")
            .to_string();
        assert!(error.contains("ouro:host/secrets@0.1.0"), "{error}");
    }
}
