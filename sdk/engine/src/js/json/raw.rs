//! Owners of what QuickJS's C API hands out.

use std::ffi::CStr;

use javy::quickjs::qjs::{self, JSContext, JSValue};

use super::super::{Error, Result};
use super::{Step, Thrown};

/// A value that is freed when dropped.
pub struct Owned {
    context: *mut JSContext,
    value: JSValue,
}

impl Owned {
    /// Takes what a call of the C API answered.
    ///
    /// # Safety
    /// The value is owned by the caller and belongs to the context.
    pub unsafe fn take(context: *mut JSContext, value: JSValue) -> Step<Self> {
        // SAFETY: the question takes any value.
        if unsafe { qjs::JS_IsException(value) } {
            return Err(Thrown);
        }
        Ok(Self { context, value })
    }

    /// Another owner of a value that is borrowed.
    ///
    /// # Safety
    /// The value belongs to the context and is alive.
    pub unsafe fn share(context: *mut JSContext, value: JSValue) -> Self {
        // SAFETY: as the caller says.
        let value = unsafe { qjs::JS_DupValue(context, value) };
        Self { context, value }
    }

    pub fn raw(&self) -> JSValue {
        self.value
    }

    pub fn into_raw(self) -> JSValue {
        let value = self.value;
        std::mem::forget(self);
        value
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: it is owned, and the context outlives every call.
        unsafe { qjs::JS_FreeValue(self.context, self.value) };
    }
}

/// The text of a value as UTF-8, in place where QuickJS holds it as ASCII. Lone surrogates have the form of three bytes each.
pub struct Text {
    start: *const u8,
    length: usize,
    holder: Holder,
}

enum Holder {
    String(#[expect(dead_code, reason = "it is held, not read")] Owned),
    Copy(*mut JSContext),
}

impl Text {
    /// What `String(value)` says.
    ///
    /// # Safety
    /// The value belongs to the context and is alive.
    pub unsafe fn of(context: *mut JSContext, value: JSValue) -> Step<Self> {
        // SAFETY: as the caller says; the answer of JS_ToCStringLen2 is null or `length` bytes that live until JS_FreeCString.
        unsafe {
            if let Some(text) = latin1(value)
                && text.is_ascii()
            {
                return Ok(Self {
                    start: text.as_ptr(),
                    length: text.len(),
                    holder: Holder::String(Owned::share(context, value)),
                });
            }
            let mut length = 0;
            let start = qjs::JS_ToCStringLen2(context, &mut length, value, false);
            if start.is_null() {
                return Err(Thrown);
            }
            Ok(Self {
                start: start.cast(),
                length: length as usize,
                holder: Holder::Copy(context),
            })
        }
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: see `of`.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        if let Holder::Copy(context) = self.holder {
            // SAFETY: it came from JS_ToCStringLen2 of this context.
            unsafe { qjs::JS_FreeCString(context, self.start.cast()) };
        }
    }
}

/// # Safety
/// The context is alive.
pub unsafe fn new_string(context: *mut JSContext, utf8: &[u8]) -> Step<Owned> {
    // SAFETY: it reads the bytes within the call.
    unsafe {
        let value = qjs::JS_NewStringLen(context, utf8.as_ptr().cast(), utf8.len() as qjs::size_t);
        Owned::take(context, value)
    }
}

unsafe extern "C" {
    // See `plain.rs`.
    fn ouro_ascii_string(context: *mut JSContext, text: *const u8, length: u32) -> JSValue;
    fn ouro_latin1(value: JSValue, length: *mut u32) -> *const u8;
}

/// # Safety
/// The context is alive; the text is ASCII.
pub unsafe fn new_ascii_string(context: *mut JSContext, text: &[u8]) -> Step<Owned> {
    // SAFETY: as the caller says; it reads the text within the call. No text is longer than memory, which has 32 bits.
    unsafe {
        let value = ouro_ascii_string(context, text.as_ptr(), text.len() as u32);
        Owned::take(context, value)
    }
}

/// The characters of a string in place, where QuickJS holds a byte for each: those of U+0000 to U+00FF.
///
/// # Safety
/// The value outlives the answer.
pub unsafe fn latin1<'a>(value: JSValue) -> Option<&'a [u8]> {
    let mut length = 0;
    // SAFETY: the question takes any value; the answer is null or `length` bytes that live as long as the value.
    unsafe {
        let start = ouro_latin1(value, &mut length);
        (!start.is_null()).then(|| std::slice::from_raw_parts(start, length as usize))
    }
}

/// Throws a `RangeError` as endless recursion does.
///
/// # Safety
/// The context is alive.
pub unsafe fn too_deep(context: *mut JSContext) -> Thrown {
    // SAFETY: as the caller says.
    unsafe { qjs::JS_ThrowRangeError(context, c"Maximum call stack size exceeded".as_ptr()) };
    Thrown
}

/// Throws an error of the class that `throw` makes.
///
/// # Safety
/// The context is alive.
pub unsafe fn throw_text(
    context: *mut JSContext,
    throw: unsafe extern "C" fn(*mut JSContext, *const std::ffi::c_char, ...) -> JSValue,
    text: &str,
) -> Thrown {
    let text: Vec<u8> = text.bytes().filter(|byte| *byte != 0).chain([0]).collect();
    // SAFETY: as the caller says; the text ends with its only zero.
    unsafe { throw(context, c"%s".as_ptr(), text.as_ptr()) };
    Thrown
}

type Native =
    unsafe extern "C" fn(*mut JSContext, JSValue, std::ffi::c_int, *mut JSValue) -> JSValue;

/// Gives an object a built-in function as its method.
///
/// # Safety
/// The object belongs to the context.
pub unsafe fn set_function(
    context: *mut JSContext,
    object: JSValue,
    name: &CStr,
    function: Native,
    length: i32,
) -> Result<()> {
    // SAFETY: as the caller says; the property takes the function.
    let done = unsafe {
        let function = qjs::JS_NewCFunction2(
            context,
            Some(function),
            name.as_ptr(),
            length,
            qjs::JSCFunctionEnum_JS_CFUNC_generic,
            0,
        );
        let flags = qjs::JS_PROP_WRITABLE | qjs::JS_PROP_CONFIGURABLE;
        qjs::JS_DefinePropertyValueStr(context, object, name.as_ptr(), function, flags as i32)
    };
    if done < 0 {
        Err(Error::Exception)
    } else {
        Ok(())
    }
}
