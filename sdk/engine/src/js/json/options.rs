//! The second and third argument of `JSON.stringify` (ECMA-262 25.5.2, steps 4 to 8).

use javy::quickjs::qjs::{self, JSAtom, JSContext, JSValue};

use super::parse::push_code_point;
use super::raw::{Owned, Text};
use super::{Realm, Step, Thrown};

/// ECMA-262: no level is indented by more.
const GAP_MAX: usize = 10;

/// What a replacer asks for.
pub enum Replacer {
    None,
    /// Borrowed from the arguments.
    Function(JSValue),
    Names(NameList),
}

impl Replacer {
    /// Of its list of names, if it is one.
    pub fn name(&self, index: u32) -> Option<JSAtom> {
        match self {
            Self::Names(list) => list.names.get(index as usize).copied(),
            _ => None,
        }
    }
}

/// Atoms that are freed when dropped.
pub struct NameList {
    context: *mut JSContext,
    names: Vec<JSAtom>,
}

impl Drop for NameList {
    fn drop(&mut self) {
        for name in &self.names {
            // SAFETY: each is owned here.
            unsafe { qjs::JS_FreeAtom(self.context, *name) };
        }
    }
}

/// # Safety
/// The value belongs to the context and outlives the answer.
pub unsafe fn replacer(context: *mut JSContext, realm: &Realm, value: JSValue) -> Step<Replacer> {
    // SAFETY: as the caller says.
    unsafe {
        if !qjs::JS_IsObject(value) {
            return Ok(Replacer::None);
        }
        if qjs::JS_IsFunction(context, value) {
            return Ok(Replacer::Function(value));
        }
        if !is_array(context, value)? {
            return Ok(Replacer::None);
        }
        Ok(Replacer::Names(name_list(context, realm, value)?))
    }
}

/// # Safety
/// The value belongs to the context.
unsafe fn name_list(context: *mut JSContext, realm: &Realm, list: JSValue) -> Step<NameList> {
    let mut found = NameList {
        context,
        names: Vec::new(),
    };
    let mut length = 0;
    // SAFETY: as the caller says.
    unsafe {
        if qjs::JS_GetLength(context, list, &mut length) < 0 {
            return Err(Thrown);
        }
        for index in 0..length {
            let item = Owned::take(context, qjs::JS_GetPropertyInt64(context, list, index))?;
            let class = qjs::JS_GetClassID(item.raw());
            let named = qjs::JS_IsString(item.raw())
                || qjs::JS_IsNumber(item.raw())
                || (qjs::JS_IsObject(item.raw())
                    && (class == realm.classes.string || class == realm.classes.number));
            if !named {
                continue;
            }
            let text = Owned::take(context, qjs::JS_ToString(context, item.raw()))?;
            let name = qjs::JS_ValueToAtom(context, text.raw());
            if name == qjs::JS_ATOM_NULL {
                return Err(Thrown);
            }
            if found.names.contains(&name) {
                qjs::JS_FreeAtom(context, name);
            } else {
                found.names.push(name);
            }
        }
    }
    Ok(found)
}

/// What each level is indented by.
///
/// # Safety
/// The value belongs to the context.
pub unsafe fn gap(context: *mut JSContext, realm: &Realm, space: JSValue) -> Step<Vec<u8>> {
    // SAFETY: as the caller says.
    unsafe {
        let mut space = Owned::share(context, space);
        if qjs::JS_IsObject(space.raw()) {
            let class = qjs::JS_GetClassID(space.raw());
            if class == realm.classes.number {
                space = Owned::take(context, qjs::JS_ToNumber(context, space.raw()))?;
            } else if class == realm.classes.string {
                space = Owned::take(context, qjs::JS_ToString(context, space.raw()))?;
            }
        }
        if qjs::JS_IsNumber(space.raw()) {
            let mut count = 0.0;
            if qjs::JS_ToFloat64(context, &mut count, space.raw()) < 0 {
                return Err(Thrown);
            }
            // NaN and negative numbers become 0.
            return Ok(vec![b' '; (count as usize).min(GAP_MAX)]);
        }
        if !qjs::JS_IsString(space.raw()) {
            return Ok(Vec::new());
        }
        let text = Text::of(context, space.raw())?;
        Ok(first_units(text.bytes(), GAP_MAX))
    }
}

/// As many UTF-16 code units as asked for, which may be half of a pair.
fn first_units(utf8: &[u8], units: usize) -> Vec<u8> {
    let (mut at, mut left) = (0, units);
    while at < utf8.len() && left > 0 {
        let length = match utf8[at] {
            0..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ if left == 1 => break,
            _ => {
                left -= 1;
                4
            }
        };
        at += length;
        left -= 1;
    }
    let mut first = utf8[..at].to_vec();
    if left == 1
        && let Some(character) = utf8
            .get(at..at + 4)
            .and_then(|pair| std::str::from_utf8(pair).ok())
    {
        let mut pair = [0; 2];
        for character in character.chars() {
            push_code_point(&mut first, u32::from(character.encode_utf16(&mut pair)[0]));
        }
    }
    first
}

/// IsArray (ECMA-262 7.2.2), through Proxies.
///
/// # Safety
/// The value belongs to the context.
pub unsafe fn is_array(context: *mut JSContext, value: JSValue) -> Step<bool> {
    // SAFETY: as the caller says.
    unsafe {
        if qjs::JS_IsArray(value) {
            return Ok(true);
        }
        if !qjs::JS_IsProxy(value) {
            return Ok(false);
        }
        let mut target = Owned::take(context, qjs::JS_GetProxyTarget(context, value))?;
        while qjs::JS_IsProxy(target.raw()) {
            target = Owned::take(context, qjs::JS_GetProxyTarget(context, target.raw()))?;
        }
        Ok(qjs::JS_IsArray(target.raw()))
    }
}
