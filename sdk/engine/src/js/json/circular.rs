//! The error for a structure that contains itself, in V8's words: it shows the way around.

use javy::quickjs::qjs::{self, JSContext, JSValue};

use super::raw::{self, Owned, Text};
use super::stringify::{Frame, Place};
use super::{Realm, Thrown};

/// Of a long way round so many steps are shown at its beginning; the last one always is.
const STEPS_SHOWN: usize = 2;

/// Throws the TypeError. The first of the frames is the object that the last one's member leads back to.
///
/// # Safety
/// The frames are of the context.
pub unsafe fn throw(context: *mut JSContext, realm: &Realm, frames: &[Frame]) -> Thrown {
    // SAFETY: as the caller says.
    unsafe {
        let mut text = format!(
            "Converting circular structure to JSON\n    --> starting at object with constructor {}",
            constructor(context, frames[0].value())
        );
        for (index, pair) in frames.windows(2).enumerate() {
            let last = index + 2 == frames.len();
            if index < STEPS_SHOWN || last {
                let (key, inner) = (
                    key(context, &pair[0]),
                    constructor(context, pair[1].value()),
                );
                text.push_str(&format!(
                    "\n    |     {key} -> object with constructor {inner}"
                ));
            } else if index == STEPS_SHOWN {
                text.push_str("\n    |     ...");
            }
        }
        let end = frames
            .last()
            .map(|frame| key(context, frame))
            .unwrap_or_default();
        text.push_str(&format!("\n    --- {end} closes the circle"));
        // Longer than what QuickJS's own functions take for a message.
        let error = raw::new_string(context, text.as_bytes()).and_then(|message| {
            let mut arguments = [message.raw()];
            let error =
                qjs::JS_CallConstructor(context, realm.type_error, 1, arguments.as_mut_ptr());
            Owned::take(context, error)
        });
        if let Ok(error) = error {
            qjs::JS_Throw(context, error.into_raw());
        }
        Thrown
    }
}

/// # Safety
/// The frame is of the context.
unsafe fn key(context: *mut JSContext, frame: &Frame) -> String {
    match frame.place() {
        Place::Index(index) => format!("index {index}"),
        // SAFETY: as the caller says; the frame holds the name.
        Place::Name(name) => unsafe {
            let text = Owned::take(context, qjs::JS_AtomToString(context, name));
            format!(
                "property '{}'",
                text.ok()
                    .and_then(|text| shown(context, text.raw()))
                    .unwrap_or_default()
            )
        },
    }
}

/// The name of an object's constructor in quotation marks.
///
/// # Safety
/// The value belongs to the context.
unsafe fn constructor(context: *mut JSContext, value: JSValue) -> String {
    // SAFETY: as the caller says.
    let name = unsafe {
        let constructor = Owned::take(
            context,
            qjs::JS_GetPropertyStr(context, value, c"constructor".as_ptr()),
        );
        let name = constructor.and_then(|it| {
            Owned::take(
                context,
                qjs::JS_GetPropertyStr(context, it.raw(), c"name".as_ptr()),
            )
        });
        match name {
            Ok(name) if qjs::JS_IsString(name.raw()) => shown(context, name.raw()),
            Ok(_) => None,
            Err(Thrown) => {
                qjs::JS_FreeValue(context, qjs::JS_GetException(context));
                None
            }
        }
    };
    format!("'{}'", name.unwrap_or_else(|| "Object".into()))
}

/// # Safety
/// The value is a string of the context.
unsafe fn shown(context: *mut JSContext, value: JSValue) -> Option<String> {
    // SAFETY: as the caller says.
    let text = unsafe { Text::of(context, value) }.ok()?;
    Some(String::from_utf8_lossy(text.bytes()).into_owned())
}
