//! `JSON.stringify` (ECMA-262 25.5.2).

use std::rc::Rc;

use javy::quickjs::qjs::{self, JSAtom, JSContext, JSValue};

use super::options::{self, Replacer};
use super::plain::{self, Shape, Shapes};
use super::quote::{self, Quoted};
use super::raw::{self, Owned, Text};
use super::{Realm, Step, Thrown, answer, circular, number};

/// V8's stack is full at about as many levels.
const DEPTH_MAX: usize = 8_000;

/// # Safety
/// QuickJS calls it with three arguments at least.
pub unsafe extern "C" fn stringify(
    context: *mut JSContext,
    _this: JSValue,
    _count: std::ffi::c_int,
    arguments: *mut JSValue,
) -> JSValue {
    // SAFETY: QuickJS fills up the arguments to the function's length, which is three.
    unsafe {
        let [value, replacer, space] = *arguments.cast::<[JSValue; 3]>();
        answer(context, |realm| {
            // In this order: both may run code of the worker.
            let replacer = options::replacer(context, &realm, replacer)?;
            let gap = options::gap(context, &realm, space)?;
            let mut writer = Writer {
                context,
                realm,
                replacer,
                ascii: gap.is_ascii(),
                gap,
                json: Vec::new(),
                frames: Vec::new(),
                quoted: Quoted::new(context),
                shapes: Shapes::new(context),
            };
            if !writer.document(value)? {
                return Owned::take(context, qjs::JS_UNDEFINED);
            }
            if writer.ascii {
                return raw::new_ascii_string(context, &writer.json);
            }
            raw::new_string(context, &writer.json)
        })
    }
}

/// An array or object that is being written.
pub struct Frame {
    value: Owned,
    members: Members,
    /// Of the members, the one that comes next.
    next: u32,
    place: Place,
    /// Was a member written?
    any: bool,
}

/// How the text was when a member began.
struct Start {
    length: usize,
    /// Was another written before it?
    follows: bool,
}

enum Members {
    /// Of an array of this length.
    Elements(u32),
    /// Of a plain object; those that it had when it began.
    Plain(Rc<Shape>),
    Names(Keys),
    /// Those of the replacer's list.
    Listed,
}

/// Where a member stands in its array or object.
#[derive(Clone, Copy)]
pub enum Place {
    Index(u32),
    Name(JSAtom),
}

impl Frame {
    pub fn value(&self) -> JSValue {
        self.value.raw()
    }

    /// That of the member being written.
    pub fn place(&self) -> Place {
        self.place
    }
}

/// The enumerable names of an object, as QuickJS lists them.
struct Keys {
    context: *mut JSContext,
    start: *mut qjs::JSPropertyEnum,
    length: u32,
}

impl Keys {
    /// # Safety
    /// The object belongs to the context.
    unsafe fn of(context: *mut JSContext, object: JSValue) -> Step<Self> {
        let mut keys = Self {
            context,
            start: std::ptr::null_mut(),
            length: 0,
        };
        let flags = qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY;
        // SAFETY: as the caller says.
        let done = unsafe {
            qjs::JS_GetOwnPropertyNames(
                context,
                &mut keys.start,
                &mut keys.length,
                object,
                flags as i32,
            )
        };
        if done < 0 { Err(Thrown) } else { Ok(keys) }
    }

    fn get(&self, index: u32) -> Option<JSAtom> {
        // SAFETY: the list has `length` entries.
        (index < self.length).then(|| unsafe { (*self.start.add(index as usize)).atom })
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if !self.start.is_null() {
            // SAFETY: it came from JS_GetOwnPropertyNames with this length.
            unsafe { qjs::JS_FreePropertyEnum(self.context, self.start, self.length) };
        }
    }
}

/// What a value is to JSON once `toJSON` and the replacer have had their say.
enum Written {
    /// All of it.
    Whole,
    /// Nothing: functions, symbols and undefined have no JSON.
    Absent,
    /// The bracket of an array or object, whose members follow.
    Begun,
}

struct Writer {
    context: *mut JSContext,
    realm: Realm,
    replacer: Replacer,
    gap: Vec<u8>,
    json: Vec<u8>,
    frames: Vec<Frame>,
    quoted: Quoted,
    shapes: Shapes,
    /// Is all that was written ASCII?
    ascii: bool,
}

