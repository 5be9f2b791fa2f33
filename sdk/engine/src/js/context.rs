//! The context of asynchronous work: one value, which follows the code from where work is begun to where it goes on.
//!
//! `AsyncLocalStorage` of `node:async_hooks` stands on it. A function that is bound keeps the context of that moment and runs in it; QuickJS
//! binds the reactions of promises (`cc/qjs_guard.h`), the event loop binds timers. Until `track` is called nothing is bound.

use std::cell::Cell;
use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

use javy::quickjs::qjs;

use super::{Ctx, Error, FromJs, Function, Result, Value};

/// QuickJS looks at it before it calls `ouro_context_bind`.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
static ouro_context_tracked: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Owns a reference to its value.
    static CURRENT: Cell<qjs::JSValue> = const { Cell::new(qjs::JS_UNDEFINED) };
}

/// From now on contexts follow asynchronous work.
pub fn track() {
    ouro_context_tracked.store(true, Ordering::Relaxed);
}

pub fn current<'js>(ctx: &Ctx<'js>) -> Value<'js> {
    // SAFETY: `CURRENT` holds a value of this runtime, and the answer gets a reference of its own.
    unsafe {
        let value = qjs::JS_DupValue(ctx.as_raw().as_ptr(), CURRENT.get());
        Value::from_raw(ctx.clone(), value)
    }
}

pub fn set_current<'js>(ctx: &Ctx<'js>, value: &Value<'js>) {
    let context = ctx.as_raw().as_ptr();
    // SAFETY: the new value gets a reference, the old one gives its own up.
    unsafe {
        let value = qjs::JS_DupValue(context, value.as_raw());
        qjs::JS_FreeValue(context, CURRENT.replace(value));
    }
}

/// A function that runs in the context of now, with the same `this` and arguments.
pub fn bind<'js>(ctx: &Ctx<'js>, function: Function<'js>) -> Result<Function<'js>> {
    // SAFETY: the value is a function of this context; the answer is owned.
    let bound = unsafe {
        let bound = ouro_context_bind(ctx.as_raw().as_ptr(), function.as_raw());
        if qjs::JS_IsException(bound) {
            return Err(Error::Exception);
        }
        Value::from_raw(ctx.clone(), bound)
    };
    Function::from_js(ctx, bound)
}

/// What is no function, and every function outside any context, stays as it is. The answer is an owned value.
///
/// # Safety
/// Both are valid.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_context_bind(
    context: *mut qjs::JSContext,
    function: qjs::JSValue,
) -> qjs::JSValue {
    let current = CURRENT.get();
    // SAFETY: as the caller says; the new function takes references of its own.
    unsafe {
        if current == qjs::JS_UNDEFINED || !qjs::JS_IsFunction(context, function) {
            return qjs::JS_DupValue(context, function);
        }
        let mut data = [function, current];
        let bound = qjs::JS_NewCFunctionData(context, Some(resume), 0, 0, 2, data.as_mut_ptr());
        if qjs::JS_IsException(bound) {
            // There is no memory left for it: the next allocation says so to the worker.
            qjs::JS_FreeValue(context, qjs::JS_GetException(context));
            return qjs::JS_DupValue(context, function);
        }
        bound
    }
}

/// The body of a bound function, whose data are the function and its context.
unsafe extern "C" fn resume(
    context: *mut qjs::JSContext,
    this: qjs::JSValue,
    argc: c_int,
    argv: *mut qjs::JSValue,
    _magic: c_int,
    data: *mut qjs::JSValue,
) -> qjs::JSValue {
    // SAFETY: QuickJS calls with what the function was made with, and keeps it alive for the call.
    unsafe {
        let (function, then) = (*data, *data.add(1));
        let before = CURRENT.replace(qjs::JS_DupValue(context, then));
        let result = qjs::JS_Call(context, function, this, argc, argv);
        qjs::JS_FreeValue(context, CURRENT.replace(before));
        result
    }
}
