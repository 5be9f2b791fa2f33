//! The context of asynchronous work, for `node:async_hooks`.

use crate::js::{Ctx, Func, Function, Object, Result, Value, context};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("trackContext", Func::from(context::track))?;
    native.set("context", Func::from(current))?;
    native.set("setContext", Func::from(set_current))?;
    native.set("bindContext", Func::from(bind))
}

fn current(ctx: Ctx<'_>) -> Value<'_> {
    context::current(&ctx)
}

fn set_current<'js>(ctx: Ctx<'js>, value: Value<'js>) {
    context::set_current(&ctx, &value);
}

fn bind<'js>(ctx: Ctx<'js>, function: Function<'js>) -> Result<Function<'js>> {
    context::bind(&ctx, function)
}
