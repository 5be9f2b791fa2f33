//! What JavaScript cannot ask about its own objects, and their copies.

use crate::js::{Array, Ctx, Func, Function, Object, Result, Value, class_id, clone};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("classId", Func::from(|value: Value<'_>| class_id(&value)))?;
    native.set("cloneWhole", Func::from(clone_whole))?;
    native.set("cloneInner", Func::from(clone_inner))?;
    native.set("cloneRemember", Func::from(clone_remember))
}

/// `known` is a flat list of originals and copies.
fn clone_whole<'js>(
    ctx: Ctx<'js>,
    value: Value<'js>,
    known: Array<'js>,
    other: Function<'js>,
) -> Result<Value<'js>> {
    clone::within(|| {
        for at in (0..known.len()).step_by(2) {
            clone::remember(&ctx, &known.get(at)?, &known.get(at + 1)?);
        }
        clone::copy(&ctx, value, &other)
    })
}

fn clone_inner<'js>(ctx: Ctx<'js>, value: Value<'js>, other: Function<'js>) -> Result<Value<'js>> {
    clone::copy(&ctx, value, &other)
}

fn clone_remember<'js>(ctx: Ctx<'js>, original: Object<'js>, copy: Object<'js>) {
    clone::remember(&ctx, original.as_value(), copy.as_value());
}
