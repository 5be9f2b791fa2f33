//! A server from its start to its end.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use bytes::Bytes;
use ouro_bindings::{HostBindings, Outbound, Ports};
use ouro_core::egress::Egress;
use ouro_core::ports::builder::EngineKind;
use ouro_core::ports::mail::NoMail;
use ouro_core::ports::secrets::SecretSealer;
use ouro_gateway::{
    Assets, Bound, ExecutionQueue, FindVersion, Gateway, GatewayConfig, Internal, OperatorToken,
    Quotas, Record, Resolver, Routes,
};
use ouro_runtime::{Parts, Runtime, RuntimeConfig, Sink};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::bootstrap;
use crate::config::{AuthConfig, Config, OutboundConfig};
use crate::cron::{self, Crons};
use crate::data_dir::{DataDir, DataDirLock};
use crate::descriptors;
use crate::environment::ManagementEnv;
use crate::executions::Recorder;
use crate::identity::{self, HostProofs, Tokens};
use crate::metrics::{Ends, Sources};
use crate::operator::{Node, OperatorPort};
use crate::purge;
use crate::routing::{Control, Router};
use crate::secrets::{HostSecrets, derive_key};
use crate::usage::Meter;
use crate::wire::{self, Backends};

/// A running server. Without [`Server::shut_down`] it ends with its threads, losing what runs.
pub struct Server {
    address: SocketAddr,
    public_url: String,
    admin_token_file: PathBuf,
    /// True where this start has made the token.
    first_start: bool,
    drain_timeout: Duration,
    gateway: Gateway,
    runtime: Runtime,
    recorder: Recorder,
    watchers: [JoinHandle<()>; 4],
    crons: cron::Running,
    stop: CancellationToken,
    draining: CancellationToken,
    operator: Option<OperatorPort>,
    /// Let go of at the end of everything else.
    _lock: DataDirLock,
}

