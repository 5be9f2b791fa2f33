//! The engine's allocator: dlmalloc, which clears what is freed until the snapshot is taken, so that the snapshot holds no garbage.
//!
//! A snapshot is stored, loaded and mapped for each worker: every byte that is not zero costs. QuickJS allocates here too, through
//! the `rust-alloc` feature of rquickjs-core.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// True until the snapshot is taken.
static BUILDING: AtomicBool = AtomicBool::new(true);

#[global_allocator]
static ALLOCATOR: Clearing = Clearing(dlmalloc::GlobalDlmalloc);

struct Clearing(dlmalloc::GlobalDlmalloc);

pub fn building() -> bool {
    BUILDING.load(Relaxed)
}

/// Ends the build: what is freed from now on keeps its bytes.
pub fn seal() {
    BUILDING.store(false, Relaxed);
}

// SAFETY: all blocks come from dlmalloc with the layout asked for; clearing writes only within the block that is given back.
unsafe impl GlobalAlloc for Clearing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if building() {
            // A plain write before a free is dead code to the compiler; `black_box` makes it count.
            unsafe { block.write_bytes(0, layout.size()) };
            std::hint::black_box(block);
        }
        unsafe { self.0.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !building() {
            return unsafe { self.0.realloc(block, layout, size) };
        }
        // dlmalloc would free the old place itself, with its bytes.
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else {
            return std::ptr::null_mut();
        };
        let to = unsafe { self.alloc(wanted) };
        if !to.is_null() {
            unsafe {
                to.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
        }
        to
    }
}
