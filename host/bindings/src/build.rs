//! Privileged: makes stored components ready to run on this host, before a version names them.

use bytes::Bytes;
use futures_util::stream;
use ouro_core::Digest;
use ouro_core::ports::artifacts::{ArtifactError, read_within};
use ouro_core::ports::builder::{BuilderError, EngineKind, Unpacked, WorkerBuilder};
use ouro_runtime::{HostState, LoadError, Runtime};
use tokio::sync::Semaphore;

use crate::generated::ouro::host::build::{Error, Host, Kind, Prepared};
use crate::{Shared, grants};

/// A component of any kind. It is read whole; a snapshot has 128 MiB of memory at most.
const COMPONENT_BYTES_MAX: u64 = 256 << 20;
/// One of another language, which is compiled: some seconds for each 10 MiB, on all cores.
const COMPILED_BYTES_MAX: usize = 64 << 20;
const HANDLER: &str = "wasi:http/incoming-handler@0.2";
/// Bindings by the name of their interface; importing one needs a grant of that kind. The others are open to all.
const GRANTED: [&str; 3] = ["database", "assets", "service"];
const PRIVILEGED: [&str; 9] = [
    "artifacts",
    "build",
    "crons",
    "databases",
    "executions",
    "identity",
    "mail",
    "routing",
    "secrets",
];

impl Host for HostState {
    async fn prepare(
        &mut self,
        component: String,
        granted: Vec<String>,
        management: bool,
    ) -> wasmtime::Result<Result<Prepared, Error>> {
        let shared = grants::shared(self)?;
        let runtime = self.worker().runtime().clone();
        Ok(prepare(&shared, &runtime, component, &granted, management).await)
    }
}

async fn prepare(
    shared: &Shared,
    runtime: &Runtime,
    component: String,
    granted: &[String],
    management: bool,
) -> Result<Prepared, Error> {
    let digest: Digest = component.parse().map_err(|_| Error::NotFound(component))?;
    let kind = if management {
        EngineKind::Management
    } else {
        EngineKind::Worker
    };
    let bytes = read_within(&*shared.ports.artifacts, digest, COMPONENT_BYTES_MAX).await?;
    let unpacked = {
        let bytes = bytes.clone();
        with_builder(shared, move |builder| builder.unpack(&bytes)).await?
    };
    let prepared = match unpacked {
        Unpacked::Javascript(worker) => {
            if runtime.fits(&worker, kind)? {
                (digest, bytes, Kind::Javascript, false)
            } else {
                rebuilt(shared, bytes, kind).await?
            }
        }
        Unpacked::Component { imports, exports } => {
            check_exports(&exports)?;
            check_imports(&imports, granted, management)?;
            check_size(&bytes)?;
            (digest, bytes, Kind::Component, false)
        }
    };
    let (component, bytes, guest, rebuilt) = prepared;
    // Compiles, and keeps the native code: the first request finds it.
    match guest {
        Kind::Javascript => runtime.check(component, kind, bytes).await?,
        Kind::Component => compile(runtime.clone(), component, kind, bytes).await?,
    }
    Ok(Prepared {
        component: component.to_string(),
        kind: guest,
        rebuilt,
    })
}

/// Each takes all cores as long as it lasts, and nothing ends it.
static COMPILATIONS: Semaphore = Semaphore::const_new(1);

/// Compiles a component when it is its turn.
async fn compile(
    runtime: Runtime,
    component: Digest,
    kind: EngineKind,
    bytes: Bytes,
) -> Result<(), Error> {
    // As a task, which keeps its turn to its end, also where nobody waits for it any more.
    let compiling = tokio::spawn(async move {
        // A static semaphore is never closed.
        let _turn = COMPILATIONS.acquire().await;
        runtime.check(component, kind, bytes).await
    });
    match compiling.await {
        Ok(compiled) => Ok(compiled?),
        Err(error) => Err(Error::Unavailable(format!(
            "the compilation was interrupted: {error}"
        ))),
    }
}

/// Evaluations at once: each runs customers' code for seconds, in memory that no instance is counted for.
static REBUILDS: Semaphore = Semaphore::const_new(2);

