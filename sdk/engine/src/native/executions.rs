//! Privileged: the records of invocations, and how workers fare.

use super::run_time_only;
use crate::bindings::ouro::host::executions::{self, Failure, Status};
use crate::js::{Ctx, Func, Object, Result, Text};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("executionsFlush", Func::from(flush))?;
    native.set("executionsHealth", Func::from(health))
}

fn flush(ctx: Ctx<'_>) -> Result<()> {
    run_time_only(&ctx, "flushing execution records")?;
    executions::flush();
    Ok(())
}

/// `NativeHealth` in `sdk/js/src/native.ts`.
fn health<'js>(ctx: Ctx<'js>, worker: Text) -> Result<Object<'js>> {
    run_time_only(&ctx, "asking for the health of a worker")?;
    let health = executions::health_of(&worker.0);
    let status = match health.status {
        Status::Idle => "idle",
        Status::Healthy => "healthy",
        Status::Failing => "failing",
        Status::Dying => "dying",
    };
    let outcomes = Object::new(ctx.clone())?;
    for ending in health.endings {
        outcomes.set(ending.outcome.as_str(), ending.count as f64)?;
    }
    let object = Object::new(ctx.clone())?;
    object.set("status", status)?;
    object.set("windowMs", health.window_ms as f64)?;
    object.set("outcomes", outcomes)?;
    let failure = health.last_failure.map(|it| failure(&ctx, it));
    object.set("lastFailure", failure.transpose()?)?;
    Ok(object)
}

fn failure<'js>(ctx: &Ctx<'js>, failure: Failure) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("outcome", failure.outcome)?;
    object.set("message", failure.message)?;
    object.set("endedAtMs", failure.ended_at_ms as f64)?;
    object.set("execution", failure.execution)?;
    Ok(object)
}
