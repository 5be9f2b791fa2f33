//! The engine builds that this library carries, in the forms that others need: whole, shared, and as a skeleton.
//!
//! Making them is a matter of milliseconds and happens on first use; compiling one to native code is left to `snapshot` and the host.

use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;

use ouro_core::Digest;
use ouro_core::ports::builder::EngineKind;
use sha2::{Digest as _, Sha256};
use wit_component::ComponentEncoder;

use crate::error::BuildError;
use crate::surgery::{self, EngineMemory, MemoryImage, SnapshotSlot};

/// Part of what an engine's digest covers; changes when the format of snapshots or of component files does.
pub const FORMAT: u32 = 2;

/// The Web APIs, evaluated into every snapshot. `npm run build` in `sdk/js`, part of `make setup`, writes the file.
const PRELUDE: &str = include_str!("../../js/dist/prelude.js");

const WORKER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/engine-worker.wasm"));
const MANAGEMENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/engine-management.wasm"));
const STANDALONE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/engine-standalone.wasm"));

/// Which build of the engine: those that the host shares between workers, and the one that a component carries itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    Worker,
    Management,
    Standalone,
}

impl From<EngineKind> for Variant {
    fn from(kind: EngineKind) -> Self {
        match kind {
            EngineKind::Worker => Self::Worker,
            EngineKind::Management => Self::Management,
        }
    }
}

pub struct Engine {
    /// What snapshots of this engine name.
    pub digest: Digest,
    /// Core module with its memory imported and empty.
    pub shared: Vec<u8>,
    /// The memory before anything ran.
    pub memory: EngineMemory,
    /// The Web APIs in JavaScript.
    pub prelude: Cow<'static, str>,
    /// Core module with a memory of its own, without imports of WASI preview 1.
    core: Vec<u8>,
    /// The core module as an ordinary component.
    component: Vec<u8>,
}

impl Engine {
    /// The engine of a variant, made once per process.
    ///
    /// # Errors
    /// The engine that was built into this library is not of the expected form.
    pub fn get(variant: Variant) -> Result<&'static Self, BuildError> {
        static ENGINES: [OnceLock<Result<Engine, String>>; 3] = [const { OnceLock::new() }; 3];
        let (slot, binary) = match variant {
            Variant::Worker => (&ENGINES[0], WORKER),
            Variant::Management => (&ENGINES[1], MANAGEMENT),
            Variant::Standalone => (&ENGINES[2], STANDALONE),
        };
        let engine = slot.get_or_init(|| {
            let (binary, prelude) = sources(variant, binary)?;
            Self::prepare(&binary, prelude).map_err(|error| format!("engine {variant:?}: {error}"))
        });
        engine
            .as_ref()
            .map_err(|error| BuildError::Internal(error.clone()))
    }

    fn prepare(binary: &[u8], prelude: Cow<'static, str>) -> Result<Self, BuildError> {
        let core = surgery::bulk_in_steps(binary).map_err(BuildError::internal)?;
        let core = surgery::bind_preview1(&core).map_err(BuildError::internal)?;
        let memory = surgery::engine_memory(&core).map_err(BuildError::internal)?;
        Ok(Self {
            digest: digest(&core, &prelude),
            shared: surgery::shared_engine(&core, memory.image.pages)
                .map_err(BuildError::internal)?,
            component: encode(&core)?,
            memory,
            prelude,
            core,
        })
    }

    /// The component around engine and snapshot: with the snapshot inside, or importing it.
    pub fn skeleton(&self, snapshot: SnapshotSlot<'_>) -> Result<Vec<u8>, BuildError> {
        surgery::skeleton(
            &self.component,
            &self.shared,
            self.memory.image.pages,
            snapshot,
        )
        .map_err(BuildError::internal)
    }

    /// The engine with other memory contents, as one ordinary component.
    pub fn with_memory(&self, image: &MemoryImage) -> Result<Vec<u8>, BuildError> {
        encode(&surgery::with_memory(&self.core, image).map_err(BuildError::internal)?)
    }
}

/// What this library carries. A development build takes both from the folder that `ENGINE_DIR` names, where it has them, so that work on
/// the engine and on the Web APIs needs no build of the host.
fn sources(
    variant: Variant,
    binary: &'static [u8],
) -> Result<(Cow<'static, [u8]>, Cow<'static, str>), String> {
    let mut sources = (Cow::Borrowed(binary), Cow::Borrowed(PRELUDE));
    if cfg!(debug_assertions)
        && let Some(folder) = std::env::var_os("ENGINE_DIR")
    {
        let folder = Path::new(&folder);
        let name = format!("engine-{}.wasm", format!("{variant:?}").to_lowercase());
        if folder.join(&name).exists() {
            let read = |name: &str| {
                std::fs::read(folder.join(name)).map_err(|error| format!("`{name}`: {error}"))
            };
            let prelude = String::from_utf8(read("prelude.js")?).map_err(|e| e.to_string())?;
            sources = (read(&name)?.into(), prelude.into());
        }
    }
    Ok(sources)
}

fn digest(binary: &[u8], prelude: &str) -> Digest {
    let mut hasher = Sha256::new();
    for part in [&FORMAT.to_le_bytes()[..], binary, prelude.as_bytes()] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    Digest::finish(hasher)
}

fn encode(core: &[u8]) -> Result<Vec<u8>, BuildError> {
    let mut encoder = ComponentEncoder::default();
    let component = encoder
        .validate(false)
        .module(core)
        .and_then(ComponentEncoder::encode);
    component.map_err(|error| BuildError::Internal(format!("{error:#}")))
}
