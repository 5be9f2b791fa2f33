//! From stored components to code that can be instantiated. Everything here takes CPU time and runs where blocking is allowed.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use ouro_core::Digest;
use ouro_core::ports::builder::{EngineKind, JavascriptWorker, MemoryContents, Unpacked};
use wasmtime::component::{Component, Linker};
use wasmtime::{Module, Store};
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};

use crate::config::{MEMORIES_PER_COMPONENT, TABLES_PER_COMPONENT};
use crate::engine::{Inner, Runtime, javascript_linker, slot};
use crate::error::LoadError;
use crate::guest::{Events, Guest, JavascriptPre};
use crate::slots::{self, Image};
use crate::state::HostState;

/// The JavaScript engine of one kind on this node.
pub(crate) struct SharedEngine {
    skeleton: Component,
    /// Without the module `snapshot`.
    linker: Linker<HostState>,
    /// With a memory of so many bytes as that module.
    by_memory: Mutex<HashMap<usize, Arc<JavascriptPre>>>,
}

/// Code of a version, ready to be instantiated.
pub(crate) enum Code {
    Javascript(Javascript),
    Component(Foreign),
}

/// A component of another language.
pub(crate) struct Foreign {
    code: ProxyPre<HostState>,
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

pub(crate) struct Ready {
    pub code: Code,
    /// What the code takes where it is mapped.
    pub bytes: u64,
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

