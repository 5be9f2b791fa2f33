//! What `Error.captureStackTrace` needs of the engine.

use crate::js::{Ctx, Func, Object, Result, Value, describe_stack};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("describeStack", Func::from(describe))
}

fn describe<'js>(ctx: Ctx<'js>, error: Value<'js>, frames: Value<'js>) -> Value<'js> {
    describe_stack(&ctx, &error, frames)
}
