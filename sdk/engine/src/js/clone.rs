//! The part of `structuredClone` (HTML 2.7) that every value has: primitives, ordinary objects and arrays. Anything else is given to a
//! function of JavaScript, which comes back for what it finds inside. It walks with a stack of its own, so that depth needs no stack of
//! the machine's. QuickJS's C API is used directly: each call that is saved is saved for every property.

use std::cell::RefCell;
use std::collections::BTreeMap;

use javy::quickjs::qjs;

use super::{Ctx, Error, Function, Persistent, Result, Value, class_id};

/// Copies by the addresses of their originals, which stay alive with them.
type Copies = BTreeMap<usize, (Persistent<Value<'static>>, Persistent<Value<'static>>)>;

thread_local! {
    /// One for each call that is going on: a getter can start another.
    static CALLS: RefCell<Vec<Copies>> = const { RefCell::new(Vec::new()) };
}

/// Runs one whole clone: what is remembered in it is forgotten afterwards.
pub fn within<R>(body: impl FnOnce() -> R) -> R {
    CALLS.with_borrow_mut(|calls| calls.push(Copies::new()));
    let result = body();
    // Dropped outside of the borrow, since it frees values.
    drop(CALLS.with_borrow_mut(Vec::pop));
    result
}

/// Keeps identity and ends cycles.
pub fn remember<'js>(ctx: &Ctx<'js>, original: &Value<'js>, copy: &Value<'js>) {
    let entry = (
        Persistent::save(ctx, original.clone()),
        Persistent::save(ctx, copy.clone()),
    );
    CALLS.with_borrow_mut(|calls| {
        if let Some(copies) = calls.last_mut() {
            copies.insert(address(original), entry);
        }
    });
}

fn known<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Option<Value<'js>>> {
    let copy = CALLS.with_borrow(|calls| {
        let (_, copy) = calls.last()?.get(&address(value))?;
        Some(copy.clone())
    });
    copy.map(|copy| copy.restore(ctx)).transpose()
}

fn address(object: &Value<'_>) -> usize {
    // SAFETY: it is an object, whose value is a pointer; the pointer is only compared.
    unsafe { qjs::JS_VALUE_GET_PTR(object.as_raw()) as usize }
}

/// The copy of a value. `other` makes that of everything that is neither primitive nor an ordinary object nor an array, or throws.
pub fn copy<'js>(ctx: &Ctx<'js>, value: Value<'js>, other: &Function<'js>) -> Result<Value<'js>> {
    let mut walk = Walk {
        ctx,
        other,
        frames: Vec::new(),
        object: class_id(&super::Object::new(ctx.clone())?.into_value()),
        array: class_id(&super::Array::new(ctx.clone())?.into_value()),
    };
    let result = walk.enter(value)?;
    while let Some(frame) = walk.frames.last_mut() {
        let Some((atom, value)) = frame.next()? else {
            frame.finish()?;
            walk.frames.pop();
            continue;
        };
        let to = frame.to.clone();
        let value = walk.enter(value)?;
        define(&to, atom, value)?;
    }
    Ok(result)
}

struct Walk<'a, 'js> {
    ctx: &'a Ctx<'js>,
    other: &'a Function<'js>,
    frames: Vec<Frame<'js>>,
    object: u32,
    array: u32,
}

impl<'js> Walk<'_, 'js> {
    /// The copy, which is still empty where it is an object: its properties come with the frame that is pushed.
    fn enter(&mut self, value: Value<'js>) -> Result<Value<'js>> {
        if !value.is_object() {
            return if value.is_symbol() {
                self.other.call((value,))
            } else {
                Ok(value)
            };
        }
        if let Some(copy) = known(self.ctx, &value)? {
            return Ok(copy);
        }
        let class = class_id(&value);
        let is_array = class == self.array;
        if !is_array && !(class == self.object && has_plain_prototype(&value, class)) {
            return self.other.call((value,));
        }
        let copy = if is_array {
            super::Array::new(self.ctx.clone())?.into_value()
        } else {
            super::Object::new(self.ctx.clone())?.into_value()
        };
        remember(self.ctx, &value, &copy);
        self.frames.push(Frame::new(value, copy.clone(), is_array)?);
        Ok(copy)
    }
}

