//! The engine's allocator: dlmalloc, and in front of it lists of free small blocks, since JavaScript makes and drops little else.
//! QuickJS allocates here too, through the `rust-alloc` feature of rquickjs-core.
//!
//! A snapshot is stored, loaded and mapped for each worker: every byte that is not zero costs. So until the snapshot is taken what is
//! freed is cleared and goes back to dlmalloc; the lists begin with the run time.
//!
//! Each page of a snapshot that an invocation writes to costs as well: it is copied, and put back afterwards. So blocks that
//! invocations write to lie together (`placement`), and the run time has a heap of its own in one piece (`running`): holes that the
//! build left are not filled, and large blocks of the snapshot that are freed stay as they are.

pub mod placement;
mod running;

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use running::heap;

/// Sizes of small blocks are multiples of this, which is also their alignment.
const STEP: usize = 16;
const SMALL_MAX: usize = 256;
/// So much is taken from dlmalloc at once to be cut into small blocks.
const REGION_BYTES: usize = 16 * 1024;

/// True until the snapshot is taken.
static BUILDING: AtomicBool = AtomicBool::new(true);

#[global_allocator]
static ALLOCATOR: Allocator = Allocator {
    building: dlmalloc::GlobalDlmalloc,
    small: UnsafeCell::new(Small {
        free: [null_mut(); SMALL_MAX / STEP],
        next: null_mut(),
        left: 0,
    }),
};

struct Allocator {
    building: dlmalloc::GlobalDlmalloc,
    small: UnsafeCell<Small>,
}

struct Small {
    /// By size: the free block that was freed last, whose first bytes point to the one before it.
    free: [*mut u8; SMALL_MAX / STEP],
    /// What is left of the region that was taken last.
    next: *mut u8,
    left: usize,
}

// SAFETY: the engine has one thread.
unsafe impl Sync for Allocator {}

pub fn building() -> bool {
    BUILDING.load(Relaxed)
}

/// After the engine was made and before a worker comes: what all workers share is to be as it is in a worker's snapshot.
pub fn tidy() {
    running::tidy(&ALLOCATOR.building);
}

/// Ends the build: what is freed from now on keeps its bytes, and new blocks come from the run time's heap.
pub fn seal() {
    running::reserve(&ALLOCATOR.building);
    BUILDING.store(false, Relaxed);
}

/// The layout of the block that holds what is asked for; small ones are rounded up from the start, so that any that is freed later
/// can go to its list.
fn block(layout: Layout) -> (Layout, bool) {
    if layout.size() > SMALL_MAX || layout.align() > STEP {
        return (layout, false);
    }
    let size = layout.size().next_multiple_of(STEP).max(STEP);
    // SAFETY: the alignment is a power of two, and the size far below the limit.
    (
        unsafe { Layout::from_size_align_unchecked(size, STEP) },
        true,
    )
}

impl Small {
    fn take(&mut self, size: usize) -> *mut u8 {
        let head = &mut self.free[size / STEP - 1];
        if !head.is_null() {
            let block = *head;
            // SAFETY: a block on the list is free and begins with the pointer to the next.
            *head = unsafe { block.cast::<*mut u8>().read() };
            return block;
        }
        if self.left < size {
            // SAFETY: the size is not zero and the alignment a power of two.
            self.next =
                unsafe { heap().alloc(Layout::from_size_align_unchecked(REGION_BYTES, STEP)) };
            self.left = if self.next.is_null() { 0 } else { REGION_BYTES };
            if self.left == 0 {
                return null_mut();
            }
        }
        let block = self.next;
        // SAFETY: the region has `left` bytes from here on, at least `size`.
        self.next = unsafe { block.add(size) };
        self.left -= size;
        block
    }

    /// # Safety
    /// The block has this size and is free.
    unsafe fn give(&mut self, block: *mut u8, size: usize) {
        let head = &mut self.free[size / STEP - 1];
        // SAFETY: as the caller says; the smallest block has room for a pointer.
        unsafe { block.cast::<*mut u8>().write(*head) };
        *head = block;
    }
}

impl Allocator {
    /// Clears a block of the build and gives it back.
    ///
    /// # Safety
    /// As for `GlobalAlloc::dealloc`, while building.
    unsafe fn clear(&self, start: *mut u8, layout: Layout) {
        // A plain write before a free is dead code to the compiler; `black_box` makes it count.
        unsafe { start.write_bytes(0, layout.size()) };
        std::hint::black_box(start);
        placement::freed(start);
        if !placement::is_placed(start) {
            unsafe { self.building.dealloc(start, layout) }
        }
    }
}

// SAFETY: a block comes from one of the heaps, alone or as a part of a region or of the place for hot blocks, with the layout that `block`
// gives, and is used by one owner until it is given back, to the heap it came from or to none; clearing writes only within the block that
// is given back.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (layout, small) = block(layout);
        match (building(), small) {
            (true, _) => placement::alloc(layout, || unsafe { self.building.alloc(layout) }),
            (false, true) => unsafe { (*self.small.get()).take(layout.size()) },
            (false, false) => unsafe { heap().alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let (layout, small) = block(layout);
        if !small && !building() {
            return unsafe { heap().alloc_zeroed(layout) };
        }
        let start = unsafe { self.alloc(layout) };
        if !start.is_null() {
            unsafe { start.write_bytes(0, layout.size()) };
        }
        start
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        let (layout, small) = block(layout);
        if building() {
            unsafe { self.clear(start, layout) }
        } else if small {
            unsafe { (*self.small.get()).give(start, layout.size()) }
        } else if heap().holds(start) {
            unsafe { heap().dealloc(start, layout) }
        }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else {
            return null_mut();
        };
        let ((old, old_small), (new, new_small)) = (block(layout), block(wanted));
        if old_small && new_small && old.size() == new.size() {
            return start;
        }
        // Of a block of the snapshot, or while building, dlmalloc would free the old place itself.
        if !old_small && !new_small && !building() && heap().holds(start) {
            return unsafe { heap().realloc(start, layout, size) };
        }
        let to = unsafe { self.alloc(wanted) };
        if !to.is_null() {
            unsafe {
                to.copy_from_nonoverlapping(start, layout.size().min(size));
                self.dealloc(start, layout);
            }
        }
        to
    }
}
