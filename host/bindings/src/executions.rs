//! Privileged: the records of invocations.

use ouro_runtime::HostState;

use crate::generated::ouro::host::executions::Host;
use crate::grants;

impl Host for HostState {
    async fn flush(&mut self) -> wasmtime::Result<()> {
        let records = grants::of(self)?.shared.executions.get().cloned();
        if let Some(records) = records {
            records.flush().await;
        }
        Ok(())
    }
}