impl Server {
    /// Opens the stores, installs the management component where one is given, and serves.
    pub async fn start(config: Config, management: Option<Bytes>) -> anyhow::Result<Self> {
        let started = SystemTime::now();
        let draining = CancellationToken::new();
        let node = Node::new(draining.clone());
        let operator = operator_port(&config, &node).await?;
        let mut egress = config.outbound.egress()?;
        if let Some(port) = &operator {
            egress.close(port.address().port());
        }
        let outbound = outbound(&config.outbound, egress)?;
        let data_dir = DataDir::open(&config.data_dir)?;
        let lock = data_dir.lock()?;
        let admin_token = data_dir.admin_token()?;
        let host_key = data_dir.host_key()?;
        let descriptors_max = descriptors::raise();
        let gateway_config = gateway_config(&config, descriptors_max);
        // The port first: one that is taken should stop the start before anything is changed.
        let bound = Bound::new(gateway_config.clone())
            .map_err(|error| cannot_listen("listen", config.listen, &error))?;
        let address = bound.address();
        let public_url = config.public_url(address.port());
        let backends = wire::backends(&config, &data_dir).await?;
        let secrets: Arc<dyn SecretSealer> = Arc::new(HostSecrets::new(&host_key.bytes)?);
        let tokens = Tokens::new(&config.auth, &host_key.bytes, &public_url)?;
        let proofs = Arc::new(HostProofs::new(tokens));
        let principals = Arc::new(Resolver::new(
            proofs.clone(),
            backends.identities.clone(),
            operators(&config.auth, &admin_token.hex())?,
            origins(&config.auth, &public_url),
        ));
        let quotas = Arc::<Quotas>::default();
        let executions = config.executions;
        let (queue, receiver) = ExecutionQueue::new(
            executions.queue_max,
            executions.plain_per_second,
            executions.notable_per_second,
        );
        let queue = Arc::new(queue);
        let ends = Arc::<Ends>::default();
        let crons = Arc::new(Crons::new(config.crons.seconds));
        let bindings = Arc::new(HostBindings::new(
            Ports {
                databases: backends.databases.clone(),
                artifacts: backends.artifacts.clone(),
                builder: backends.builder.clone(),
                cache: backends.cache.clone(),
                secrets: secrets.clone(),
                domains: backends.domains.clone(),
                identity: proofs.clone(),
                mail: Arc::new(NoMail),
                crons: crons.clone(),
            },
            outbound,
        ));
        let cache_key = derive_key(&host_key.bytes, "ouro native code");
        let mut runtime_config = RuntimeConfig::new(data_dir.native_cache(), cache_key);
        runtime_config.instances_max = config.instances_max;
        runtime_config.instances_warm_max = config.instances_warm_max;
        runtime_config.code_bytes_max = config.code_bytes_max;
        runtime_config.files_max = descriptors::of_workers(descriptors_max);
        runtime_config.colo = config.colo.clone();
        let parts = Parts {
            builder: backends.builder.clone(),
            artifacts: backends.artifacts.clone(),
            bindings: bindings.clone(),
            sink: sink(ends.clone(), queue.clone()),
        };
        let runtime = Runtime::new(runtime_config, parts)?;
        let routes = Arc::new(Routes::default());
        let assets = Assets::new(backends.artifacts.clone(), config.assets_bytes_max);
        let router = Arc::new(Router {
            metadata: backends.metadata.clone(),
            secrets,
            routes: routes.clone(),
            base_domain: config.base_domain.clone(),
            management: ManagementEnv {
                base_domain: config.base_domain.clone(),
                public_url: public_url.clone(),
                app_url: config.auth.app_url.clone(),
                sign_up: config.auth.sign_up,
                quotas: config.quotas.to_json(),
                grace_days: config.quotas.grace_days,
                ceilings: config.limits.ceilings(),
            },
            ceilings: config.limits.ceilings(),
            runtime: runtime.clone(),
            reloading: Mutex::new(()),
        });
        let meter = Meter {
            ends: ends.clone(),
            metadata: backends.metadata.clone(),
            quotas: quotas.clone(),
            defaults: config.quotas.daily(),
        };
        let principals_watch = identity::Watch {
            proofs,
            store: backends.identities.clone(),
            principals: principals.clone(),
        };
        let finder: Weak<dyn FindVersion> = Arc::<Router>::downgrade(&router);
        routes.named().set_finder(finder);
        let own = GatewayConfig {
            own_ports: config.own_ports(address.port()),
            ..gateway_config
        };
        bindings.set_local(Arc::new(Internal::new(
            own,
            &routes,
            assets.clone(),
            principals.clone(),
            quotas.clone(),
        )));
        bindings.set_assets(Arc::new(assets.clone()));
        bindings.set_routing(Arc::new(Control(Arc::downgrade(&router))));
        let recorder = Recorder::start(
            executions,
            queue.clone(),
            receiver,
            backends.metadata.clone(),
        );
        bindings.set_executions(recorder.records(ends.clone()));
        prepare(&runtime, &router, &backends, management).await?;
        let gateway = bound
            .serve(
                routes.clone(),
                assets.clone(),
                principals.clone(),
                quotas.clone(),
            )
            .context("starting the gateway's threads")?;
        let crons = crons.start(
            backends.crons.clone(),
            routes.clone(),
            quotas.clone(),
            draining.clone(),
        );
        let sources = Sources {
            started,
            ends,
            records: queue,
            records_lost: recorder.lost(),
            runtime: runtime.clone(),
            gateway: gateway.metrics().clone(),
            assets,
            routes,
        };
        node.serves(sources, backends.metadata);
        let stop = CancellationToken::new();
        let purge = tokio::spawn(purge::run(router.clone(), stop.clone()));
        let watcher = tokio::spawn(router.watch(stop.clone()));
        let meter = tokio::spawn(meter.run(stop.clone()));
        let principals_watcher = tokio::spawn(principals_watch.run(stop.clone()));
        Ok(Self {
            address,
            public_url,
            admin_token_file: data_dir.admin_token_file(),
            first_start: admin_token.created,
            drain_timeout: config.drain_timeout(),
            gateway,
            runtime,
            recorder,
            watchers: [watcher, principals_watcher, meter, purge],
            crons,
            stop,
            draining,
            operator,
            _lock: lock,
        })
    }

    /// The address that HTTP is served on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that metrics are served on, where they are.
    pub fn operator_address(&self) -> Option<SocketAddr> {
        self.operator.as_ref().map(OperatorPort::address)
    }

    /// URL of the management API.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    pub fn admin_token_file(&self) -> &std::path::Path {
        &self.admin_token_file
    }

    pub fn is_first_start(&self) -> bool {
        self.first_start
    }

    /// Takes no new requests, finishes those that run and their `waitUntil` within the configured time, stores the last records.
    pub async fn shut_down(self) {
        let deadline = Instant::now() + self.drain_timeout;
        self.draining.cancel();
        self.runtime.end_connections();
        let connections = self.gateway.drain(self.drain_timeout).await;
        self.crons.end(deadline).await;
        // What is left after the deadline is counted below.
        let _ = tokio::time::timeout_at(deadline, self.runtime.drain()).await;
        let invocations = self.runtime.running();
        if connections + invocations > 0 {
            tracing::warn!(
                connections,
                invocations,
                "not everything was finished in time"
            );
        }
        self.stop.cancel();
        for watcher in self.watchers {
            if let Err(error) = watcher.await {
                tracing::error!(%error, "a watcher of the metadata store has failed");
            }
        }
        let gateway = self.gateway;
        // Joining threads blocks.
        if let Err(error) = tokio::task::spawn_blocking(move || gateway.stop()).await {
            tracing::error!(%error, "the gateway did not stop");
        }
        self.recorder.stop().await;
    }
}

