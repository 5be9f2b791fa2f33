//! What the prelude finds as `__native`: one file for each group of `sdk/js/src/native.ts`, which is the contract.

mod base64;
mod buffer;
mod compression;
pub mod console;
mod context;
mod crypto;
mod encoding;
mod errors;
mod fetch;
pub mod headers;
mod html_rewriter;
mod http;
mod object;
mod random;
mod time;
mod url;
mod url_pattern;

#[cfg(feature = "worker")]
mod assets;
#[cfg(feature = "worker")]
pub mod cache;
#[cfg(feature = "worker")]
mod coder;
#[cfg(feature = "worker")]
mod database;
#[cfg(feature = "worker")]
mod intl;
#[cfg(feature = "worker")]
mod keys;
#[cfg(feature = "worker")]
pub mod service;
#[cfg(feature = "standalone")]
mod ungranted;
#[cfg(feature = "worker")]
mod websocket;

#[cfg(feature = "management")]
mod artifacts;
#[cfg(feature = "management")]
mod build;
#[cfg(feature = "management")]
mod crons;
#[cfg(feature = "management")]
mod databases;
#[cfg(feature = "management")]
mod domains;
#[cfg(feature = "management")]
mod executions;
#[cfg(feature = "management")]
mod identity;
#[cfg(feature = "management")]
mod mail;
#[cfg(feature = "management")]
mod routing;
#[cfg(feature = "management")]
mod secrets;

use std::cell::Cell;

use crate::allocator;
use crate::js::{Ctx, Exception, Func, Object, Result, Text};

pub fn create<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let native = Object::new(ctx.clone())?;
    native.set("building", Func::from(allocator::building))?;
    native.set(
        "runTimeOnly",
        Func::from(|ctx: Ctx<'_>, what: Text| run_time_only(&ctx, &what.0)),
    )?;
    native.set("wantEnv", Func::from(|| WANTS_ENV.set(true)))?;
    object::register(&native)?;
    base64::register(&native)?;
    console::register(&native)?;
    errors::register(&native)?;
    time::register(&native)?;
    context::register(&native)?;
    random::register(ctx, &native)?;
    encoding::register(&native)?;
    buffer::register(&native)?;
    url::register(&native)?;
    url_pattern::register(&native)?;
    crypto::register(&native)?;
    compression::register(&native)?;
    headers::register(&native)?;
    html_rewriter::register(&native)?;
    http::register(&native)?;
    fetch::register(&native)?;
    #[cfg(feature = "worker")]
    {
        database::register(&native)?;
        intl::register(&native)?;
        assets::register(&native)?;
        websocket::register(&native)?;
        cache::register(&native)?;
        service::register(&native)?;
        keys::register(&native)?;
        coder::register(&native)?;
    }
    #[cfg(feature = "standalone")]
    ungranted::register(&native)?;
    #[cfg(feature = "management")]
    {
        artifacts::register(&native)?;
        build::register(&native)?;
        crons::register(&native)?;
        databases::register(&native)?;
        domains::register(&native)?;
        executions::register(&native)?;
        identity::register(&native)?;
        mail::register(&native)?;
        routing::register(&native)?;
        secrets::register(&native)?;
    }
    Ok(native)
}

thread_local! {
    static WANTS_ENV: Cell<bool> = const { Cell::new(false) };
}

/// Did JavaScript ask for the environment before there was an invocation?
pub fn wants_env() -> bool {
    WANTS_ENV.get()
}

/// Refuses what depends on the invocation while the worker is built.
pub fn run_time_only(ctx: &Ctx<'_>, what: &str) -> Result<()> {
    if !allocator::building() {
        return Ok(());
    }
    let message = format!(
        "{what} is not allowed at the top level of a worker: it runs once, when the worker is built"
    );
    Err(Exception::throw_message(ctx, &message))
}
