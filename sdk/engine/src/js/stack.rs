//! The text of `error.stack`, as programs know it from V8: `Name: message`, then a line `    at function (file:line:column)` for each frame.
//! It is made when it is first read, so that it begins with a name that a constructor gives the error after `super()`.

use std::ffi::CStr;

use javy::quickjs::qjs;

use super::{Ctx, Value};

/// Text that QuickJS converted; freed with it.
struct CText {
    context: *mut qjs::JSContext,
    start: *const std::ffi::c_char,
    length: usize,
}

impl CText {
    /// None where the value cannot be converted; what that threw is dropped.
    ///
    /// # Safety
    /// The value belongs to the context.
    unsafe fn of(context: *mut qjs::JSContext, value: qjs::JSValue) -> Option<Self> {
        let mut length = 0;
        // SAFETY: as the caller says; the answer is null or `length` bytes that live until JS_FreeCString.
        unsafe {
            let start = qjs::JS_ToCStringLen2(context, &mut length, value, false);
            if start.is_null() {
                qjs::JS_FreeValue(context, qjs::JS_GetException(context));
                return None;
            }
            Some(Self {
                context,
                start,
                length: length as usize,
            })
        }
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: see `of`.
        unsafe { std::slice::from_raw_parts(self.start.cast(), self.length) }
    }
}

impl Drop for CText {
    fn drop(&mut self) {
        // SAFETY: it came from JS_ToCStringLen2 of this context.
        unsafe { qjs::JS_FreeCString(self.context, self.start) };
    }
}

/// The frames with the description of `error` in front; whatever else `frames` is it stays.
pub fn describe_stack<'js>(ctx: &Ctx<'js>, error: &Value<'js>, frames: Value<'js>) -> Value<'js> {
    let context = ctx.as_raw().as_ptr();
    // SAFETY: both values are of this context; the raw value is owned here, before and after.
    unsafe {
        let stack = described(context, error.as_raw(), frames.as_raw());
        Value::from_raw(ctx.clone(), stack)
    }
}

/// The lines of a stack below the description of its error, and none where it has no frames.
pub fn frames_of(stack: &str) -> &str {
    const FRAME: &str = "\n    at ";
    let frames = if stack.starts_with(&FRAME[1..]) {
        stack
    } else {
        stack.find(FRAME).map_or("", |at| &stack[at + 1..])
    };
    frames.trim_end()
}

/// Called by QuickJS with the frames of an error that is about to get them as its `stack`. Answers whether it is to store them: not where
/// the error has got an accessor that keeps them.
///
/// # Safety
/// All values belong to the context; `stack` is owned by the caller, before and after.
#[unsafe(no_mangle)]
unsafe extern "C" fn ouro_describe_stack(
    context: *mut qjs::JSContext,
    error: qjs::JSValue,
    stack: *mut qjs::JSValue,
) -> bool {
    // SAFETY: as the caller says. An exception may be on its way while QuickJS asks: it is put back as it was.
    unsafe {
        if !qjs::JS_IsString(*stack) {
            return true;
        }
        let pending = qjs::JS_HasException(context).then(|| qjs::JS_GetException(context));
        let stored = put_accessor(context, error, stack);
        if !stored {
            // There is no memory left.
            qjs::JS_FreeValue(context, qjs::JS_GetException(context));
        }
        if let Some(pending) = pending {
            qjs::JS_Throw(context, pending);
        }
        !stored
    }
}

/// Gives the error a `stack` that is made of these frames when it is read. False where that threw.
///
/// # Safety
/// The values belong to the context.
unsafe fn put_accessor(
    context: *mut qjs::JSContext,
    error: qjs::JSValue,
    frames: *mut qjs::JSValue,
) -> bool {
    // SAFETY: as the caller says; QuickJS takes over both references to the function, and the property's name is freed.
    unsafe {
        let access = qjs::JS_NewCFunctionData(context, Some(access_stack), 0, 0, 1, frames);
        if qjs::JS_IsException(access) {
            return false;
        }
        let name = qjs::JS_NewAtom(context, STACK.as_ptr());
        let (get, set) = (access, qjs::JS_DupValue(context, access));
        let flags = qjs::JS_PROP_CONFIGURABLE as i32;
        let defined = qjs::JS_DefinePropertyGetSet(context, error, name, get, set, flags);
        qjs::JS_FreeAtom(context, name);
        defined >= 0
    }
}

const STACK: &CStr = c"stack";

