//! The runtime of the process: wasmtime's engine, the ticker, and what all workers share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ouro_core::ports::artifacts::ArtifactStore;
use ouro_core::ports::builder::{EngineKind, WorkerBuilder};
use ouro_core::{EnvValue, Execution, WorkerVersion};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wasmtime::component::Linker;

use crate::budget::Budget;
use crate::cache::NativeCache;
use crate::compile::SharedEngine;
use crate::config::RuntimeConfig;
use crate::error::{LoadError, RuntimeError};
use crate::gates::Gates;
use crate::metrics::RuntimeMetrics;
use crate::places::Places;
use crate::residents::Residents;
use crate::slots::Slots;
use crate::state::{Bindings, HostState};
use crate::worker::LoadedWorker;
use crate::{compile, guest};

/// Takes the record of each invocation. It must not wait.
pub type Sink = Arc<dyn Fn(&Arc<LoadedWorker>, Execution) + Send + Sync>;

/// What the runtime works with.
pub struct Parts {
    pub builder: Arc<dyn WorkerBuilder>,
    pub artifacts: Arc<dyn ArtifactStore>,
    pub bindings: Arc<dyn Bindings>,
    pub sink: Sink,
}

/// One per process. Clones are the same runtime.
#[derive(Clone)]
pub struct Runtime(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub engine: wasmtime::Engine,
    pub config: RuntimeConfig,
    pub parts: Parts,
    pub cache: NativeCache,
    pub metrics: RuntimeMetrics,
    pub tracker: TaskTracker,
    pub going_away: CancellationToken,
    pub places: Places,
    pub residents: Residents,
    /// Of workers, by id.
    pub gates: Gates,
    /// For components of other languages, by engine kind.
    pub linkers: [Linker<HostState>; 2],
    /// Of JavaScript workers, made at the first use, by engine kind.
    pub engines: [Mutex<Option<Arc<SharedEngine>>>; 2],
    /// Held while a stored worker is evaluated again: that takes memory which no instance is counted for.
    pub rebuilding: Mutex<()>,
}

impl Runtime {
    /// # Errors
    /// Where wasmtime refuses the configuration, or the cache folder cannot be made.
    pub fn new(config: RuntimeConfig, parts: Parts) -> Result<Self, RuntimeError> {
        let slots = Slots::new(config.instances_warm_max as usize);
        let engine =
            wasmtime::Engine::new(&config.wasmtime(&slots)).map_err(RuntimeError::Engine)?;
        let cache =
            NativeCache::open(&config.cache_dir, &config.cache_key, &engine).map_err(|error| {
                RuntimeError::Cache {
                    path: config.cache_dir.display().to_string(),
                    error,
                }
            })?;
        let linker =
            |kind| base_linker(&engine, &*parts.bindings, kind).map_err(RuntimeError::Engine);
        let linkers = [linker(EngineKind::Worker)?, linker(EngineKind::Management)?];
        start_ticker(&engine, config.tick);
        Ok(Self(Arc::new(Inner {
            places: Places::new(config.instances_max),
            residents: Residents::new(config.code_bytes_max, Budget::new(config.files_max), slots),
            gates: Gates::default(),
            engine,
            config,
            parts,
            cache,
            metrics: RuntimeMetrics::default(),
            tracker: TaskTracker::new(),
            going_away: CancellationToken::new(),
            linkers,
            engines: Default::default(),
            rebuilding: Mutex::default(),
        })))
    }

    /// Makes a version ready to be invoked. Nothing is read or compiled before its first use; `env` is in the clear.
    pub fn load(&self, version: WorkerVersion, env: Vec<(String, EnvValue)>) -> Arc<LoadedWorker> {
        Arc::new(LoadedWorker::new(self.clone(), version, env))
    }

    /// Compiles the shared engine of a kind, or reads it from the cache, so that no request waits for it.
    pub async fn prepare_engine(&self, kind: EngineKind) -> Result<(), LoadError> {
        let runtime = self.clone();
        compile::blocking(move || runtime.shared_engine(kind).map(drop)).await
    }

    /// What has been counted since the start.
    pub fn metrics(&self) -> &RuntimeMetrics {
        &self.0.metrics
    }

    /// Instances in use, without those that the management API has to itself, and how many there can be.
    pub fn instances(&self) -> (u32, u32) {
        let max = self.0.config.instances_max;
        (max - self.0.places.free().min(max), max)
    }

    /// Code of workers that is in memory, in bytes.
    pub fn code_bytes(&self) -> u64 {
        self.0.residents.bytes()
    }

    /// Invocations that go on after their response.
    pub fn running(&self) -> usize {
        self.0.tracker.len()
    }

    /// Ends the connections that guests hold to their clients, which would keep `drain` waiting.
    pub fn end_connections(&self) {
        self.0.going_away.cancel();
    }

    /// Waits for the invocations that go on after their response. Those that are still before it belong to their callers.
    pub async fn drain(&self) {
        self.0.tracker.close();
        self.0.tracker.wait().await;
    }

    pub(crate) fn bindings(&self) -> &dyn Bindings {
        &*self.0.parts.bindings
    }
}

pub(crate) fn slot(kind: EngineKind) -> usize {
    match kind {
        EngineKind::Worker => 0,
        EngineKind::Management => 1,
    }
}

/// Lets running guests look up from their work now and then. The thread ends with the engine.
fn start_ticker(engine: &wasmtime::Engine, tick: Duration) {
    let engine = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(tick);
        }
    });
}

fn base_linker(
    engine: &wasmtime::Engine,
    bindings: &dyn Bindings,
    kind: EngineKind,
) -> wasmtime::Result<Linker<HostState>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    bindings.link(&mut linker, kind)?;
    Ok(linker)
}

pub(crate) fn javascript_linker(
    runtime: &Inner,
    kind: EngineKind,
) -> wasmtime::Result<Linker<HostState>> {
    let mut linker = runtime.linkers[slot(kind)].clone();
    guest::link(&mut linker)?;
    Ok(linker)
}
