//! Privileged: when workers run by themselves.

use super::run_time_only;
use crate::bindings::ouro::host::crons::{self, Error as CronsError, Weekdays};
use crate::js::{Ctx, Error, Func, Object, Result, Text, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("cronsCheck", Func::from(check))?;
    native.set("cronsReload", Func::from(reload))
}

/// Milliseconds, which a double holds exactly.
fn check(ctx: Ctx<'_>, expression: Text, time_zone: Text, weekdays: Text) -> Result<Vec<f64>> {
    run_time_only(&ctx, "checking a cron expression")?;
    let weekdays = match weekdays.0.as_str() {
        "cloudflare" => Weekdays::Cloudflare,
        _ => Weekdays::Posix,
    };
    let times = crons::check(&expression.0, &time_zone.0, weekdays);
    let times = times.map_err(|error| throw(&ctx, error))?;
    Ok(times.into_iter().map(|time| time as f64).collect())
}

fn reload(ctx: Ctx<'_>) -> Result<()> {
    run_time_only(&ctx, "reloading crons")?;
    crons::reload();
    Ok(())
}

fn throw(ctx: &Ctx<'_>, error: CronsError) -> Error {
    let (code, message) = match error {
        CronsError::Expression(message) => ("expression", message),
        CronsError::TimeZone(message) => ("time-zone", message),
    };
    throw_code(ctx, code, &message)
}
