//! The port through which the host uses this library.

use bytes::Bytes;
use ouro_core::ports::builder::{
    BuilderError, EngineKind, EngineParts, JavascriptWorker, MemoryContents, Unpacked,
    WorkerBuilder,
};

use crate::artifact::{self, ArtifactError, Contents};
use crate::engine::{Engine, Variant};
use crate::error::BuildError;
use crate::snapshot::{self, Base};
use crate::surgery::SnapshotSlot;
use crate::warm_up::WarmUp;

/// Holds the parts of the engines; the engines themselves are compiled by whoever runs them.
pub struct Builder {
    worker: EngineParts,
    management: EngineParts,
}

impl Builder {
    /// Takes some tens of milliseconds.
    ///
    /// # Errors
    /// The engine that is built into this library is not of the expected form.
    pub fn new() -> Result<Self, BuildError> {
        Ok(Self {
            worker: parts(EngineKind::Worker)?,
            management: parts(EngineKind::Management)?,
        })
    }
}

fn parts(kind: EngineKind) -> Result<EngineParts, BuildError> {
    let engine = Engine::get(Variant::from(kind))?;
    Ok(EngineParts {
        kind,
        digest: engine.digest,
        skeleton: engine.skeleton(SnapshotSlot::Imported)?.into(),
    })
}

impl WorkerBuilder for Builder {
    fn engine(&self, kind: EngineKind) -> EngineParts {
        match kind {
            EngineKind::Worker => self.worker.clone(),
            EngineKind::Management => self.management.clone(),
        }
    }

    fn base(&self, kind: EngineKind) -> Result<Bytes, BuilderError> {
        Ok(Base::get(Variant::from(kind))?.snapshot.clone())
    }

    fn unpack(&self, component: &[u8]) -> Result<Unpacked, BuilderError> {
        Ok(match artifact::read(component)? {
            Contents::Foreign { imports, exports } => Unpacked::Component { imports, exports },
            Contents::Worker(worker) => Unpacked::Javascript(JavascriptWorker {
                engine_digest: worker.engine,
                engine_kind: worker.kind,
                base: worker.base,
                snapshot: worker.snapshot,
            }),
        })
    }

    fn source_map(&self, component: &[u8]) -> Result<Option<Bytes>, BuilderError> {
        Ok(match artifact::read(component)? {
            Contents::Foreign { .. } => None,
            Contents::Worker(worker) => worker.source_map()?.map(Bytes::from),
        })
    }

    fn contents(&self, snapshot: &Bytes) -> Result<MemoryContents, BuilderError> {
        let (bytes, segments) =
            artifact::snapshot_contents(snapshot).map_err(ArtifactError::BadSnapshot)?;
        let segments = segments.into_iter();
        Ok(MemoryContents {
            bytes,
            segments: segments
                .map(|(at, segment)| (at, snapshot.slice_ref(segment)))
                .collect(),
        })
    }

    fn rebuild(&self, component: &[u8], kind: EngineKind) -> Result<Bytes, BuilderError> {
        let Contents::Worker(worker) = artifact::read(component)? else {
            return Err(BuilderError::NotAComponent(
                "it was not made by `ouro build`, so there is no bundle inside".into(),
            ));
        };
        let bundle = worker.bundle()?;
        let source_map = worker.source_map()?.unwrap_or_default();
        let evaluate = |warm_up: &[WarmUp]| {
            snapshot::evaluate(Variant::from(kind), &bundle, &source_map, warm_up)?.outcome
        };
        // Warm or not, it is the same worker: what no longer works in advance must not keep it from being served.
        let evaluated = match evaluate(&worker.warm_up) {
            Err(_) if !worker.warm_up.is_empty() => evaluate(&[])?,
            evaluated => evaluated?,
        };
        let snapshot = evaluated.image.to_module();
        Ok(artifact::pack(kind, &snapshot, &bundle, &source_map, &worker.warm_up)?.into())
    }
}

impl From<ArtifactError> for BuilderError {
    fn from(error: ArtifactError) -> Self {
        Self::NotAComponent(error.to_string())
    }
}

impl From<BuildError> for BuilderError {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Internal(text) => Self::Internal(text),
            error => Self::Evaluation(error.to_string()),
        }
    }
}
