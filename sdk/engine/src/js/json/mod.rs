//! `JSON.parse` and `JSON.stringify` (ECMA-262 25.5), in place of QuickJS's own, which are several times slower.
//!
//! Both walk with a stack of their own instead of the machine's, so that depth ends in an error that JavaScript can catch. They use
//! QuickJS's C API directly: each call that is saved is saved for every member of a document. Where they need not be fast they are
//! not here: a reviver runs in QuickJS's `JSON.parse`, after the text was found to be JSON.

mod circular;
mod members;
mod number;
mod options;
mod parse;
mod plain;
mod quote;
mod raw;
mod scan;
mod stringify;
mod syntax;

use std::cell::Cell;

use javy::quickjs::qjs::{self, JSContext, JSValue};

use super::{Ctx, Object, Result};
use raw::Owned;

/// What of the realm both functions need, found once while the engine is built. It is never freed: the runtime never is.
#[derive(Clone, Copy)]
struct Realm {
    /// QuickJS's own `JSON.parse`.
    parse: JSValue,
    to_json: qjs::JSAtom,
    raw_json: qjs::JSAtom,
    type_error: JSValue,
    /// `Boolean.prototype.valueOf` and `BigInt.prototype.valueOf`.
    boolean_value: JSValue,
    big_int_value: JSValue,
    classes: Classes,
}

/// QuickJS's numbers for the two classes that documents are made of, and for those that `JSON.stringify` takes for what they hold.
#[derive(Clone, Copy)]
struct Classes {
    object: qjs::JSClassID,
    array: qjs::JSClassID,
    number: qjs::JSClassID,
    string: qjs::JSClassID,
    boolean: qjs::JSClassID,
    big_int: qjs::JSClassID,
    raw_json: qjs::JSClassID,
}

thread_local! {
    static REALM: Cell<Option<Realm>> = const { Cell::new(None) };
}

/// Replaces the functions of the global `JSON`.
pub fn install(ctx: &Ctx<'_>) -> Result<()> {
    let json: Object = ctx.globals().get("JSON")?;
    let context = ctx.as_raw().as_ptr();
    let parse: super::Value = json.get("parse")?;
    let type_error: super::Value = ctx.globals().get("TypeError")?;
    let boolean_value: super::Value = ctx.eval("Boolean.prototype.valueOf")?;
    let big_int_value: super::Value = ctx.eval("BigInt.prototype.valueOf")?;
    let class_of = |source: &str| -> Result<qjs::JSClassID> {
        let sample: super::Value = ctx.eval(source)?;
        // SAFETY: the question takes any value.
        Ok(unsafe { qjs::JS_GetClassID(sample.as_raw()) })
    };
    let classes = Classes {
        object: class_of("({})")?,
        array: class_of("[]")?,
        number: class_of("Object(0)")?,
        string: class_of("Object('')")?,
        boolean: class_of("Object(true)")?,
        big_int: class_of("Object(0n)")?,
        raw_json: class_of("JSON.rawJSON(0)")?,
    };
    // SAFETY: the values made here are owned by the realm, for ever; the functions have the signature that QuickJS calls.
    unsafe {
        REALM.set(Some(Realm {
            parse: qjs::JS_DupValue(context, parse.as_raw()),
            to_json: qjs::JS_NewAtomLen(context, c"toJSON".as_ptr(), 6),
            raw_json: qjs::JS_NewAtomLen(context, c"rawJSON".as_ptr(), 7),
            type_error: qjs::JS_DupValue(context, type_error.as_raw()),
            boolean_value: qjs::JS_DupValue(context, boolean_value.as_raw()),
            big_int_value: qjs::JS_DupValue(context, big_int_value.as_raw()),
            classes,
        }));
        raw::set_function(context, json.as_raw(), c"parse", parse::parse, 2)?;
        raw::set_function(
            context,
            json.as_raw(),
            c"stringify",
            stringify::stringify,
            3,
        )
    }
}

/// An exception of JavaScript is on its way.
struct Thrown;

type Step<T> = std::result::Result<T, Thrown>;

/// # Safety
/// The context is that of a call from QuickJS.
unsafe fn answer(context: *mut JSContext, outcome: impl FnOnce(Realm) -> Step<Owned>) -> JSValue {
    let Some(realm) = REALM.get() else {
        // SAFETY: as the caller says.
        return unsafe { qjs::JS_ThrowInternalError(context, c"JSON was not installed".as_ptr()) };
    };
    match outcome(realm) {
        Ok(value) => value.into_raw(),
        Err(Thrown) => qjs::JS_EXCEPTION,
    }
}
