//! From stored components to code that can be instantiated. Everything here takes CPU time and runs where blocking is allowed.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use ouro_core::Digest;
use ouro_core::ports::builder::{EngineKind, JavascriptWorker, Unpacked};
use wasmtime::component::{Component, Linker};
use wasmtime::{Module, Store};
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};

use crate::budget::Held;
use crate::config::{MEMORIES_PER_COMPONENT, TABLES_PER_COMPONENT};
use crate::engine::{Inner, Runtime, javascript_linker, slot};
use crate::error::LoadError;
use crate::guest::{Events, Guest, JavascriptPre};
use crate::slots::{self, Image};
use crate::state::HostState;

/// The JavaScript engine of one kind on this node.
pub(crate) struct SharedEngine {
    digest: Digest,
    base: Base,
    skeleton: Component,
    /// Without the module `snapshot`.
    linker: Linker<HostState>,
    /// With a memory of so many bytes as that module.
    by_memory: Mutex<HashMap<usize, Arc<JavascriptPre>>>,
}

/// The memory of an engine that no worker is in yet.
struct Base {
    digest: Digest,
    image: Arc<Image>,
}

/// Code of a version, ready to be instantiated.
pub(crate) enum Code {
    Javascript(Javascript),
    Component(Foreign),
}

/// A component of another language.
pub(crate) struct Foreign {
    code: ProxyPre<HostState>,
    held: Held,
    /// None, of its own: so its slots are its own, too.
    image: Arc<Image>,
}

impl Foreign {
    /// A fresh instance.
    pub async fn instance(&self, store: &mut Store<HostState>) -> wasmtime::Result<Proxy> {
        slots::beginning_with(&self.image, self.code.instantiate_async(store)).await
    }
}

/// A worker is the engine that all share, and the memory that it begins with.
pub(crate) struct Javascript {
    engine: Arc<JavascriptPre>,
    image: Arc<Image>,
}

impl Javascript {
    /// A fresh instance, for a request.
    pub async fn guest(&self, store: &mut Store<HostState>) -> wasmtime::Result<Guest> {
        slots::beginning_with(&self.image, self.engine.guest(store)).await
    }

    /// A fresh instance, for anything else.
    pub async fn events(&self, store: &mut Store<HostState>) -> wasmtime::Result<Events> {
        slots::beginning_with(&self.image, self.engine.events(store)).await
    }
}

impl Code {
    /// What it takes of the budget.
    pub fn held_bytes(&self) -> u64 {
        match self {
            Self::Javascript(javascript) => javascript.image.held_bytes(),
            Self::Component(component) => component.held.bytes(),
        }
    }
}

/// Runs on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LoadError> + Send + 'static,
) -> Result<T, LoadError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(LoadError::Interrupted(error.to_string())),
    }
}

impl Runtime {
    /// Compiles a component and links it as a worker of this kind would be, without running anything of it.
    /// The native code stays in the cache.
    ///
    /// # Errors
    /// Where it cannot run on this host.
    pub async fn check(
        &self,
        component: Digest,
        kind: EngineKind,
        bytes: Bytes,
    ) -> Result<(), LoadError> {
        let runtime = self.clone();
        blocking(move || runtime.ready_from_bytes(component, kind, &bytes).map(drop)).await
    }

    /// Without the network.
    pub(crate) fn ready_from_disk(
        &self,
        component: Digest,
        kind: EngineKind,
    ) -> Result<Option<Code>, LoadError> {
        if let Some(code) = self.0.cached(&component_name(component)) {
            return self.link_component(component, kind, &code).map(Some);
        }
        if let Some(artifacts) = self.0.parts.artifacts.local() {
            let bytes = artifacts.read(component)?;
            return self.ready_from_bytes(component, kind, &bytes).map(Some);
        }
        let engine = self.shared_engine(kind)?;
        let snapshot = self.0.cached_snapshot(&engine.snapshot_name(component));
        snapshot
            .map(|snapshot| self.link_javascript(component, &engine, &snapshot))
            .transpose()
    }

    pub(crate) fn ready_from_bytes(
        &self,
        component: Digest,
        kind: EngineKind,
        bytes: &[u8],
    ) -> Result<Code, LoadError> {
        match self.0.parts.builder.unpack(bytes)? {
            Unpacked::Javascript(worker) => {
                let engine = self.shared_engine(kind)?;
                let snapshot = self.fitting_snapshot(component, &engine, kind, bytes, worker)?;
                self.link_javascript(component, &engine, &snapshot)
            }
            Unpacked::Component { .. } => {
                let code =
                    self.0
                        .compile_component(component, &component_name(component), bytes)?;
                self.link_component(component, kind, &code)
            }
        }
    }

    /// Whether a snapshot is one of the engine that this host has.
    ///
    /// # Errors
    /// The engine cannot be compiled.
    pub fn fits(&self, worker: &JavascriptWorker, kind: EngineKind) -> Result<bool, LoadError> {
        Ok(self.shared_engine(kind)?.fits(worker, kind))
    }

