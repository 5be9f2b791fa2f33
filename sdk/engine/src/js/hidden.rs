//! Names that belong to the prelude. Its objects keep their state under names that begin with `_`, which costs less than private fields:
//! many stand on the prototype and are set only where they differ. To workers they are as private as those.
//!
//! The function is C and stands inside QuickJS (`cc/qjs_guard.h`).

use javy::quickjs::qjs::JSContext;

use super::Ctx;

unsafe extern "C" {
    fn ouro_hide_names(context: *mut JSContext);
}

/// From now on nobody can list or write what has such a name.
pub fn hide_names(ctx: &Ctx<'_>) {
    // SAFETY: the context is alive.
    unsafe { ouro_hide_names(ctx.as_raw().as_ptr()) };
}
