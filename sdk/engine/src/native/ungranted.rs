//! The bindings that a self-contained component does not have: other hosts know none of Ouro's.

use crate::js::{Ctx, Error, Exception, Func, Object, Result, Text, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("openDatabase", Func::from(refuse))?;
    native.set("assetsFetch", Func::from(refuse))?;
    native.set("service", Func::from(refuse))?;
    for name in ["cacheMatch", "cachePut", "cacheDelete"] {
        native.set(name, Func::from(no_cache))?;
    }
    native.set("acceptSocket", Func::from(refuse_socket))?;
    native.set("connectSocket", Func::from(refuse_socket))
}

/// `wasi:http@0.2` has no upgrade.
fn refuse_socket(ctx: Ctx<'_>) -> Result<()> {
    Err(Exception::throw_type(
        &ctx,
        "a standalone component has no WebSockets: wasi:http cannot upgrade a connection",
    ))
}

fn refuse(ctx: Ctx<'_>, binding: Text) -> Result<()> {
    Err(not_granted(&ctx, &binding.0))
}

fn no_cache(ctx: Ctx<'_>) -> Result<()> {
    let message = "a standalone component has no cache: it belongs to Ouro's host";
    Err(throw_code(&ctx, "not-granted", message))
}

fn not_granted(ctx: &Ctx<'_>, binding: &str) -> Error {
    throw_code(
        ctx,
        "not-granted",
        &format!("no binding `{binding}`: a standalone component has no bindings of Ouro"),
    )
}