    /// A snapshot fits exactly one engine build; any other is made again from the bundle beside it.
    fn fitting_snapshot(
        &self,
        component: Digest,
        engine: &SharedEngine,
        kind: EngineKind,
        bytes: &[u8],
        worker: JavascriptWorker,
    ) -> Result<Bytes, LoadError> {
        let name = engine.snapshot_name(component);
        if engine.fits(&worker, kind) {
            if self.0.parts.artifacts.local().is_none() {
                self.0.keep(&name, &worker.snapshot);
            }
            return Ok(worker.snapshot);
        }
        if let Some(rebuilt) = self.0.cached_snapshot(&name) {
            return Ok(rebuilt);
        }
        tracing::warn!(%component, made_by = %worker.engine_digest, engine = %engine.digest, "the snapshot is of another engine build; it is made again");
        let builder = &self.0.parts.builder;
        let turn = self.0.rebuilding.lock();
        let rebuilt = builder.rebuild(bytes, kind)?;
        drop(turn);
        match builder.unpack(&rebuilt)? {
            Unpacked::Javascript(worker) if engine.fits(&worker, kind) => {
                self.0.keep(&name, &worker.snapshot);
                Ok(worker.snapshot)
            }
            _ => Err(LoadError::Invalid {
                component,
                reason: "rebuilding it gave no snapshot of this host's engine".into(),
            }),
        }
    }

    pub(crate) fn shared_engine(&self, kind: EngineKind) -> Result<Arc<SharedEngine>, LoadError> {
        let mut slot = self.0.engines[slot(kind)]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = &*slot {
            return Ok(engine.clone());
        }
        let engine = Arc::new(self.0.make_shared_engine(kind)?);
        *slot = Some(engine.clone());
        Ok(engine)
    }

    fn link_javascript(
        &self,
        component: Digest,
        engine: &SharedEngine,
        snapshot: &Bytes,
    ) -> Result<Code, LoadError> {
        let contents = self.0.parts.builder.contents(snapshot)?;
        let image = Image::new(
            engine.base.image.clone(),
            contents,
            self.0.residents.budget(),
        );
        let image = image.map_err(|error| image_error(component, error))?;
        let linked = engine.with_memory(&self.0.engine, image.bytes());
        Ok(Code::Javascript(Javascript {
            engine: linked.map_err(|error| invalid(component, &error))?,
            image: Arc::new(image),
        }))
    }

    fn link_component(
        &self,
        component: Digest,
        kind: EngineKind,
        code: &Component,
    ) -> Result<Code, LoadError> {
        check_size(component, code)?;
        let pre = self.0.linkers[slot(kind)]
            .instantiate_pre(code)
            .map_err(|error| import_error(component, &error))?;
        let pre =
            ProxyPre::new(pre).map_err(|_| LoadError::Export("wasi:http/incoming-handler@0.2"))?;
        Ok(Code::Component(Foreign {
            code: pre,
            held: self.0.residents.budget().hold(length(code.image_range())),
            image: Arc::new(Image::zeros()),
        }))
    }
}

impl SharedEngine {
    fn fits(&self, worker: &JavascriptWorker, kind: EngineKind) -> bool {
        worker.engine_digest == self.digest
            && worker.engine_kind == kind
            && worker.base == Some(self.base.digest)
    }

    /// In the cache.
    fn snapshot_name(&self, component: Digest) -> String {
        let [engine, base] = [self.digest, self.base.digest].map(|digest| digest.to_string());
        format!("snapshot-{component}-{}-{}", &engine[..16], &base[..16])
    }

    fn with_memory(
        &self,
        engine: &wasmtime::Engine,
        bytes: usize,
    ) -> wasmtime::Result<Arc<JavascriptPre>> {
        let mut made = self
            .by_memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(pre) = made.get(&bytes) {
            return Ok(pre.clone());
        }
        let module = Module::new(engine, module_with_memory(bytes / WASM_PAGE_BYTES))?;
        let mut linker = self.linker.clone();
        linker.root().module("snapshot", &module)?;
        let pre = Arc::new(JavascriptPre::new(linker.instantiate_pre(&self.skeleton)?)?);
        made.insert(bytes, pre.clone());
        Ok(pre)
    }
}

const WASM_PAGE_BYTES: usize = 64 << 10;

/// A core module that exports a memory of so many pages as `memory`, and has nothing else (WebAssembly 5.5).
fn module_with_memory(pages: usize) -> Vec<u8> {
    const EXPORTS: &[u8] = b"\x07\x0a\x01\x06memory\x02\x00";
    let mut size = Vec::new();
    let mut left = pages;
    while left >= 0x80 {
        size.push(left as u8 | 0x80);
        left >>= 7;
    }
    size.push(left as u8);
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.extend([5, size.len() as u8 + 2, 1, 0]);
    module.extend(size);
    module.extend(EXPORTS);
    module
}