/// Made again from its bundle, and stored: another engine build made it.
async fn rebuilt(
    shared: &Shared,
    bytes: Bytes,
    kind: EngineKind,
) -> Result<(Digest, Bytes, Kind, bool), Error> {
    // A static semaphore is never closed.
    let turn = REBUILDS.acquire().await;
    let rebuild = move |builder: &dyn WorkerBuilder| {
        let _turn = turn;
        builder.rebuild(&bytes, kind)
    };
    let rebuilt = with_builder(shared, rebuild).await?;
    let digest = Digest::of(&rebuilt);
    let body = stream::iter([Ok(rebuilt.clone())]);
    shared
        .ports
        .artifacts
        .put(digest, Box::pin(body), rebuilt.len() as u64)
        .await?;
    Ok((digest, rebuilt, Kind::Javascript, true))
}

async fn with_builder<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&dyn WorkerBuilder) -> Result<T, BuilderError> + Send + 'static,
) -> Result<T, Error> {
    let builder = shared.ports.builder.clone();
    match tokio::task::spawn_blocking(move || work(&*builder)).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(Error::Unavailable(format!(
            "the build was interrupted: {error}"
        ))),
    }
}

fn check_exports(exports: &[String]) -> Result<(), Error> {
    if exports.iter().any(|name| name.starts_with(HANDLER)) {
        return Ok(());
    }
    Err(Error::NotAComponent(format!(
        "the component does not export `{HANDLER}`, so it cannot serve requests"
    )))
}

fn check_size(component: &[u8]) -> Result<(), Error> {
    if component.len() <= COMPILED_BYTES_MAX {
        return Ok(());
    }
    Err(Error::NotAComponent(format!(
        "the component has {} bytes (limit: {COMPILED_BYTES_MAX})",
        component.len()
    )))
}

/// Names that this host does not know are found when the component is linked.
fn check_imports(imports: &[String], granted: &[String], management: bool) -> Result<(), Error> {
    for import in imports {
        let Some(interface) = import.strip_prefix("ouro:host/") else {
            continue;
        };
        let interface = interface.split('@').next().unwrap_or(interface);
        let refused = (PRIVILEGED.contains(&interface) && !management)
            || (GRANTED.contains(&interface) && !granted.iter().any(|kind| kind == interface));
        if refused {
            return Err(Error::UngrantedImport(import.clone()));
        }
    }
    Ok(())
}

impl From<ArtifactError> for Error {
    fn from(error: ArtifactError) -> Self {
        match error {
            ArtifactError::NotFound(digest) => Self::NotFound(digest.to_string()),
            error @ ArtifactError::TooLarge { .. } => Self::NotAComponent(error.to_string()),
            error => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<BuilderError> for Error {
    fn from(error: BuilderError) -> Self {
        match error {
            BuilderError::NotAComponent(text) => Self::NotAComponent(text),
            BuilderError::Evaluation(text) => Self::Evaluation(text),
            BuilderError::Internal(text) => Self::Unavailable(text),
        }
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Artifact(error) => error.into(),
            LoadError::Build(error) => error.into(),
            LoadError::Import { import, .. } => Self::UnknownImport(import),
            error @ (LoadError::Invalid { .. } | LoadError::Export(_)) => {
                Self::NotAComponent(error.to_string())
            }
            error @ LoadError::NoRoom(_) => Self::Unavailable(error.to_string()),
            LoadError::Interrupted(text) => Self::Unavailable(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(import: &str, granted: &[&str], management: bool) -> Result<(), Error> {
        let granted: Vec<String> = granted.iter().map(|kind| (*kind).to_owned()).collect();
        check_imports(&[import.to_owned()], &granted, management)
    }

    #[test]
    fn a_binding_needs_its_grant() {
        assert!(check("ouro:host/database@0.1.0", &["database"], false).is_ok());
        assert!(matches!(
            check("ouro:host/database@0.1.0", &["assets"], false),
            Err(Error::UngrantedImport(name)) if name == "ouro:host/database@0.1.0"
        ));
        assert!(check("ouro:host/env@0.1.0", &[], false).is_ok());
        assert!(check("wasi:io/poll@0.2.6", &[], false).is_ok());
    }

    #[test]
    fn privileged_bindings_are_for_management_alone() {
        for name in PRIVILEGED {
            let import = format!("ouro:host/{name}@0.1.0");
            assert!(check(&import, &[name], false).is_err(), "{name}");
            assert!(check(&import, &[], true).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_component_must_serve_requests() {
        assert!(check_exports(&["wasi:http/incoming-handler@0.2.3".into()]).is_ok());
        assert!(check_exports(&["wasi:cli/run@0.2.3".into()]).is_err());
    }
}
