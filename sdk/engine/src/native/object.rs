//! What JavaScript cannot ask about its own objects.

use crate::js::{self, Func, Object, Result, Value};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("classId", Func::from(class_id))
}

fn class_id(value: Value<'_>) -> u32 {
    js::class_id(&value)
}
