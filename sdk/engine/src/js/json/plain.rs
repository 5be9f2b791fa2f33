//! Ordinary objects at once, instead of one member after another: documents are made of many objects with the same names.
//!
//! The functions are C and stand inside QuickJS (`cc/qjs_guard.h`), which says what a plain object and a held shape are.

use std::rc::Rc;

use javy::quickjs::qjs::{self, JSAtom, JSContext, JSValue};

use super::raw::Owned;
use super::{Step, Thrown};

/// What QuickJS knows of all objects with the same names in the same order, and the same prototype.
#[repr(C)]
struct Layout {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn ouro_object_like(
        context: *mut JSContext,
        shape: *mut Layout,
        members: *const JSValue,
    ) -> JSValue;
    fn ouro_shape_of(object: JSValue) -> *mut Layout;
    fn ouro_shape_count(context: *mut JSContext, shape: *mut Layout) -> i32;
    fn ouro_shape_name(shape: *mut Layout, at: i32) -> JSAtom;
    fn ouro_hold_shape(shape: *mut Layout);
    fn ouro_free_shape(context: *mut JSContext, shape: *mut Layout);
    fn ouro_members(object: JSValue, shape: *const Layout) -> *const JSValue;
    fn ouro_elements(array: JSValue, count: *mut u32) -> *const JSValue;
    fn ouro_lacks(object: JSValue, name: JSAtom) -> bool;
}

/// A shape that is held.
pub struct Shape {
    context: *mut JSContext,
    layout: *mut Layout,
    names: Vec<JSAtom>,
}

impl Shape {
    /// That of a plain object.
    ///
    /// # Safety
    /// The value is an object of the context.
    unsafe fn of(context: *mut JSContext, object: JSValue) -> Option<Self> {
        // SAFETY: as the caller says; the layout is held before anything else happens.
        unsafe {
            let layout = ouro_shape_of(object);
            if layout.is_null() {
                return None;
            }
            let count = ouro_shape_count(context, layout);
            if count < 0 {
                return None;
            }
            ouro_hold_shape(layout);
            let names = (0..count).map(|at| ouro_shape_name(layout, at)).collect();
            Some(Self {
                context,
                layout,
                names,
            })
        }
    }

    pub fn name(&self, index: u32) -> Option<JSAtom> {
        self.names.get(index as usize).copied()
    }

    /// The value of a member, which stays the object's, while the object has this shape.
    ///
    /// # Safety
    /// The value is an object; the index is one of a name.
    pub unsafe fn member(&self, object: JSValue, index: u32) -> Option<JSValue> {
        // SAFETY: as the caller says.
        unsafe {
            let members = ouro_members(object, self.layout);
            (!members.is_null()).then(|| *members.add(index as usize))
        }
    }
}

impl Drop for Shape {
    fn drop(&mut self) {
        // SAFETY: it is held, and the context outlives every call.
        unsafe { ouro_free_shape(self.context, self.layout) };
    }
}

/// An element of an array that QuickJS holds as a list, which stays the array's.
///
/// # Safety
/// The value is an object.
pub unsafe fn element(array: JSValue, index: u32) -> Option<JSValue> {
    let mut count = 0;
    // SAFETY: as the caller says; the list has `count` elements.
    unsafe {
        let elements = ouro_elements(array, &mut count);
        (index < count).then(|| *elements.add(index as usize))
    }
}

/// Is there certainly no such property, its own or inherited? Runs no code of the worker.
///
/// # Safety
/// The value is an object.
pub unsafe fn lacks(object: JSValue, name: JSAtom) -> bool {
    // SAFETY: as the caller says.
    unsafe { ouro_lacks(object, name) }
}

const SLOTS: usize = 32;

/// Shapes that were seen in one document.
pub struct Shapes {
    context: *mut JSContext,
    slots: Vec<Option<Rc<Shape>>>,
}

impl Shapes {
    pub fn new(context: *mut JSContext) -> Self {
        Self {
            context,
            slots: Vec::new(),
        }
    }

    fn slot(&mut self, index: usize) -> &mut Option<Rc<Shape>> {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        &mut self.slots[index % SLOTS]
    }

    /// An object with these members. It takes the values, also where it cannot be made. A name that comes again takes the last value.
    ///
    /// # Safety
    /// All values and names belong to the context.
    pub unsafe fn object(&mut self, names: &[JSAtom], values: &[JSValue]) -> Step<Owned> {
        let context = self.context;
        let (Some(first), Some(last)) = (names.first(), names.last()) else {
            // SAFETY: the context is alive.
            return unsafe { Owned::take(context, qjs::JS_NewObject(context)) };
        };
        let slot = self.slot((first + last * 3) as usize + names.len());
        // SAFETY: as the caller says; a shape has a value for each of its names.
        unsafe {
            if let Some(known) = slot
                && known.names.iter().eq(names)
            {
                return Owned::take(
                    context,
                    ouro_object_like(context, known.layout, values.as_ptr()),
                );
            }
            let object = define_all(context, names, values)?;
            let shape = Shape::of(context, object.raw());
            *slot = shape.filter(|shape| shape.names == names).map(Rc::new);
            Ok(object)
        }
    }

    /// The shape of a plain object.
    ///
    /// # Safety
    /// The value is an object of the context.
    pub unsafe fn of(&mut self, object: JSValue) -> Option<Rc<Shape>> {
        let context = self.context;
        // SAFETY: as the caller says.
        unsafe {
            let layout = ouro_shape_of(object);
            // Addresses are multiples of 16.
            let slot = self.slot(layout as usize / 16);
            if let Some(known) = slot
                && known.layout == layout
            {
                return Some(known.clone());
            }
            let shape = Rc::new(Shape::of(context, object)?);
            *slot = Some(shape.clone());
            Some(shape)
        }
    }
}

/// # Safety
/// As for `Shapes::object`.
unsafe fn define_all(context: *mut JSContext, names: &[JSAtom], values: &[JSValue]) -> Step<Owned> {
    let flags = qjs::JS_PROP_C_W_E as i32;
    // SAFETY: as the caller says. Never a setter nor the prototype's business, also for `__proto__`; each value is taken once.
    unsafe {
        let mut object = Owned::take(context, qjs::JS_NewObject(context));
        for (name, value) in names.iter().zip(values) {
            match &object {
                Ok(made) => {
                    if qjs::JS_DefinePropertyValue(context, made.raw(), *name, *value, flags) < 0 {
                        object = Err(Thrown);
                    }
                }
                Err(Thrown) => qjs::JS_FreeValue(context, *value),
            }
        }
        object
    }
}
