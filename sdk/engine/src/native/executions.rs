//! Privileged: the records of invocations.

use super::run_time_only;
use crate::bindings::ouro::host::executions;
use crate::js::{Ctx, Func, Object, Result};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("executionsFlush", Func::from(flush))
}

fn flush(ctx: Ctx<'_>) -> Result<()> {
    run_time_only(&ctx, "flushing execution records")?;
    executions::flush();
    Ok(())
}
