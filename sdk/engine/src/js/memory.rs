//! QuickJS's memory functions, straight on the engine's allocator. Those of rquickjs do the same through two more calls each, and JavaScript
//! does little but make and drop small blocks.
//!
//! A block is laid out as rquickjs lays it out, since what was made before `install` is freed after it: in front stands its size.

use std::alloc::{self, Layout};
use std::ffi::c_void;
use std::ptr::null_mut;

use javy::quickjs::qjs::{self, JSRuntime};

use super::Ctx;

/// QuickJS's values need this alignment; the size in front of a block takes as much (cc/qjs_guard.h reads it there).
const ALIGN: usize = 8;

unsafe extern "C" {
    // cc/qjs_guard.h
    fn ouro_set_allocator(runtime: *mut JSRuntime, functions: *const qjs::JSMallocFunctions);
}

/// From now on the runtime takes memory here.
pub fn install(ctx: &Ctx<'_>) {
    let functions = qjs::JSMallocFunctions {
        js_calloc: Some(calloc),
        js_malloc: Some(malloc),
        js_free: Some(free),
        js_realloc: Some(realloc),
        js_malloc_usable_size: Some(usable_size),
    };
    // SAFETY: the functions are copied, and fit the blocks that are there.
    unsafe { ouro_set_allocator(qjs::JS_GetRuntime(ctx.as_raw().as_ptr()), &functions) };
}

/// The layout of a block with so many bytes for its user, a multiple of `ALIGN`.
fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(ALIGN)?, ALIGN).ok()
}

fn rounded(size: usize) -> Option<usize> {
    size.checked_next_multiple_of(ALIGN)
}

/// Writes the size in front of a new block and gives its user's part.
///
/// # Safety
/// The block is null, or has the layout of this size.
unsafe fn begin(block: *mut u8, size: usize) -> *mut c_void {
    if block.is_null() {
        return null_mut();
    }
    // SAFETY: as the caller says.
    unsafe {
        block.cast::<usize>().write(size);
        block.add(ALIGN).cast()
    }
}

/// The beginning of a block and its size.
///
/// # Safety
/// `begin` gave the address.
unsafe fn block(start: *const c_void) -> (*mut u8, usize) {
    // SAFETY: as the caller says.
    unsafe {
        let block = start.cast::<u8>().cast_mut().sub(ALIGN);
        (block, block.cast::<usize>().read())
    }
}

unsafe extern "C" fn malloc(_: *mut c_void, size: qjs::size_t) -> *mut c_void {
    let Some((size, layout)) = rounded(size as usize).and_then(|size| Some((size, layout(size)?)))
    else {
        return null_mut();
    };
    // SAFETY: the layout is not empty.
    unsafe { begin(alloc::alloc(layout), size) }
}

unsafe extern "C" fn calloc(_: *mut c_void, count: qjs::size_t, size: qjs::size_t) -> *mut c_void {
    let size = (count as usize)
        .checked_mul(size as usize)
        .and_then(rounded);
    let Some((size, layout)) = size.and_then(|size| Some((size, layout(size)?))) else {
        return null_mut();
    };
    // SAFETY: the layout is not empty.
    unsafe { begin(alloc::alloc_zeroed(layout), size) }
}

unsafe extern "C" fn free(_: *mut c_void, start: *mut c_void) {
    if start.is_null() {
        return;
    }
    // SAFETY: QuickJS frees what it got here, which had this layout.
    unsafe {
        let (block, size) = block(start);
        alloc::dealloc(
            block,
            Layout::from_size_align_unchecked(size + ALIGN, ALIGN),
        );
    }
}

unsafe extern "C" fn realloc(
    opaque: *mut c_void,
    start: *mut c_void,
    size: qjs::size_t,
) -> *mut c_void {
    if start.is_null() {
        // SAFETY: as for any call of it.
        return unsafe { malloc(opaque, size) };
    }
    let Some((size, wanted)) = rounded(size as usize).and_then(|size| Some((size, layout(size)?)))
    else {
        return null_mut();
    };
    // SAFETY: QuickJS resizes what it got here, which had this layout.
    unsafe {
        let (block, old) = block(start);
        let old = Layout::from_size_align_unchecked(old + ALIGN, ALIGN);
        begin(alloc::realloc(block, old, wanted.size()), size)
    }
}

unsafe extern "C" fn usable_size(start: *const c_void) -> qjs::size_t {
    if start.is_null() {
        return 0;
    }
    // SAFETY: QuickJS asks about what it got here.
    unsafe { block(start).1 as qjs::size_t }
}