/// The key says where, and is the name of the flag too.
fn cannot_listen(key: &str, address: SocketAddr, error: &io::Error) -> anyhow::Error {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => {
            let flag = key.replace('.', "-");
            format!(
                "\nhint: another process listens there; --{flag} takes another address, as in `--{flag} 127.0.0.1:8081`"
            )
        }
        _ => String::new(),
    };
    anyhow::anyhow!("listening on `{address}`: {error}{hint}")
}

async fn operator_port(config: &Config, node: &Node) -> anyhow::Result<Option<OperatorPort>> {
    let Some(address) = config.metrics.address()? else {
        return Ok(None);
    };
    let port = OperatorPort::open(address, node.clone()).await;
    let port = port.map_err(|error| cannot_listen("metrics.listen", address, &error))?;
    Ok(Some(port))
}

/// The token in the data directory, and those of the configuration.
fn operators(config: &AuthConfig, admin_token: &str) -> anyhow::Result<Vec<OperatorToken>> {
    let short = config.operator_tokens().any(|token| token.len() < 32);
    anyhow::ensure!(
        !short,
        "`auth.operator_tokens` has a token of fewer than 32 characters"
    );
    let all = std::iter::once(admin_token).chain(config.operator_tokens());
    Ok(all.map(OperatorToken::new).collect())
}

/// Of the pages that may use a session's cookie: the API's own and the dashboard's.
fn origins(config: &AuthConfig, public_url: &str) -> Vec<String> {
    let app = Some(config.app_url.trim_end_matches('/')).filter(|url| !url.is_empty());
    let all = std::iter::once(public_url).chain(app);
    all.map(str::to_owned).collect()
}

fn outbound(config: &OutboundConfig, egress: Egress) -> anyhow::Result<Outbound> {
    let file = &config.extra_ca_file;
    if file.is_empty() {
        return Ok(Outbound::new(egress));
    }
    let place = || format!("`outbound.extra_ca_file` is `{file}`");
    let pem = std::fs::read(file).with_context(place)?;
    Outbound::trusting(egress, &pem).with_context(place)
}

/// Everything that a first request would wait for.
async fn prepare(
    runtime: &Runtime,
    router: &Arc<Router>,
    backends: &Backends,
    management: Option<Bytes>,
) -> anyhow::Result<()> {
    let (worker, platform) = tokio::join!(
        runtime.prepare_engine(EngineKind::Worker),
        runtime.prepare_engine(EngineKind::Management)
    );
    worker.and(platform).context("compiling the engines")?;
    if let Some(component) = management {
        bootstrap::install_management(component, &*backends.artifacts, &*backends.metadata, router)
            .await?;
    }
    router.load_all().await.context("reading what is live")
}

fn gateway_config(config: &Config, descriptors_max: u64) -> GatewayConfig {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    GatewayConfig {
        listen: config.listen,
        threads: if config.threads == 0 {
            cores()
        } else {
            config.threads
        },
        base_domain: config.base_domain.clone(),
        trust_forwarded_host: config.trust_forwarded_host,
        colo: config.colo.clone(),
        own_ports: Vec::new(),
        test_scheduled: config.test_scheduled,
        head_timeout: Duration::from_millis(config.head_timeout_ms),
        connections_max: descriptors::of_connections(descriptors_max),
        head_bytes_max: config.limits.header_bytes_max as usize,
        head_fields_max: config.limits.header_count_max as usize,
    }
}

fn sink(ends: Arc<Ends>, queue: Arc<ExecutionQueue>) -> Sink {
    Arc::new(move |worker, execution| {
        ends.note(worker, &execution);
        let worker =
            (execution.error.is_some() || !execution.console.is_empty()).then(|| worker.clone());
        queue.record(Record { execution, worker });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(extra_ca_file: String) -> String {
        let config = OutboundConfig {
            allow: String::new(),
            extra_ca_file,
        };
        match outbound(&config, Egress::default()) {
            Ok(_) => panic!("it was taken"),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn a_file_without_authorities_stops_the_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ca.pem").display().to_string();
        let absent = refusal(file.clone());
        assert!(absent.contains("`outbound.extra_ca_file` is"), "{absent}");
        assert!(absent.contains("No such file"), "{absent}");
        std::fs::write(&file, "no certificate").expect("written");
        let empty = refusal(file);
        assert!(empty.contains("there is no certificate in it"), "{empty}");
    }
}
