//! Components as the build library makes and reads them. `sdk/build` implements it; the host only sees this.

use bytes::Bytes;

use crate::Digest;

/// Which of the engine builds a worker runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EngineKind {
    Worker,
    /// With the privileged bindings.
    Management,
}

/// The shared part of all workers of one engine kind, before it is compiled for this node.
#[derive(Clone)]
pub struct EngineParts {
    pub kind: EngineKind,
    /// What snapshots of this engine name.
    pub digest: Digest,
    /// Component that holds the engine, imports the core module `snapshot` and exports `ouro:host/guest`.
    pub skeleton: Bytes,
}

/// A component, taken apart.
pub enum Unpacked {
    /// Made by `ouro build`.
    Javascript(JavascriptWorker),
    Component {
        /// Names of the interfaces and functions it imports, such as `wasi:io/poll@0.2.6`.
        imports: Vec<String>,
        /// Names of what it exports.
        exports: Vec<String>,
    },
}

pub struct JavascriptWorker {
    pub engine_digest: Digest,
    pub engine_kind: EngineKind,
    /// Digest of the engine's base that the snapshot differs from. Workers that were built before there were bases have none.
    pub base: Option<Digest>,
    /// Core module with a memory, what is in it that differs from the base, and nothing else: no code, no imports, no start.
    /// `contents` checks that.
    pub snapshot: Bytes,
}

/// What is in the memory of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryContents {
    /// Size of the memory.
    pub bytes: usize,
    /// Where something else than in the base begins, and what it is; in a base, something else than zeros.
    pub segments: Vec<(usize, Bytes)>,
}

#[derive(Debug, thiserror::Error)]
pub enum BuilderError {
    #[error("not a component: {0}")]
    NotAComponent(String),
    /// The worker's top level failed; the text has the mapped stack.
    #[error("{0}")]
    Evaluation(String),
    #[error("build: {0}")]
    Internal(String),
}

/// The build library as the host uses it. Calls take CPU time: run them where blocking is allowed.
pub trait WorkerBuilder: Send + Sync + 'static {
    fn engine(&self, kind: EngineKind) -> EngineParts;

    /// Snapshot of the engine before any worker is in it. Takes seconds.
    fn base(&self, kind: EngineKind) -> Result<Bytes, BuilderError>;

    fn unpack(&self, component: &[u8]) -> Result<Unpacked, BuilderError>;

    /// Source map of the bundle (ECMA-426), where the build of a worker kept one.
    fn source_map(&self, component: &[u8]) -> Result<Option<Bytes>, BuilderError>;

    /// Takes a snapshot apart, and checks it.
    fn contents(&self, snapshot: &Bytes) -> Result<MemoryContents, BuilderError>;

    /// Evaluates the bundle inside a JavaScript component again, for this build's engine of the given kind.
    fn rebuild(&self, component: &[u8], kind: EngineKind) -> Result<Bytes, BuilderError>;
}
