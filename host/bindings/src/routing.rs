//! Privileged: what the gateway serves.

use std::sync::Arc;

use ouro_core::id::{VersionId, WorkerId};
use ouro_core::ports::routing::{RoutingControl, RoutingError};
use ouro_runtime::HostState;

use crate::generated::ouro::host::routing::{Error, Host};
use crate::grants;

impl Host for HostState {
    async fn check(
        &mut self,
        version: String,
        health_path: Option<String>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let Some(control) = control(self)? else {
            return Ok(Err(not_started()));
        };
        let version = VersionId(version);
        let checked = control.check(&version, health_path.as_deref()).await;
        Ok(checked.map_err(Error::from))
    }

    async fn reload(&mut self, worker: Option<String>) -> wasmtime::Result<Result<(), Error>> {
        let Some(control) = control(self)? else {
            return Ok(Err(not_started()));
        };
        let worker = worker.map(WorkerId);
        Ok(control.reload(worker.as_ref()).await.map_err(Error::from))
    }
}

fn control(state: &HostState) -> wasmtime::Result<Option<Arc<dyn RoutingControl>>> {
    Ok(grants::of(state)?.shared.routing.get().cloned())
}

fn not_started() -> Error {
    Error::Unavailable("the gateway has not started".into())
}

impl From<RoutingError> for Error {
    fn from(error: RoutingError) -> Self {
        match error {
            RoutingError::NotFound(text) => Self::NotFound(text),
            RoutingError::Unhealthy(text) => Self::Unhealthy(text),
            RoutingError::Unavailable(text) => Self::Unavailable(text),
        }
    }
}