impl Writer {
    /// False where the value has no JSON.
    ///
    /// # Safety
    /// The value belongs to the context.
    unsafe fn document(&mut self, value: JSValue) -> Step<bool> {
        // SAFETY: as the caller says.
        unsafe {
            let root = Owned::share(self.context, value);
            let holder = match self.replacer {
                Replacer::Function(_) => Some(self.holder(&root)?),
                _ => None,
            };
            let empty = qjs::JS_NewAtomLen(self.context, c"".as_ptr(), 0);
            let written = self
                .prepare(holder.as_ref().map(Owned::raw), root, Place::Name(empty))
                .and_then(|root| self.start(root));
            qjs::JS_FreeAtom(self.context, empty);
            match written? {
                Written::Absent => return Ok(false),
                Written::Whole => return Ok(true),
                Written::Begun => {}
            }
            while !self.frames.is_empty() {
                self.advance()?;
            }
        }
        Ok(true)
    }

    /// `{ "": value }`, which is `this` for the first call of a replacer.
    unsafe fn holder(&self, root: &Owned) -> Step<Owned> {
        // SAFETY: the property takes a reference of its own.
        unsafe {
            let holder = Owned::take(self.context, qjs::JS_NewObject(self.context))?;
            let value = qjs::JS_DupValue(self.context, root.raw());
            if qjs::JS_DefinePropertyValueStr(
                self.context,
                holder.raw(),
                c"".as_ptr(),
                value,
                qjs::JS_PROP_C_W_E as i32,
            ) < 0
            {
                return Err(Thrown);
            }
            Ok(holder)
        }
    }

    /// Writes the next member of the innermost array or object, or its end.
    unsafe fn advance(&mut self) -> Step<()> {
        // SAFETY: the frame holds the object and its names; frames below stay where they are while members are written.
        unsafe {
            let Some((holder, place, in_place)) = self.next_member() else {
                self.end();
                return Ok(());
            };
            if let Some(value) = in_place
                && self.is_settled(value)
            {
                let start = self.begin_member(place)?;
                let written = self.primitive(value)?;
                self.end_member(start, place, written);
                return Ok(());
            }
            // A value that was read in place gets an owner before JavaScript runs.
            let value = match (in_place, place) {
                (Some(value), _) => Owned::share(self.context, value),
                (None, Place::Index(index)) => Owned::take(
                    self.context,
                    qjs::JS_GetPropertyUint32(self.context, holder, index),
                )?,
                (None, Place::Name(name)) => Owned::take(
                    self.context,
                    qjs::JS_GetProperty(self.context, holder, name),
                )?,
            };
            let value = self.prepare(Some(holder), value, place)?;
            let start = self.begin_member(place)?;
            let written = self.start(value)?;
            self.end_member(start, place, written);
        }
        Ok(())
    }

    /// The innermost array or object, and its next member: where it stands and, if it can be read in place, its value.
    unsafe fn next_member(&mut self) -> Option<(JSValue, Place, Option<JSValue>)> {
        let frame = self.frames.last_mut()?;
        let index = frame.next;
        frame.next += 1;
        let holder = frame.value.raw();
        // SAFETY: the frame holds the object and its names.
        let (place, value) = unsafe {
            match &frame.members {
                Members::Elements(length) if index < *length => {
                    (Place::Index(index), plain::element(holder, index))
                }
                Members::Elements(_) => return None,
                Members::Plain(shape) => {
                    let name = shape.name(index)?;
                    (Place::Name(name), shape.member(holder, index))
                }
                Members::Names(keys) => (Place::Name(keys.get(index)?), None),
                Members::Listed => (Place::Name(self.replacer.name(index)?), None),
            }
        };
        frame.place = place;
        Some((holder, place, value))
    }

    /// Is the value written as it is, without running any JavaScript? Most are.
    fn is_settled(&self, value: JSValue) -> bool {
        // SAFETY: the question takes any value.
        let tag = unsafe { qjs::JS_VALUE_GET_NORM_TAG(value) };
        let may_convert = matches!(
            tag,
            qjs::JS_TAG_OBJECT | qjs::JS_TAG_BIG_INT | qjs::JS_TAG_SHORT_BIG_INT
        );
        !may_convert && !matches!(self.replacer, Replacer::Function(_))
    }

    /// Writes what stands in front of a member.
    fn begin_member(&mut self, place: Place) -> Step<Start> {
        let length = self.json.len();
        let follows = self
            .frames
            .last_mut()
            .is_some_and(|frame| std::mem::replace(&mut frame.any, true));
        if follows {
            self.json.push(b',');
        }
        self.new_line(self.frames.len());
        if let Place::Name(name) = place {
            self.ascii &= self.quoted.push(&mut self.json, name)?;
            if !self.gap.is_empty() {
                self.json.push(b' ');
            }
        }
        Ok(Start { length, follows })
    }

