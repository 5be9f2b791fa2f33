//! QuickJS as the rest of the engine sees it: the only module that names javy, and the conversions that its crate lacks.

pub use javy::Runtime;
pub use javy::quickjs::context::EvalOptions;
pub use javy::quickjs::function::{Func, Opt, This};
pub use javy::quickjs::module::WriteOptions;
pub use javy::quickjs::object::Accessor;
pub use javy::quickjs::promise::PromiseState;
#[cfg(feature = "worker")]
pub use javy::quickjs::BigInt;
pub use javy::quickjs::{
    Array, ArrayBuffer, Class, Ctx, Error, Exception, FromJs, Function, IntoJs, JsLifetime, Module, Object, Persistent,
    Promise, Result, String as JsString, TypedArray, Value, class,
};
use javy::quickjs::{Coerced, qjs};

use std::borrow::Cow;

/// Beyond this depth of the engine's stack JavaScript gets a RangeError. The linker gives the stack 1 MiB.
const STACK_BYTES_MAX: usize = 512 * 1024;

pub fn new_runtime() -> std::result::Result<Runtime, String> {
    let mut config = javy::Config::default();
    config.max_stack_size(STACK_BYTES_MAX).gc_threshold(usize::MAX).weak_ref(true);
    Runtime::new(config).map_err(|error| error.to_string())
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

/// The UTF-8 form of a JavaScript string, in place where QuickJS holds it as ASCII.
pub struct Utf8<'js> {
    // Keeps the context alive for the release of the bytes.
    ctx: Ctx<'js>,
    start: *const std::ffi::c_char,
    length: usize,
}

impl<'js> Utf8<'js> {
    pub fn of(string: &JsString<'js>) -> Result<Self> {
        let ctx = string.ctx().clone();
        let mut length = 0;
        // SAFETY: the value is a string of this context; the answer is null or `length` bytes that live until JS_FreeCString.
        let start = unsafe { qjs::JS_ToCStringLen2(ctx.as_raw().as_ptr(), &mut length, string.as_raw(), false) };
        if start.is_null() {
            return Err(Error::Exception);
        }
        Ok(Self { ctx, start, length: length as usize })
    }

    /// Valid UTF-8, but for lone surrogates in the form of three bytes each.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: see `of`.
        unsafe { std::slice::from_raw_parts(self.start.cast(), self.length) }
    }

    /// Lone surrogates become U+FFFD, as in the Web's USVString.
    pub fn text(&self) -> Cow<'_, str> {
        match std::str::from_utf8(self.bytes()) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(replace_surrogates(self.bytes())),
        }
    }
}

impl Drop for Utf8<'_> {
    fn drop(&mut self) {
        // SAFETY: it came from JS_ToCStringLen2 of this context.
        unsafe { qjs::JS_FreeCString(self.ctx.as_raw().as_ptr(), self.start) };
    }
}

/// A surrogate is ED A0..BF 80..BF, and U+FFFD is as long: EF BF BD.
fn replace_surrogates(bytes: &[u8]) -> String {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while at + 2 < bytes.len() {
        if bytes[at] == 0xED && bytes[at + 1] >= 0xA0 {
            bytes[at..at + 3].copy_from_slice("\u{FFFD}".as_bytes());
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A string argument, without lone surrogates.
pub struct Text(pub String);

impl<'js> FromJs<'js> for Text {
    fn from_js(_ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let string = value.as_string().ok_or(Error::new_from_js(value.type_name(), "string"))?;
        Ok(Self(Utf8::of(string)?.text().into_owned()))
    }
}

/// The bytes of a typed array, DataView or ArrayBuffer argument. Valid until JavaScript runs again.
pub struct Bytes<'js> {
    // Keeps the buffer alive.
    _owner: Value<'js>,
    start: *const u8,
    length: usize,
}

impl Bytes<'_> {
    pub fn as_slice(&self) -> &[u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: the buffer is alive, and detaching it takes JavaScript, which does not run while a native function does.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    /// For natives that fill a view.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        if self.length == 0 {
            return &mut [];
        }
        // SAFETY: as in `as_slice`; nothing else in Rust points into the buffer.
        unsafe { std::slice::from_raw_parts_mut(self.start.cast_mut(), self.length) }
    }
}

impl<'js> FromJs<'js> for Bytes<'js> {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let (start, length) = view_of(ctx, &value)?;
        Ok(Self { _owner: value, start, length })
    }
}

fn view_of<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<(*const u8, usize)> {
    let not_bytes = || Error::new_from_js(value.type_name(), "bytes");
    let object = value.as_object().ok_or_else(not_bytes)?;
    if let Some(buffer) = ArrayBuffer::from_object(object.clone()) {
        let raw = buffer.as_raw().ok_or_else(|| detached(ctx))?;
        return Ok((raw.ptr.as_ptr(), raw.len));
    }
    let offset: Option<usize> = object.get("byteOffset")?;
    let length: Option<usize> = object.get("byteLength")?;
    let buffer: Value = object.get("buffer")?;
    let buffer = buffer.as_object().cloned().and_then(ArrayBuffer::from_object).ok_or_else(not_bytes)?;
    let raw = buffer.as_raw().ok_or_else(|| detached(ctx))?;
    match (offset, length) {
        (Some(offset), Some(length)) if offset.checked_add(length).is_some_and(|end| end <= raw.len) => {
            // SAFETY: `offset` is within the buffer.
            Ok((unsafe { raw.ptr.as_ptr().add(offset) }, length))
        }
        _ => Err(not_bytes()),
    }
}