    /// What the cache holds of a component.
    pub(crate) fn ready_from_cache(
        &self,
        component: Digest,
        kind: EngineKind,
    ) -> Result<Option<Ready>, LoadError> {
        let engine = self.0.parts.builder.engine(kind).digest;
        if let Some(image) = self.0.cached(&snapshot_name(component, engine), open_image) {
            return self.link_javascript(component, kind, image).map(Some);
        }
        match self.0.cached(&component_name(component), open_component) {
            Some(code) => self.link_component(component, kind, &code).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn ready_from_bytes(
        &self,
        component: Digest,
        kind: EngineKind,
        bytes: &[u8],
    ) -> Result<Ready, LoadError> {
        match self.0.parts.builder.unpack(bytes)? {
            Unpacked::Javascript(worker) => {
                let (snapshot, engine) = self.fitting_snapshot(component, kind, bytes, worker)?;
                let contents = self.0.parts.builder.contents(&snapshot)?;
                let image = self
                    .0
                    .image(&snapshot_name(component, engine), &contents)
                    .map_err(|error| invalid(component, &error))?;
                self.link_javascript(component, kind, image)
            }
            Unpacked::Component { .. } => {
                let code =
                    self.0
                        .compile_component(component, &component_name(component), bytes)?;
                self.link_component(component, kind, &code)
            }
        }
    }

    /// A snapshot fits exactly one engine build; any other is made again from the bundle beside it.
    fn fitting_snapshot(
        &self,
        component: Digest,
        kind: EngineKind,
        bytes: &[u8],
        worker: JavascriptWorker,
    ) -> Result<(Bytes, Digest), LoadError> {
        let builder = &self.0.parts.builder;
        let engine = builder.engine(kind).digest;
        if worker.engine_digest == engine && worker.engine_kind == kind {
            return Ok((worker.snapshot, engine));
        }
        tracing::warn!(%component, made_by = %worker.engine_digest, %engine, "the snapshot is of another engine build; it is made again");
        let rebuilt = builder.rebuild(bytes, kind)?;
        match builder.unpack(&rebuilt)? {
            Unpacked::Javascript(worker) if worker.engine_digest == engine => {
                Ok((worker.snapshot, engine))
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
        kind: EngineKind,
        image: Image,
    ) -> Result<Ready, LoadError> {
        let shared = self.shared_engine(kind)?;
        let engine = shared
            .with_memory(&self.0.engine, image.bytes())
            .map_err(|error| invalid(component, &error))?;
        Ok(Ready {
            bytes: image.file_bytes(),
            code: Code::Javascript(Javascript {
                engine,
                image: Arc::new(image),
            }),
        })
    }

    fn link_component(
        &self,
        component: Digest,
        kind: EngineKind,
        code: &Component,
    ) -> Result<Ready, LoadError> {
        check_size(component, code)?;
        let pre = self.0.linkers[slot(kind)]
            .instantiate_pre(code)
            .map_err(|error| import_error(component, &error))?;
        let pre =
            ProxyPre::new(pre).map_err(|_| LoadError::Export("wasi:http/incoming-handler@0.2"))?;
        Ok(Ready {
            code: Code::Component(Foreign {
                code: pre,
                image: Arc::new(Image::zeros()),
            }),
            bytes: length(code.image_range()),
        })
    }
}

impl SharedEngine {
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
    /// The image from the cache, or made now; where the file cannot be written the one in memory serves.
    fn image(&self, name: &str, contents: &MemoryContents) -> wasmtime::Result<Image> {
        if let Some(image) = self.cached(name, open_image) {
            return Ok(image);
        }
        let began = Instant::now();
        let segments = contents.segments.iter();
        let encoded = Image::encode(contents.bytes, segments.map(|(at, bytes)| (*at, &**bytes)));
        let encoded = encoded
            .ok_or_else(|| wasmtime::Error::msg("a segment beyond the end of the memory"))?;
        self.metrics.compiled(began);
        Ok(match self.cache.put(name, &encoded) {
            Ok(file) => Image::open(file)?,
            Err(error) => {
                tracing::warn!(name, %error, "the image of a worker's memory cannot be kept");
                Image::in_memory(&encoded)?
            }
        })
    }

    fn make_shared_engine(&self, kind: EngineKind) -> Result<SharedEngine, LoadError> {
        let parts = self.parts.builder.engine(kind);
        let skeleton = self
            .compiled(&format!("engine-{}", parts.digest), open_component, || {
                tracing::info!(?kind, "compiling the JavaScript engine for this node");
                self.compile(&parts.skeleton)
            })
            .map_err(|error| invalid(parts.digest, &error))?;
        Ok(SharedEngine {
            skeleton,
            by_memory: Mutex::default(),
            linker: javascript_linker(self, kind).map_err(|error| invalid(parts.digest, &error))?,
        })
    }

    fn compile_component(
        &self,
        digest: Digest,
        name: &str,
        bytes: &[u8],
    ) -> Result<Component, LoadError> {
        self.compiled(name, open_component, || self.compile(bytes))
            .map_err(|error| invalid(digest, &error))
    }

    fn compile(&self, bytes: &[u8]) -> wasmtime::Result<(Vec<u8>, Component)> {
        let component = Component::new(&self.engine, bytes)?;
        Ok((component.serialize()?, component))
    }

    /// Code from the cache, where it is there and wasmtime takes it.
    fn cached<T>(&self, name: &str, open: Open<T>) -> Option<T> {
        match open(&self.engine, self.cache.get(name)?) {
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
    fn compiled<T>(
        &self,
        name: &str,
        open: Open<T>,
        make: impl FnOnce() -> wasmtime::Result<(Vec<u8>, T)>,
    ) -> wasmtime::Result<T> {
        if let Some(code) = self.cached(name, open) {
            return Ok(code);
        }
        let began = Instant::now();
        let (serialized, code) = make()?;
        self.metrics.compiled(began);
        match self.cache.put(name, &serialized) {
            Ok(file) => open(&self.engine, file),
            Err(error) => {
                tracing::warn!(name, %error, "native code cannot be kept");
                Ok(code)
            }
        }
    }
}

fn length(range: Range<*const u8>) -> u64 {
    (range.end as usize - range.start as usize) as u64
}

type Open<T> = fn(&wasmtime::Engine, File) -> wasmtime::Result<T>;

fn open_image(_: &wasmtime::Engine, file: File) -> wasmtime::Result<Image> {
    Ok(Image::open(file)?)
}

#[allow(unsafe_code)] // wasmtime cannot check native code; the cache does.
fn open_component(engine: &wasmtime::Engine, file: File) -> wasmtime::Result<Component> {
    // wasmtime opens components by path alone: this one names the very file that was checked.
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: the cache gives out only files that this host wrote, proven by their MAC.
    unsafe { Component::deserialize_file(engine, path) }
}

fn snapshot_name(component: Digest, engine: Digest) -> String {
    format!("snapshot-{component}-{}", &engine.to_string()[..16])
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
