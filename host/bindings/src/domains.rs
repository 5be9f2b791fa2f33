//! Privileged: whose a domain is.

use std::sync::Arc;

use ouro_core::ports::domains::{DomainError, DomainProofs};
use ouro_runtime::HostState;

use crate::generated::ouro::host::domains::{Error, Host};
use crate::grants;

fn proofs(state: &HostState) -> wasmtime::Result<Arc<dyn DomainProofs>> {
    Ok(grants::shared(state)?.ports.domains.clone())
}

impl Host for HostState {
    fn required(&mut self) -> wasmtime::Result<bool> {
        Ok(proofs(self)?.required())
    }

    async fn check(&mut self, name: String, token: String) -> wasmtime::Result<Result<(), Error>> {
        let checked = proofs(self)?.check(&name, &token).await;
        Ok(checked.map_err(Error::from))
    }
}

impl From<DomainError> for Error {
    fn from(error: DomainError) -> Self {
        match error {
            DomainError::Unproven(text) => Self::Unproven(text),
            DomainError::Unavailable(text) => Self::Unavailable(text),
        }
    }
}
