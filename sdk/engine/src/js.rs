//! QuickJS as the rest of the engine sees it: the only module that names javy, and the conversions that its crate lacks.

pub use javy::Runtime;
pub use javy::quickjs::function::{Func, Opt, This};
pub use javy::quickjs::module::WriteOptions;
pub use javy::quickjs::object::Accessor;
pub use javy::quickjs::promise::PromiseState;
#[cfg(feature = "worker")]
pub use javy::quickjs::BigInt;
pub use javy::quickjs::{
    Array, Class, Ctx, Error, Exception, FromJs, Function, IntoJs, JsLifetime, Module, Object, Persistent,
    Promise, Result, String as JsString, TypedArray, Value, class,
};
use javy::quickjs::{Coerced, qjs};

use std::borrow::Cow;
use std::ffi::{CStr, CString};

/// Beyond this depth of the engine's stack JavaScript gets a RangeError. The linker gives the stack 1 MiB.
const STACK_BYTES_MAX: usize = 512 * 1024;

pub fn new_runtime() -> std::result::Result<Runtime, String> {
    let mut config = javy::Config::default();
    config.max_stack_size(STACK_BYTES_MAX).gc_threshold(usize::MAX).weak_ref(true);
    Runtime::new(config).map_err(|error| error.to_string())
}

/// Evaluates a script and gives its completion value. It goes through bytecode, so that neither its text nor what the parser left
/// behind stays in the heap.
pub fn evaluate_script<'js>(ctx: &Ctx<'js>, name: &CStr, source: &[u8]) -> Result<Value<'js>> {
    let source = CString::new(source)?;
    let length = source.as_bytes().len() as qjs::size_t;
    let (compile, write) = (qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY, qjs::JS_WRITE_OBJ_BYTECODE);
    let write = write | qjs::JS_WRITE_OBJ_STRIP_SOURCE;
    let context = ctx.as_raw().as_ptr();
    // SAFETY: the pointers are valid for the calls; each value made here is freed once or handed on; the bytecode read is the one
    // just written.
    unsafe {
        let function = qjs::JS_Eval(context, source.as_ptr(), length, name.as_ptr(), compile as i32);
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
        let function = qjs::JS_ReadObject(context, bytecode, size, qjs::JS_READ_OBJ_BYTECODE as i32);
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
    // SAFETY: the questions take any value.
    let (is_typed_array, is_buffer) =
        unsafe { (qjs::JS_GetTypedArrayType(value.as_raw()) >= 0, qjs::JS_IsArrayBuffer(value.as_raw())) };
    if is_typed_array {
        return typed_array_of(ctx, value);
    }
    if is_buffer {
        return buffer_of(ctx, value);
    }
    // A DataView, else not bytes at all.
    let not_bytes = || Error::new_from_js(value.type_name(), "bytes");
    let view = value.as_object().ok_or_else(not_bytes)?;
    let (Some(offset), Some(length)) = (view.get("byteOffset")?, view.get("byteLength")?) else {
        return Err(not_bytes());
    };
    part_of(ctx, &view.get("buffer")?, offset, length).ok_or_else(not_bytes)?
}

fn typed_array_of<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<(*const u8, usize)> {
    let (mut offset, mut length, mut element) = (0, 0, 0);
    // SAFETY: the value is a typed array of this context; the answer is its buffer, owned, or an exception.
    let buffer = unsafe {
        let context = ctx.as_raw().as_ptr();
        let buffer = qjs::JS_GetTypedArrayBuffer(context, value.as_raw(), &mut offset, &mut length, &mut element);
        if qjs::JS_IsException(buffer) {
            return Err(Error::Exception);
        }
        Value::from_raw(ctx.clone(), buffer)
    };
    part_of(ctx, &buffer, offset as usize, length as usize).ok_or(Error::new_from_js("typed array", "bytes"))?
}

/// None where the part is not inside the buffer.
fn part_of<'js>(ctx: &Ctx<'js>, buffer: &Value<'js>, offset: usize, length: usize) -> Option<Result<(*const u8, usize)>> {
    // SAFETY: the question takes any value.
    if !unsafe { qjs::JS_IsArrayBuffer(buffer.as_raw()) } {
        return None;
    }
    let (start, whole) = match buffer_of(ctx, buffer) {
        Ok(whole) => whole,
        Err(error) => return Some(Err(error)),
    };
    // SAFETY: `offset` is within the buffer.
    (offset.checked_add(length)? <= whole).then(|| Ok((unsafe { start.add(offset) }, length)))
}

fn buffer_of<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<(*const u8, usize)> {
    let mut length = 0;
    // SAFETY: the value is an ArrayBuffer of this context.
    let start = unsafe { qjs::JS_GetArrayBuffer(ctx.as_raw().as_ptr(), &mut length, value.as_raw()) };
    // It throws where the buffer is detached; an empty one may have no address either.
    if start.is_null() && ctx.has_exception() {
        return Err(Error::Exception);
    }
    Ok((start.cast_const(), length as usize))
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