fn detached(ctx: &Ctx<'_>) -> Error {
    Exception::throw_type(ctx, "the buffer is detached")
}

/// A new Uint8Array that takes the bytes over without a copy.
pub fn bytes_value<'js>(ctx: &Ctx<'js>, bytes: Vec<u8>) -> Result<Value<'js>> {
    Ok(TypedArray::<u8>::new(ctx.clone(), bytes)?.into_value())
}

/// Text with one character for each byte, as HTTP field values are given to JavaScript.
pub fn byte_string<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> Result<JsString<'js>> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => JsString::from_str(ctx.clone(), text),
        _ => JsString::from_str(ctx.clone(), &bytes.iter().map(|byte| char::from(*byte)).collect::<String>()),
    }
}

/// A flat list of strings as an array.
pub fn string_array<'js, T: AsRef<str>>(ctx: &Ctx<'js>, strings: impl IntoIterator<Item = T>) -> Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    for (index, string) in strings.into_iter().enumerate() {
        array.set(index, JsString::from_str(ctx.clone(), string.as_ref())?)?;
    }
    Ok(array)
}

/// Makes an Error with a `code` and throws it.
pub fn throw_code(ctx: &Ctx<'_>, code: &str, message: &str) -> Error {
    match code_error(ctx, code, message) {
        Ok(value) => ctx.throw(value),
        Err(error) => error,
    }
}

fn code_error<'js>(ctx: &Ctx<'js>, code: &str, message: &str) -> Result<Value<'js>> {
    let object = Exception::from_message(ctx.clone(), message)?.into_object();
    object.set("code", code)?;
    Ok(object.into_value())
}

/// A promise that Rust settles later.
pub struct Deferred {
    resolve: Persistent<Function<'static>>,
    reject: Persistent<Function<'static>>,
}

impl Deferred {
    pub fn new<'js>(ctx: &Ctx<'js>) -> Result<(Promise<'js>, Self)> {
        let (promise, resolve, reject) = ctx.promise()?;
        let (resolve, reject) = (Persistent::save(ctx, resolve), Persistent::save(ctx, reject));
        Ok((promise, Self { resolve, reject }))
    }

    /// Resolves with the value, or rejects with what was thrown.
    pub fn settle<'js, T: IntoJs<'js>>(self, ctx: &Ctx<'js>, result: Result<T>) {
        let (function, value) = match result.and_then(|value| value.into_js(ctx)) {
            Ok(value) => (self.resolve, value),
            Err(error) => (self.reject, thrown(ctx, error)),
        };
        // Settling runs no code of the worker here; it can fail only for want of memory, and then the invocation is lost anyway.
        let _ = function.restore(ctx).and_then(|function| function.call::<_, ()>((value,)));
    }
}

/// The JavaScript value of an error.
pub fn thrown<'js>(ctx: &Ctx<'js>, error: Error) -> Value<'js> {
    // What is not an exception yet comes from the conversion of arguments; throwing it leaves it where `catch` takes it from.
    match error {
        Error::Exception => {}
        Error::FromJs { .. } | Error::MissingArgs { .. } => drop(Exception::throw_type(ctx, &error.to_string())),
        other => drop(Exception::throw_message(ctx, &other.to_string())),
    }
    ctx.catch()
}

/// An error as the host wants it.
pub struct Failure {
    pub name: String,
    pub message: String,
    pub stack: String,
}

impl Failure {
    pub fn new(name: &str, message: &str) -> Self {
        Self { name: name.to_owned(), message: message.to_owned(), stack: String::new() }
    }

    pub fn of_error(ctx: &Ctx<'_>, error: Error) -> Self {
        let value = thrown(ctx, error);
        Self::of_value(ctx, &value)
    }

    pub fn of_value<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Self {
        let Some(object) = value.as_object().filter(|_| value.is_error()) else {
            return Self::new("Error", &display(ctx, value.clone()));
        };
        let property = |name: &str| match object.get::<_, Value>(name) {
            Ok(value) if !value.is_undefined() => display(ctx, value),
            Ok(_) => String::new(),
            Err(_) => {
                ctx.catch();
                String::new()
            }
        };
        Self { name: property("name"), message: property("message"), stack: property("stack").trim_end().to_owned() }
    }

    /// As one text for the console.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}: {}", self.name, self.message);
        if !self.stack.is_empty() {
            text.push('\n');
            text.push_str(&self.stack);
        }
        text
    }
}

/// What `String(value)` says, or a stand-in where that throws.
fn display<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> String {
    let string = Coerced::<JsString>::from_js(ctx, value).and_then(|string| Ok(Utf8::of(&string.0)?.text().into_owned()));
    string.unwrap_or_else(|_| {
        ctx.catch();
        "a value that cannot be shown".to_owned()
    })
}

/// Runs one promise job; false where there is none. What a job throws is the answer's error.
pub fn run_job<'js>(ctx: &Ctx<'js>) -> std::result::Result<bool, Value<'js>> {
    let ran = ctx.execute_pending_job();
    if ran && ctx.has_exception() {
        return Err(ctx.catch());
    }
    Ok(ran)
}
