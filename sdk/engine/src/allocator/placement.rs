//! Where a snapshot's blocks lie. Each page that an invocation writes to is copied, and put back after it, so blocks that every
//! invocation writes to (counts of references, for the most part) belong side by side on few pages.
//!
//! The same top level asks for the same blocks in the same order. So the builder evaluates it twice: the first time the blocks are
//! **noted** by their number, and a request is rehearsed to see which of them it writes to; the second time those are **placed** together.
//! Should the order differ, blocks lie elsewhere and nothing else happens.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr::null_mut;

/// Larger blocks are written to here and there, and stay where they are.
const PLACED_BYTES_MAX: usize = 2048;
const PAGE_BYTES: usize = 4096;
/// What belongs to the prelude, and what belongs to the worker.
const PLACES: usize = 2;

#[derive(Clone, Copy)]
enum Mode {
    Plain,
    Noting(Notes),
    Placing(Placing),
}

/// A block that was asked for (its address and its size), or freed (its address and zero).
#[repr(C)]
struct Note {
    start: u32,
    size: u32,
}

/// A growing list that does without the allocator it watches.
#[derive(Clone, Copy)]
struct Notes {
    start: *mut Note,
    length: usize,
    capacity: usize,
}

#[derive(Clone, Copy)]
struct Placing {
    /// One bit for each number of a block: is it to be placed?
    hot: *const u8,
    numbers: usize,
    /// Of the next block.
    number: usize,
    /// What is left of the place.
    next: usize,
    end: usize,
}

struct State {
    mode: Cell<Mode>,
    places: [Cell<(usize, usize)>; PLACES],
}

// SAFETY: the engine has one thread.
unsafe impl Sync for State {}

static STATE: State = State {
    mode: Cell::new(Mode::Plain),
    places: [const { Cell::new((0, 0)) }; PLACES],
};

/// From now on blocks are noted.
pub fn note() {
    STATE.mode.set(Mode::Noting(Notes {
        start: null_mut(),
        length: 0,
        capacity: 0,
    }));
}

/// Address and number of the notes so far; the allocator goes back to its ordinary way.
pub fn notes() -> (usize, usize) {
    match STATE.mode.replace(Mode::Plain) {
        Mode::Noting(notes) => (notes.start as usize, notes.length),
        _ => (0, 0),
    }
}

/// From now on the blocks whose bits are set lie together, in so many bytes. False where there is no room for them.
pub fn place(hot: &'static [u8], bytes: usize) -> bool {
    let Some(place) = STATE.places.iter().find(|place| place.get().0 == 0) else {
        return false;
    };
    let Ok(layout) = Layout::from_size_align(bytes.next_multiple_of(PAGE_BYTES), PAGE_BYTES) else {
        return false;
    };
    if bytes == 0 {
        return false;
    }
    // SAFETY: the layout is not empty.
    let start = unsafe { dlmalloc::GlobalDlmalloc.alloc(layout) } as usize;
    if start == 0 {
        return false;
    }
    place.set((start, start + layout.size()));
    STATE.mode.set(Mode::Placing(Placing {
        hot: hot.as_ptr(),
        numbers: hot.len() * 8,
        number: 0,
        next: start,
        end: start + layout.size(),
    }));
    true
}

/// The allocator goes back to its ordinary way.
pub fn end() {
    STATE.mode.set(Mode::Plain);
}

/// Does the block lie among those that were placed, which dlmalloc does not know?
pub fn is_placed(block: *mut u8) -> bool {
    let block = block as usize;
    let within = |place: &Cell<(usize, usize)>| {
        let (start, end) = place.get();
        (start..end).contains(&block)
    };
    STATE.places.iter().any(within)
}

/// A block while building.
pub fn alloc(layout: Layout, plain: impl FnOnce() -> *mut u8) -> *mut u8 {
    match STATE.mode.get() {
        Mode::Plain => plain(),
        Mode::Noting(mut notes) => {
            let block = plain();
            notes.push(block, layout.size());
            STATE.mode.set(Mode::Noting(notes));
            block
        }
        Mode::Placing(mut placing) => {
            let block = placing.take(layout).unwrap_or_else(plain);
            STATE.mode.set(Mode::Placing(placing));
            block
        }
    }
}

/// A block was freed while building.
pub fn freed(block: *mut u8) {
    if let Mode::Noting(mut notes) = STATE.mode.get() {
        notes.push(block, 0);
        STATE.mode.set(Mode::Noting(notes));
    }
}

impl Notes {
    fn push(&mut self, block: *mut u8, size: usize) {
        if self.length == self.capacity && !self.grow() {
            return;
        }
        let note = Note {
            start: block as u32,
            size: size as u32,
        };
        // SAFETY: there is room for one more.
        unsafe { self.start.add(self.length).write(note) };
        self.length += 1;
    }

    fn grow(&mut self) -> bool {
        let capacity = (self.capacity * 2).max(4096);
        let (Ok(old), Ok(new)) = (
            Layout::array::<Note>(self.capacity),
            Layout::array::<Note>(capacity),
        ) else {
            return false;
        };
        // SAFETY: the new layout is not empty, and the old one is what was asked for before.
        unsafe {
            let start = dlmalloc::GlobalDlmalloc.alloc(new).cast::<Note>();
            if start.is_null() {
                return false;
            }
            if self.capacity > 0 {
                start.copy_from_nonoverlapping(self.start, self.length);
                dlmalloc::GlobalDlmalloc.dealloc(self.start.cast(), old);
            }
            self.start = start;
        }
        self.capacity = capacity;
        true
    }
}

impl Placing {
    fn take(&mut self, layout: Layout) -> Option<*mut u8> {
        let number = self.number;
        self.number += 1;
        if number >= self.numbers || layout.size() > PLACED_BYTES_MAX {
            return None;
        }
        // SAFETY: the bits reach that far.
        let bits = unsafe { *self.hot.add(number / 8) };
        if bits & (1 << (number % 8)) == 0 {
            return None;
        }
        let start = self.next.next_multiple_of(layout.align());
        if start + layout.size() > self.end {
            return None;
        }
        self.next = start + layout.size();
        Some(start as *mut u8)
    }
}
