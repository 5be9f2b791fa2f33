//! QuickJS as the rest of the engine sees it: the only module that names javy, and the conversions that its crate lacks.

mod bytes;
pub mod clone;
pub mod context;
mod deferred;
mod failure;
mod hidden;
mod json;
mod memory;
pub mod source;
mod stack;
mod text;
mod utf16;

pub use bytes::{Bytes, bytes_value};
pub use deferred::Deferred;
pub use failure::{Failure, throw_code, thrown};
pub use hidden::hide_names;
pub use json::install as install_json;
pub use stack::{describe_stack, frames_of};
pub use text::{Text, Utf8, byte_string, string_array};
pub use utf16::{Utf16, utf16_string};

pub use javy::Runtime;
#[cfg(feature = "worker")]
pub use javy::quickjs::BigInt;
pub use javy::quickjs::function::IntoArgs;
pub use javy::quickjs::function::{Func, Opt, This};
pub use javy::quickjs::module::{Declarations, Exports, ModuleDef, WriteOptions};
pub use javy::quickjs::object::Accessor;
pub use javy::quickjs::promise::PromiseState;
use javy::quickjs::qjs;
pub use javy::quickjs::{
    Array, Class, Ctx, Error, Exception, FromJs, Function, IntoJs, JsLifetime, Module, Object,
    Persistent, Promise, Result, String as JsString, Value, class,
};

use std::ffi::{CStr, CString};

/// Beyond this depth of the engine's stack JavaScript gets a RangeError. What runs at the limit has the other half MiB (`build.rs`).
const STACK_BYTES_MAX: usize = 1024 * 1024;

/// Cycles are collected from so many bytes of JavaScript memory on.
pub fn new_runtime(gc_threshold_bytes: usize) -> std::result::Result<Runtime, String> {
    let mut config = javy::Config::default();
    config
        .max_stack_size(STACK_BYTES_MAX)
        .gc_threshold(gc_threshold_bytes)
        .weak_ref(true);
    let runtime = Runtime::new(config).map_err(|error| error.to_string())?;
    runtime.context().with(|ctx| memory::install(&ctx));
    Ok(runtime)
}

/// Evaluates a script and gives its completion value. It goes through bytecode, so that neither its text nor what the parser left
/// behind stays in the heap.
pub fn evaluate_script<'js>(ctx: &Ctx<'js>, name: &CStr, source: &[u8]) -> Result<Value<'js>> {
    let source = CString::new(source)?;
    let length = source.as_bytes().len() as qjs::size_t;
    let (compile, write) = (
        qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY,
        qjs::JS_WRITE_OBJ_BYTECODE,
    );
    let write = write | qjs::JS_WRITE_OBJ_STRIP_SOURCE;
    let context = ctx.as_raw().as_ptr();
    // SAFETY: the pointers are valid for the calls; each value made here is freed once or handed on; the bytecode read is the one
    // just written.
    unsafe {
        let function = qjs::JS_Eval(
            context,
            source.as_ptr(),
            length,
            name.as_ptr(),
            compile as i32,
        );
        if qjs::JS_IsException(function) {
            return Err(Error::Exception);
        }
        drop(source);
        let mut size = 0;
        let bytecode = qjs::JS_WriteObject(context, &mut size, function, write as i32);
        qjs::JS_FreeValue(context, function);
        if bytecode.is_null() {
            return Err(Error::Exception);
        }
        let function =
            qjs::JS_ReadObject(context, bytecode, size, qjs::JS_READ_OBJ_BYTECODE as i32);
        qjs::js_free(context, bytecode.cast());
        if qjs::JS_IsException(function) {
            return Err(Error::Exception);
        }
        let value = qjs::JS_EvalFunction(context, function);
        if qjs::JS_IsException(value) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), value))
    }
}

/// Gives a Rust type to JavaScript as a class without a constructor: `class!(Type, "Name", |prototype| { ... })`.
/// The type holds no JavaScript values, so there is nothing to trace.
macro_rules! class {
    ($type:ty, $name:literal, |$prototype:ident| $methods:block) => {
        impl<'js> $crate::js::class::Trace<'js> for $type {
            fn trace<'a>(&self, _tracer: $crate::js::class::Tracer<'a, 'js>) {}
        }
        // SAFETY: the type has no lifetime of JavaScript values.
        unsafe impl<'js> $crate::js::JsLifetime<'js> for $type {
            type Changed<'to> = $type;
        }
        impl<'js> $crate::js::class::JsClass<'js> for $type {
            const NAME: &'static str = $name;
            type Mutable = $crate::js::class::Writable;

            fn prototype(ctx: &$crate::js::Ctx<'js>) -> $crate::js::Result<Option<$crate::js::Object<'js>>> {
                let $prototype = $crate::js::Object::new(ctx.clone())?;
                $methods
                Ok(Some($prototype))
            }

            fn constructor(
                _ctx: &$crate::js::Ctx<'js>,
            ) -> $crate::js::Result<Option<javy::quickjs::function::Constructor<'js>>> {
                Ok(None)
            }
        }
    };
}
pub(crate) use class as native_class;

/// The number of the value's internal class; the same for all objects of that class, and none for what is no object.
pub fn class_id(value: &Value<'_>) -> u32 {
    // SAFETY: the question takes any value.
    unsafe { qjs::JS_GetClassID(value.as_raw()) }
}

/// Runs one promise job; false where there is none. What a job throws is the answer's error.
pub fn run_job<'js>(ctx: &Ctx<'js>) -> std::result::Result<bool, Value<'js>> {
    let ran = ctx.execute_pending_job();
    if ran && ctx.has_exception() {
        return Err(ctx.catch());
    }
    Ok(ran)
}

unsafe extern "C" {
    // QuickJS's tables of Unicode's ID_Start and ID_Continue (libunicode.h).
    safe fn lre_is_id_start(character: u32) -> bool;
    safe fn lre_is_id_continue(character: u32) -> bool;
}

/// May an identifier begin with it, by Unicode?
pub fn is_identifier_start(character: char) -> bool {
    lre_is_id_start(character.into())
}

/// May an identifier go on with it, by Unicode?
pub fn is_identifier_part(character: char) -> bool {
    lre_is_id_continue(character.into())
}
