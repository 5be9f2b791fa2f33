//! Privileged: whose a domain is.

use super::run_time_only;
use crate::bindings::ouro::host::domains::{self, Error as DomainError};
use crate::js::{Ctx, Func, Object, Result, Text, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("domainsRequired", Func::from(required))?;
    native.set("domainsCheck", Func::from(check))
}

fn required(ctx: Ctx<'_>) -> Result<bool> {
    run_time_only(&ctx, "asking about domains")?;
    Ok(domains::required())
}

fn check(ctx: Ctx<'_>, name: Text, token: Text) -> Result<()> {
    run_time_only(&ctx, "checking a domain")?;
    domains::check(&name.0, &token.0).map_err(|error| {
        let (code, message) = match error {
            DomainError::Unproven(message) => ("unproven", message),
            DomainError::Unavailable(message) => ("unavailable", message),
        };
        throw_code(&ctx, code, &message)
    })
}
