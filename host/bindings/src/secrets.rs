//! Privileged: encryption at rest, one way.

use ouro_runtime::HostState;

use crate::generated::ouro::host::secrets::Host;
use crate::grants;

impl Host for HostState {
    fn seal(&mut self, plaintext: String) -> wasmtime::Result<Result<String, String>> {
        let shared = grants::shared(self)?;
        Ok(shared
            .ports
            .secrets
            .seal(&plaintext)
            .map_err(|error| error.to_string()))
    }
}