    /// A member without JSON was none, or is `null` in an array.
    fn end_member(&mut self, start: Start, place: Place, written: Written) {
        match (written, place) {
            (Written::Absent, Place::Name(_)) => {
                self.json.truncate(start.length);
                if let Some(frame) = self.frames.last_mut() {
                    frame.any = start.follows;
                }
            }
            (Written::Absent, Place::Index(_)) => self.json.extend_from_slice(b"null"),
            _ => {}
        }
    }

    /// The value that is written for a member: `toJSON` and the replacer decide (SerializeJSONProperty, steps 2 and 3).
    unsafe fn prepare(
        &self,
        holder: Option<JSValue>,
        mut value: Owned,
        place: Place,
    ) -> Step<Owned> {
        // SAFETY: all values are of this context and alive.
        unsafe {
            let may_convert = if qjs::JS_IsObject(value.raw()) {
                !plain::lacks(value.raw(), self.realm.to_json)
            } else {
                qjs::JS_IsBigInt(value.raw())
            };
            if may_convert {
                let to_json = qjs::JS_GetProperty(self.context, value.raw(), self.realm.to_json);
                let to_json = Owned::take(self.context, to_json)?;
                if qjs::JS_IsFunction(self.context, to_json.raw()) {
                    let key = self.key(place)?;
                    let mut arguments = [key.raw()];
                    let made = qjs::JS_Call(
                        self.context,
                        to_json.raw(),
                        value.raw(),
                        1,
                        arguments.as_mut_ptr(),
                    );
                    value = Owned::take(self.context, made)?;
                }
            }
            if let (Replacer::Function(replacer), Some(holder)) = (&self.replacer, holder) {
                let key = self.key(place)?;
                let mut arguments = [key.raw(), value.raw()];
                let made = qjs::JS_Call(self.context, *replacer, holder, 2, arguments.as_mut_ptr());
                value = Owned::take(self.context, made)?;
            }
        }
        Ok(value)
    }

    /// The place as a string, for functions that are told it.
    unsafe fn key(&self, place: Place) -> Step<Owned> {
        // SAFETY: whoever gives the place holds the name.
        unsafe {
            match place {
                Place::Name(name) => {
                    Owned::take(self.context, qjs::JS_AtomToString(self.context, name))
                }
                Place::Index(index) => raw::new_string(self.context, index.to_string().as_bytes()),
            }
        }
    }

    /// Writes a primitive, or the beginning of an array or object (SerializeJSONProperty, steps 4 to 12).
    unsafe fn start(&mut self, value: Owned) -> Step<Written> {
        // SAFETY: the value is of this context and alive.
        unsafe {
            if qjs::JS_IsObject(value.raw()) {
                self.start_object(value)
            } else {
                self.primitive(value.raw())
            }
        }
    }

    /// Borrows the value, and runs no JavaScript.
    unsafe fn primitive(&mut self, value: JSValue) -> Step<Written> {
        // SAFETY: the value is of this context and alive.
        unsafe {
            match qjs::JS_VALUE_GET_NORM_TAG(value) {
                qjs::JS_TAG_STRING | qjs::JS_TAG_STRING_ROPE => self.string(value)?,
                qjs::JS_TAG_INT => {
                    number::push_integer(&mut self.json, qjs::JS_VALUE_GET_INT(value))
                }
                qjs::JS_TAG_FLOAT64 => {
                    let number = qjs::JS_VALUE_GET_FLOAT64(value);
                    if !number.is_finite() {
                        self.json.extend_from_slice(b"null");
                    } else if !number::push_decimal(&mut self.json, number) {
                        let text = Text::of(self.context, value)?;
                        self.json.extend_from_slice(text.bytes());
                    }
                }
                qjs::JS_TAG_BOOL if qjs::JS_VALUE_GET_BOOL(value) => {
                    self.json.extend_from_slice(b"true")
                }
                qjs::JS_TAG_BOOL => self.json.extend_from_slice(b"false"),
                qjs::JS_TAG_NULL => self.json.extend_from_slice(b"null"),
                qjs::JS_TAG_BIG_INT | qjs::JS_TAG_SHORT_BIG_INT => {
                    qjs::JS_ThrowTypeError(
                        self.context,
                        c"Do not know how to serialize a BigInt".as_ptr(),
                    );
                    return Err(Thrown);
                }
                _ => return Ok(Written::Absent),
            }
        }
        Ok(Written::Whole)
    }

