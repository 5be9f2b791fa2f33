//! The heap of the run time: one piece, which begins with room that the snapshot keeps for it and goes on where the snapshot's memory
//! ends. What lies elsewhere is the snapshot's.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::{Cell, UnsafeCell};
use std::ptr::null_mut;

/// What most invocations do with. It is zero, so that a stored snapshot is no larger for it.
const ROOM_BYTES: usize = 512 * 1024;
const ALIGN: usize = 4096;
const WASM_PAGE_BYTES: usize = 64 * 1024;

/// Where the run time's heap is.
struct Places {
    room: Cell<usize>,
    /// Room that dlmalloc has not been given yet.
    room_left: Cell<usize>,
    /// From here on memory was added at run time.
    snapshot_end: Cell<usize>,
}

pub struct Heap {
    places: Places,
    blocks: UnsafeCell<dlmalloc::Dlmalloc<Growth>>,
}

/// Gives dlmalloc the room, and after it what the memory grows by.
struct Growth;

static HEAP: Heap = Heap {
    places: Places {
        room: Cell::new(0),
        room_left: Cell::new(0),
        snapshot_end: Cell::new(usize::MAX),
    },
    blocks: UnsafeCell::new(dlmalloc::Dlmalloc::new_with_allocator(Growth)),
};

// SAFETY: the engine has one thread.
unsafe impl Sync for Heap {}

/// The heap, once `reserve` was called.
pub fn heap() -> &'static Heap {
    &HEAP
}

/// Clears what the heap that the snapshot is built in has left where the room will be: the heads of blocks that are free and joined by now.
pub fn tidy(building: &dlmalloc::GlobalDlmalloc) {
    // SAFETY: the size is not zero, and the alignment a power of two; what was taken is given back as it was taken.
    unsafe {
        let layout = Layout::from_size_align_unchecked(ROOM_BYTES, ALIGN);
        let room = building.alloc_zeroed(layout);
        if !room.is_null() {
            building.dealloc(room, layout);
        }
    }
}

/// Takes the room from the heap that the snapshot was built in, which is not used after it.
pub fn reserve(building: &dlmalloc::GlobalDlmalloc) {
    // SAFETY: the size is not zero, and the alignment a power of two.
    let room = unsafe {
        building.alloc_zeroed(Layout::from_size_align_unchecked(ROOM_BYTES, ALIGN)) as usize
    };
    let places = &HEAP.places;
    places.room.set(room);
    places.room_left.set(if room == 0 { 0 } else { ROOM_BYTES });
    places.snapshot_end.set(memory_size(0) * WASM_PAGE_BYTES);
}

impl Heap {
    /// Is the block from this heap, and not of the snapshot?
    pub fn holds(&self, block: *mut u8) -> bool {
        let (block, room) = (block as usize, self.places.room.get());
        block >= self.places.snapshot_end.get() || (room..room + ROOM_BYTES).contains(&block)
    }

    /// # Safety
    /// As for `GlobalAlloc::alloc`.
    pub unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: nothing else borrows it meanwhile: the engine has one thread, and dlmalloc calls nothing of ours but `Growth`.
        unsafe { (*self.blocks.get()).malloc(layout.size(), layout.align()) }
    }

    /// # Safety
    /// As for `GlobalAlloc::alloc_zeroed`.
    pub unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        unsafe { (*self.blocks.get()).calloc(layout.size(), layout.align()) }
    }

    /// # Safety
    /// As for `GlobalAlloc::dealloc`; the heap holds the block.
    pub unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as in `alloc`.
        unsafe { (*self.blocks.get()).free(block, layout.size(), layout.align()) }
    }

    /// # Safety
    /// As for `GlobalAlloc::realloc`; the heap holds the block.
    pub unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as in `alloc`.
        unsafe { (*self.blocks.get()).realloc(block, layout.size(), layout.align(), size) }
    }
}

// SAFETY: each piece of memory is given once and never taken back.
unsafe impl dlmalloc::Allocator for Growth {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let places = &HEAP.places;
        if size <= places.room_left.get() {
            let bytes = places.room_left.replace(0);
            return (places.room.get() as *mut u8, bytes, 0);
        }
        let pages = size.div_ceil(WASM_PAGE_BYTES);
        match memory_grow(0, pages) {
            usize::MAX => (null_mut(), 0, 0),
            before => (
                (before * WASM_PAGE_BYTES) as *mut u8,
                pages * WASM_PAGE_BYTES,
                0,
            ),
        }
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        WASM_PAGE_BYTES
    }
}
