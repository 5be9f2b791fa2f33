//! Promises that are settled from the event loop.

use super::{Ctx, Function, IntoJs, Persistent, Promise, Result, thrown};

/// A promise that Rust settles later.
pub struct Deferred {
    resolve: Persistent<Function<'static>>,
    reject: Persistent<Function<'static>>,
}

impl Deferred {
    pub fn new<'js>(ctx: &Ctx<'js>) -> Result<(Promise<'js>, Self)> {
        let (promise, resolve, reject) = ctx.promise()?;
        let (resolve, reject) = (
            Persistent::save(ctx, resolve),
            Persistent::save(ctx, reject),
        );
        Ok((promise, Self { resolve, reject }))
    }

    /// Resolves with the value, or rejects with what was thrown.
    pub fn settle<'js, T: IntoJs<'js>>(self, ctx: &Ctx<'js>, result: Result<T>) {
        let (function, value) = match result.and_then(|value| value.into_js(ctx)) {
            Ok(value) => (self.resolve, value),
            Err(error) => (self.reject, thrown(ctx, error)),
        };
        // Settling runs no code of the worker here; it can fail only for want of memory, and then the invocation is lost anyway.
        let _ = function
            .restore(ctx)
            .and_then(|function| function.call::<_, ()>((value,)));
    }
}