/// The getter of `stack`, and with an argument its setter. The error's property then is an ordinary one.
unsafe extern "C" fn access_stack(
    context: *mut qjs::JSContext,
    receiver: qjs::JSValue,
    argc: std::ffi::c_int,
    argv: *mut qjs::JSValue,
    _magic: std::ffi::c_int,
    frames: *mut qjs::JSValue,
) -> qjs::JSValue {
    // SAFETY: QuickJS passes `argc` arguments, and the value that the function was made with; all live while it runs.
    unsafe {
        if argc > 0 {
            if qjs::JS_IsObject(receiver) {
                put_value(context, receiver, *argv);
            }
            return qjs::JS_UNDEFINED;
        }
        let stack = described(context, receiver, *frames);
        if qjs::JS_IsError(receiver) {
            put_value(context, receiver, stack);
        }
        stack
    }
}

/// Where the object is frozen, nothing changes.
///
/// # Safety
/// The values belong to the context.
unsafe fn put_value(context: *mut qjs::JSContext, object: qjs::JSValue, value: qjs::JSValue) {
    let flags = (qjs::JS_PROP_WRITABLE | qjs::JS_PROP_CONFIGURABLE) as i32;
    // SAFETY: as the caller says; QuickJS takes over the reference that is made here.
    unsafe {
        let value = qjs::JS_DupValue(context, value);
        if qjs::JS_DefinePropertyValueStr(context, object, STACK.as_ptr(), value, flags) < 0 {
            qjs::JS_FreeValue(context, qjs::JS_GetException(context));
        }
    }
}

/// The frames with the description of the error in front, owned by the caller; what is no text, or finds no memory, stays.
///
/// # Safety
/// The values belong to the context.
unsafe fn described(
    context: *mut qjs::JSContext,
    error: qjs::JSValue,
    frames: qjs::JSValue,
) -> qjs::JSValue {
    // SAFETY: as the caller says.
    unsafe {
        let text = qjs::JS_IsString(frames)
            .then(|| CText::of(context, frames))
            .flatten();
        if let Some(frames) = text {
            let mut text = description(context, error);
            push_frames(&mut text, frames.bytes());
            let described =
                qjs::JS_NewStringLen(context, text.as_ptr().cast(), text.len() as qjs::size_t);
            if !qjs::JS_IsException(described) {
                return described;
            }
            qjs::JS_FreeValue(context, qjs::JS_GetException(context));
        }
        qjs::JS_DupValue(context, frames)
    }
}

/// What `Error.prototype.toString` gives (ECMA-262 20.5.3.4), with `Error` for a name that cannot be read.
///
/// # Safety
/// The error belongs to the context.
unsafe fn description(context: *mut qjs::JSContext, error: qjs::JSValue) -> Vec<u8> {
    // SAFETY: as the caller says.
    let (name, message) = unsafe {
        (
            property(context, error, c"name"),
            property(context, error, c"message"),
        )
    };
    let name = name.as_ref().map_or(&b"Error"[..], CText::bytes);
    let message = message.as_ref().map_or(&b""[..], CText::bytes);
    let between = if name.is_empty() || message.is_empty() {
        &b""[..]
    } else {
        b": "
    };
    [name, between, message].concat()
}

/// # Safety
/// The object belongs to the context.
unsafe fn property(
    context: *mut qjs::JSContext,
    object: qjs::JSValue,
    name: &CStr,
) -> Option<CText> {
    // SAFETY: as the caller says; the value read is freed here.
    unsafe {
        let value = qjs::JS_GetPropertyStr(context, object, name.as_ptr());
        if qjs::JS_IsException(value) {
            qjs::JS_FreeValue(context, qjs::JS_GetException(context));
            return None;
        }
        let text = (!qjs::JS_IsUndefined(value))
            .then(|| CText::of(context, value))
            .flatten();
        qjs::JS_FreeValue(context, value);
        text
    }
}

/// Frames come as `    at name (place)` and a line feed; a function without a name as `<anonymous>`, one that is not JavaScript at `native`.
fn push_frames(text: &mut Vec<u8>, frames: &[u8]) {
    for line in frames
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        text.push(b'\n');
        if let Some(place) = line
            .strip_prefix(b"    at <anonymous> (")
            .and_then(|rest| rest.strip_suffix(b")"))
        {
            text.extend_from_slice(b"    at ");
            text.extend_from_slice(place);
        } else if let Some(name) = line.strip_suffix(b"(native)") {
            text.extend_from_slice(name);
            text.extend_from_slice(b"(<anonymous>)");
        } else {
            text.extend_from_slice(line);
        }
    }
}