/// No component takes much of what all share.
fn check_size(component: Digest, code: &Component) -> Result<(), LoadError> {
    let Some(size) = code.resources_required() else {
        return Ok(());
    };
    let (memories, tables) = (size.num_memories as usize, size.num_tables as usize);
    let too_many = [
        (memories, MEMORIES_PER_COMPONENT, "linear memories"),
        (tables, TABLES_PER_COMPONENT, "tables"),
    ];
    match too_many.iter().find(|(count, max, _)| count > max) {
        None => Ok(()),
        Some((count, max, what)) => Err(LoadError::Invalid {
            component,
            reason: format!("it has {count} {what}; the limit is {max}"),
        }),
    }
}

impl Inner {
    fn make_shared_engine(&self, kind: EngineKind) -> Result<SharedEngine, LoadError> {
        let parts = self.parts.builder.engine(kind);
        let skeleton = self
            .compiled(&format!("engine-{}", parts.digest), &parts.skeleton)
            .map_err(|error| invalid(parts.digest, &error))?;
        Ok(SharedEngine {
            digest: parts.digest,
            base: self.base(kind, parts.digest)?,
            skeleton,
            by_memory: Mutex::default(),
            linker: javascript_linker(self, kind).map_err(|error| invalid(parts.digest, &error))?,
        })
    }

    fn base(&self, kind: EngineKind, engine: Digest) -> Result<Base, LoadError> {
        let builder = &self.parts.builder;
        let name = format!("base-{engine}");
        let snapshot = match self.cached_snapshot(&name) {
            Some(snapshot) => snapshot,
            None => {
                tracing::info!(?kind, "making the JavaScript engine ready for this node");
                let began = Instant::now();
                let made = builder.base(kind)?;
                self.metrics.compiled(began);
                self.keep(&name, &made);
                made
            }
        };
        let image = Image::base(builder.contents(&snapshot)?, self.residents.budget());
        Ok(Base {
            digest: Digest::of(&snapshot),
            image: Arc::new(image.map_err(|error| image_error(engine, error))?),
        })
    }

    fn cached_snapshot(&self, name: &str) -> Option<Bytes> {
        let snapshot = self.cache.read(name)?;
        self.metrics.cache_hit();
        Some(snapshot.into())
    }

    /// Where it cannot be written it is read from the store, or made, again.
    fn keep(&self, name: &str, snapshot: &[u8]) {
        if let Err(error) = self.cache.put(name, snapshot) {
            tracing::warn!(name, %error, "a snapshot cannot be kept");
        }
    }

    fn compile_component(
        &self,
        digest: Digest,
        name: &str,
        bytes: &[u8],
    ) -> Result<Component, LoadError> {
        self.compiled(name, bytes)
            .map_err(|error| invalid(digest, &error))
    }

    /// Code from the cache, where it is there and wasmtime takes it.
    fn cached(&self, name: &str) -> Option<Component> {
        match open_component(&self.engine, self.cache.get(name)?) {
            Ok(code) => {
                self.metrics.cache_hit();
                Some(code)
            }
            Err(error) => {
                tracing::warn!(name, error = %error.root_cause(), "native code is of no use; it is made again");
                self.cache.remove(name);
                None
            }
        }
    }

    /// Code from the cache, or made now. What is mapped from a file shares its pages with the page cache; where the file
    /// cannot be written the code in memory serves.
    fn compiled(&self, name: &str, bytes: &[u8]) -> wasmtime::Result<Component> {
        if let Some(code) = self.cached(name) {
            return Ok(code);
        }
        let began = Instant::now();
        let code = Component::new(&self.engine, bytes)?;
        let serialized = code.serialize()?;
        self.metrics.compiled(began);
        match self.cache.put(name, &serialized) {
            Ok(file) => open_component(&self.engine, file),
            Err(error) => {
                tracing::warn!(name, %error, "native code cannot be kept");
                Ok(code)
            }
        }
    }
}

fn length(range: Range<*const u8>) -> usize {
    range.end as usize - range.start as usize
}

#[allow(unsafe_code)] // wasmtime cannot check native code; the cache does.
fn open_component(engine: &wasmtime::Engine, file: File) -> wasmtime::Result<Component> {
    // wasmtime opens components by path alone: this one names the very file that was checked.
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: the cache gives out only files that this host wrote, proven by their MAC.
    unsafe { Component::deserialize_file(engine, path) }
}

fn component_name(component: Digest) -> String {
    format!("component-{component}")
}

fn invalid(component: Digest, error: &wasmtime::Error) -> LoadError {
    LoadError::Invalid {
        component,
        reason: format!("{error:#}"),
    }
}

/// The image is not of an acceptable form, or the system has no room for it.
fn image_error(component: Digest, error: std::io::Error) -> LoadError {
    match error.kind() {
        std::io::ErrorKind::InvalidData => LoadError::Invalid {
            component,
            reason: error.to_string(),
        },
        _ => LoadError::NoRoom(error),
    }
}

/// wasmtime names the import in backticks: "component imports instance `a:b/c`, but …".
fn import_error(component: Digest, error: &wasmtime::Error) -> LoadError {
    let text = error.to_string();
    let import = text
        .strip_prefix("component imports ")
        .and_then(|text| text.split('`').nth(1));
    match import {
        Some(import) => LoadError::Import {
            import: import.to_owned(),
            reason: error.root_cause().to_string(),
        },
        None => invalid(component, error),
    }
}
