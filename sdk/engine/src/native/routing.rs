//! Privileged: what the gateway serves.

use super::run_time_only;
use crate::bindings::ouro::host::routing::{self, Error as RoutingError};
use crate::js::{Ctx, Error, Func, Object, Opt, Result, Text, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("routingCheck", Func::from(check))?;
    native.set("routingReload", Func::from(reload))
}

fn check(ctx: Ctx<'_>, version: Text, health_path: Opt<Option<Text>>) -> Result<()> {
    run_time_only(&ctx, "checking a version")?;
    let path = health_path.0.flatten().map(|path| path.0);
    routing::check(&version.0, path.as_deref()).map_err(|error| throw(&ctx, error))
}

fn reload(ctx: Ctx<'_>, worker: Opt<Option<Text>>) -> Result<()> {
    run_time_only(&ctx, "reloading routes")?;
    let worker = worker.0.flatten().map(|worker| worker.0);
    routing::reload(worker.as_deref()).map_err(|error| throw(&ctx, error))
}

fn throw(ctx: &Ctx<'_>, error: RoutingError) -> Error {
    let (code, message) = match error {
        RoutingError::NotFound(message) => ("not-found", message),
        RoutingError::Unhealthy(message) => ("unhealthy", message),
        RoutingError::Unavailable(message) => ("unavailable", message),
    };
    throw_code(ctx, code, &message)
}
