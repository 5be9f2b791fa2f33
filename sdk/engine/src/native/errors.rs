//! What `Error.captureStackTrace` and `Function.prototype.toString` need of the engine.

use crate::js::{Ctx, Func, Object, Result, Value, describe_stack, source};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("describeStack", Func::from(describe))?;
    native.set("functionText", Func::from(source::text_at))
}

fn describe<'js>(ctx: Ctx<'js>, error: Value<'js>, frames: Value<'js>) -> Value<'js> {
    describe_stack(&ctx, &error, frames)
}