    unsafe fn string(&mut self, value: JSValue) -> Step<()> {
        // SAFETY: the value is a string of this context, and alive.
        unsafe {
            if let Some(text) = raw::latin1(value)
                && quote::push_plain(&mut self.json, text)
            {
                return Ok(());
            }
            let text = Text::of(self.context, value)?;
            self.ascii &= text.bytes().is_ascii();
            quote::push_quoted(&mut self.json, text.bytes());
        }
        Ok(())
    }

    unsafe fn start_object(&mut self, value: Owned) -> Step<Written> {
        // SAFETY: the value is an object of this context.
        unsafe {
            let class = qjs::JS_GetClassID(value.raw());
            if class != self.realm.classes.object && class != self.realm.classes.array {
                if let Some(primitive) = self.primitive_of(&value, class)? {
                    return self.start(primitive);
                }
                if class == self.realm.classes.raw_json {
                    let text = qjs::JS_GetProperty(self.context, value.raw(), self.realm.raw_json);
                    let text = Owned::take(self.context, text)?;
                    let text = Text::of(self.context, text.raw())?;
                    self.ascii &= text.bytes().is_ascii();
                    self.json.extend_from_slice(text.bytes());
                    return Ok(Written::Whole);
                }
                if qjs::JS_IsFunction(self.context, value.raw()) {
                    return Ok(Written::Absent);
                }
            }
            if let Some(at) = self
                .frames
                .iter()
                .position(|frame| frame.value.raw() == value.raw())
            {
                return Err(circular::throw(
                    self.context,
                    &self.realm,
                    &self.frames[at..],
                ));
            }
            if self.frames.len() == DEPTH_MAX {
                return Err(raw::too_deep(self.context));
            }
            let members = self.members_of(&value, class)?;
            self.json.push(if matches!(members, Members::Elements(_)) {
                b'['
            } else {
                b'{'
            });
            self.frames.push(Frame {
                value,
                members,
                next: 0,
                place: Place::Index(0),
                any: false,
            });
        }
        Ok(Written::Begun)
    }

    /// What a Number, String, Boolean or BigInt object stands for.
    unsafe fn primitive_of(&self, value: &Owned, class: qjs::JSClassID) -> Step<Option<Owned>> {
        // SAFETY: the value is an object of this context.
        unsafe {
            let classes = &self.realm.classes;
            let convert = |convert: unsafe extern "C" fn(*mut JSContext, JSValue) -> JSValue| {
                Owned::take(self.context, convert(self.context, value.raw())).map(Some)
            };
            if class == classes.number {
                return convert(qjs::JS_ToNumber);
            }
            if class == classes.string {
                return convert(qjs::JS_ToString);
            }
            if class == classes.boolean || class == classes.big_int {
                return self.unwrap(value).map(Some);
            }
        }
        Ok(None)
    }

    /// The data of a Boolean or BigInt object, whatever its `valueOf` is.
    unsafe fn unwrap(&self, value: &Owned) -> Step<Owned> {
        // SAFETY: the realm's prototypes hold the functions that read the data.
        unsafe {
            let method = if qjs::JS_GetClassID(value.raw()) == self.realm.classes.boolean {
                self.realm.boolean_value
            } else {
                self.realm.big_int_value
            };
            let data = qjs::JS_Call(self.context, method, value.raw(), 0, std::ptr::null_mut());
            Owned::take(self.context, data)
        }
    }

    unsafe fn members_of(&mut self, value: &Owned, class: qjs::JSClassID) -> Step<Members> {
        // SAFETY: the value is an object of this context.
        unsafe {
            if class != self.realm.classes.object && options::is_array(self.context, value.raw())? {
                let mut length = 0;
                if qjs::JS_GetLength(self.context, value.raw(), &mut length) < 0 {
                    return Err(Thrown);
                }
                // A text that long could not be a string; memory ends first.
                return Ok(Members::Elements(u32::try_from(length).unwrap_or(u32::MAX)));
            }
            if let Replacer::Names(_) = self.replacer {
                return Ok(Members::Listed);
            }
            Ok(match self.shapes.of(value.raw()) {
                Some(shape) => Members::Plain(shape),
                None => Members::Names(Keys::of(self.context, value.raw())?),
            })
        }
    }

    /// Writes the closing bracket of the innermost array or object.
    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if frame.any {
            self.new_line(self.frames.len());
        }
        let bracket = if matches!(frame.members, Members::Elements(_)) {
            b']'
        } else {
            b'}'
        };
        self.json.push(bracket);
    }

    fn new_line(&mut self, depth: usize) {
        if self.gap.is_empty() {
            return;
        }
        self.json.push(b'\n');
        for _ in 0..depth {
            self.json.extend_from_slice(&self.gap);
        }
    }
}