/// Is its prototype `Object.prototype`, or none? An instance of a class may be a platform object.
fn has_plain_prototype(object: &Value<'_>, class: u32) -> bool {
    let context = object.ctx().as_raw().as_ptr();
    // SAFETY: the object belongs to the context; both answers are owned here, freed, and then only compared.
    unsafe {
        let (prototype, plain) = (
            qjs::JS_GetPrototype(context, object.as_raw()),
            qjs::JS_GetClassProto(context, class),
        );
        qjs::JS_FreeValue(context, prototype);
        qjs::JS_FreeValue(context, plain);
        qjs::JS_IsNull(prototype)
            || (qjs::JS_IsObject(prototype)
                && qjs::JS_VALUE_GET_PTR(prototype) == qjs::JS_VALUE_GET_PTR(plain))
    }
}

/// An object whose properties are being copied.
struct Frame<'js> {
    from: Value<'js>,
    to: Value<'js>,
    names: *mut qjs::JSPropertyEnum,
    count: u32,
    at: u32,
    /// Of an array.
    length: Option<i64>,
}

impl<'js> Frame<'js> {
    fn new(from: Value<'js>, to: Value<'js>, is_array: bool) -> Result<Self> {
        let context = from.ctx().as_raw().as_ptr();
        let mut frame = Self {
            from,
            to,
            names: std::ptr::null_mut(),
            count: 0,
            at: 0,
            length: None,
        };
        let flags = (qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY) as i32;
        // SAFETY: the object belongs to the context; the list is freed by `drop`.
        let done = unsafe {
            let mut length = 0;
            if is_array && qjs::JS_GetLength(context, frame.from.as_raw(), &mut length) < 0 {
                return Err(Error::Exception);
            }
            frame.length = is_array.then_some(length);
            qjs::JS_GetOwnPropertyNames(
                context,
                &mut frame.names,
                &mut frame.count,
                frame.from.as_raw(),
                flags,
            )
        };
        if done < 0 {
            return Err(Error::Exception);
        }
        Ok(frame)
    }

    /// The next property that is still there.
    fn next(&mut self) -> Result<Option<(qjs::JSAtom, Value<'js>)>> {
        let ctx = self.from.ctx();
        let context = ctx.as_raw().as_ptr();
        while self.at < self.count {
            // SAFETY: the list has `count` entries, and each atom lives as long as it.
            let (atom, value) = unsafe {
                let atom = (*self.names.add(self.at as usize)).atom;
                let value = qjs::JS_GetProperty(context, self.from.as_raw(), atom);
                if qjs::JS_IsException(value) {
                    return Err(Error::Exception);
                }
                (atom, Value::from_raw(ctx.clone(), value))
            };
            self.at += 1;
            // A getter may have deleted it.
            // SAFETY: without a descriptor it only asks.
            let is_there = !value.is_undefined()
                || unsafe {
                    qjs::JS_GetOwnProperty(context, std::ptr::null_mut(), self.from.as_raw(), atom)
                } != 0;
            if is_there {
                return Ok(Some((atom, value)));
            }
        }
        Ok(None)
    }

    /// Holes at the end of an array have no properties.
    fn finish(&self) -> Result<()> {
        let Some(length) = self.length else {
            return Ok(());
        };
        let context = self.to.ctx().as_raw().as_ptr();
        // SAFETY: the array belongs to the context.
        if unsafe { qjs::JS_SetLength(context, self.to.as_raw(), length) } < 0 {
            return Err(Error::Exception);
        }
        Ok(())
    }
}

impl Drop for Frame<'_> {
    fn drop(&mut self) {
        // SAFETY: the list is QuickJS's and freed once; a null list has no entries.
        unsafe {
            qjs::JS_FreePropertyEnum(self.from.ctx().as_raw().as_ptr(), self.names, self.count)
        };
    }
}

fn define<'js>(to: &Value<'js>, atom: qjs::JSAtom, value: Value<'js>) -> Result<()> {
    let context = to.ctx().as_raw().as_ptr();
    // SAFETY: object and atom are alive; the call takes the reference that `JS_DupValue` adds.
    let done = unsafe {
        let value = qjs::JS_DupValue(context, value.as_raw());
        qjs::JS_DefinePropertyValue(context, to.as_raw(), atom, value, qjs::JS_PROP_C_W_E as i32)
    };
    if done < 0 {
        return Err(Error::Exception);
    }
    Ok(())
}
