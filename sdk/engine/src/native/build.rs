//! Privileged: checks stored components and rebuilds their snapshots.

use super::run_time_only;
use crate::bindings::ouro::host::build::{self, Error as BuildError, Kind};
use crate::js::{Ctx, Error, Func, Object, Result, Text, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("buildPrepare", Func::from(prepare))
}

fn prepare<'js>(
    ctx: Ctx<'js>,
    component: Text,
    granted: Vec<Text>,
    management: bool,
) -> Result<Object<'js>> {
    run_time_only(&ctx, "preparing a component")?;
    let granted: Vec<&str> = granted.iter().map(|kind| kind.0.as_str()).collect();
    let prepared =
        build::prepare(&component.0, &granted, management).map_err(|error| throw(&ctx, error))?;
    let answer = Object::new(ctx)?;
    answer.set("component", prepared.component)?;
    let kind = match prepared.kind {
        Kind::Javascript => "javascript",
        Kind::Component => "component",
    };
    answer.set("kind", kind)?;
    answer.set("rebuilt", prepared.rebuilt)?;
    Ok(answer)
}

fn throw(ctx: &Ctx<'_>, error: BuildError) -> Error {
    let (code, message) = match error {
        BuildError::NotFound(message) => ("not-found", message),
        BuildError::NotAComponent(message) => ("not-a-component", message),
        BuildError::UnknownImport(message) => ("unknown-import", message),
        BuildError::UngrantedImport(message) => ("ungranted-import", message),
        BuildError::Evaluation(message) => ("evaluation", message),
        BuildError::Unavailable(message) => ("unavailable", message),
    };
    throw_code(ctx, code, &message)
}
