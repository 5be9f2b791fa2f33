//! How much memory a piece of work takes: an allocator that counts what this thread holds.
//!
//! It leaves out what C libraries and mappings take, and what other threads do.
#![allow(unsafe_code, reason = "an allocator is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

/// Work that would hold more is refused the memory, which ends the process.
const HELD_BYTES_MAX: isize = 1 << 30;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static CEILING: Cell<isize> = const { Cell::new(isize::MAX) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn take(bytes: usize) -> bool {
    let held = HELD.get().saturating_add_unsigned(bytes);
    if held > CEILING.get() {
        return false;
    }
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
    true
}

fn give_back(bytes: usize) {
    HELD.set(HELD.get().saturating_sub_unsigned(bytes));
}

// SAFETY: blocks are those of the system's allocator; counting touches cells that need no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size()) {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        give_back(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Does the work, and answers with the most bytes that it held at once.
pub fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let (before, outer_peak, outer_ceiling) = (HELD.get(), PEAK.get(), CEILING.get());
    PEAK.set(before);
    CEILING.set(outer_ceiling.min(before.saturating_add(HELD_BYTES_MAX)));
    let done = work();
    let peak = PEAK.get();
    PEAK.set(outer_peak.max(peak));
    CEILING.set(outer_ceiling);
    (done, usize::try_from(peak - before).unwrap_or_default())
}

/// # Panics
/// Where the work held more than a fixed amount and a multiple of its input.
pub fn assert_bounded(peak: usize, fixed: usize, factor: usize, input: usize) {
    let limit = fixed + factor * input;
    assert!(
        peak <= limit,
        "{peak} bytes were held for an input of {input} bytes; the limit is {limit}"
    );
}
