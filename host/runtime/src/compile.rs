//! From stored components to code that can be instantiated. Everything here takes CPU time and runs where blocking is allowed.

use std::fs::File;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use ouro_core::Digest;
use ouro_core::ports::builder::{EngineKind, JavascriptWorker, Unpacked};
use wasmtime::Module;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::engine::{Inner, Runtime, javascript_linker, slot};
use crate::error::LoadError;
use crate::guest::JavascriptPre;
use crate::state::HostState;

/// The JavaScript engine of one kind on this node.
pub(crate) struct SharedEngine {
    digest: Digest,
    skeleton: Component,
    /// Each worker adds its module `snapshot`.
    linker: Linker<HostState>,
}

/// Code of a version, ready to be instantiated.
pub(crate) enum Code {
    Javascript(JavascriptPre),
    Component(ProxyPre<HostState>),
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
        if let Some(snapshot) = self
            .0
            .cached(&snapshot_name(component, engine), open_module)
        {
            return self.link_javascript(component, kind, &snapshot).map(Some);
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
                let code = self
                    .0
                    .compiled(&snapshot_name(component, engine), open_module, || {
                        Module::new(&self.0.engine, &snapshot)
                            .and_then(|module| Ok((module.serialize()?, module)))
                    })
                    .map_err(|error| invalid(component, &error))?;
                self.link_javascript(component, kind, &code)
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
        snapshot: &Module,
    ) -> Result<Ready, LoadError> {
        let engine = self.shared_engine(kind)?;
        let link = || {
            let mut linker = engine.linker.clone();
            linker.root().module("snapshot", snapshot)?;
            JavascriptPre::new(linker.instantiate_pre(&engine.skeleton)?)
        };
        let code = link().map(Code::Javascript).map_err(|error| {
            self.0
                .cache
                .remove(&snapshot_name(component, engine.digest));
            invalid(component, &error)
        })?;
        let bytes = length(snapshot.image_range());
        Ok(Ready { code, bytes })
    }

    fn link_component(
        &self,
        component: Digest,
        kind: EngineKind,
        code: &Component,
    ) -> Result<Ready, LoadError> {
        let pre = self.0.linkers[slot(kind)]
            .instantiate_pre(code)
            .map_err(|error| import_error(component, &error))?;
        let pre =
            ProxyPre::new(pre).map_err(|_| LoadError::Export("wasi:http/incoming-handler@0.2"))?;
        Ok(Ready {
            code: Code::Component(pre),
            bytes: length(code.image_range()),
        })
    }
}

impl Inner {
    fn make_shared_engine(&self, kind: EngineKind) -> Result<SharedEngine, LoadError> {
        let parts = self.parts.builder.engine(kind);
        let skeleton = self
            .compiled(&format!("engine-{}", parts.digest), open_component, || {
                tracing::info!(?kind, "compiling the JavaScript engine for this node");
                self.compile(&parts.skeleton)
            })
            .map_err(|error| invalid(parts.digest, &error))?;
        Ok(SharedEngine {
            digest: parts.digest,
            skeleton,
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
            Ok(code) => Some(code),
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
        let (serialized, code) = make()?;
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

#[allow(unsafe_code)] // wasmtime cannot check native code; the cache does.
fn open_module(engine: &wasmtime::Engine, file: File) -> wasmtime::Result<Module> {
    // SAFETY: the cache gives out only files that this host wrote, proven by their MAC.
    unsafe { Module::deserialize_open_file(engine, file) }
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
