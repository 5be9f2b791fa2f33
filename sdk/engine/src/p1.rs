//! The WASI preview 1 functions that the C library and Rust's `std` call, defined inside the engine, so that its component imports
//! only what `wit/world.wit` names. There are no files, arguments or environment variables; writing to a descriptor goes nowhere.
//!
//! wasi-libc finds these by their names when it is linked. `random_get` is imported by `std` under another name; the builder rebinds
//! that import to the definition here.

use crate::allocator::building;
use crate::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use crate::bindings::wasi::random::random;

const SUCCESS: i32 = 0;
const BAD_DESCRIPTOR: i32 = 8;
const NOT_SUPPORTED: i32 = 58;
const NOT_SEEKABLE: i32 = 70;
const CLOCK_REALTIME: i32 = 0;
const CHARACTER_DEVICE: u8 = 2;

/// What the clock says while a snapshot is built, in nanoseconds since 1970: the same in every build.
const BUILD_TIME: u64 = 1_700_000_000_000_000_000;

#[repr(C)]
struct Buffer {
    start: *const u8,
    length: usize,
}

macro_rules! preview1 {
    ($(fn $name:ident($($argument:ident: $type:ty),*) $body:block)*) => {$(
        // SAFETY: the name is the one wasi-libc declares; its callers pass pointers that are valid for the call.
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($argument: $type),*) -> i32 { $body }
    )*};
}

preview1! {
    fn __imported_wasi_snapshot_preview1_clock_time_get(id: i32, _precision: i64, out: *mut u64) {
        let time = if building() {
            BUILD_TIME
        } else if id == CLOCK_REALTIME {
            let now = wall_clock::now();
            now.seconds * 1_000_000_000 + u64::from(now.nanoseconds)
        } else {
            monotonic_clock::now()
        };
        unsafe { *out = time };
        SUCCESS
    }

    fn __imported_wasi_snapshot_preview1_clock_res_get(_id: i32, out: *mut u64) {
        unsafe { *out = 1000 };
        SUCCESS
    }

    fn __imported_wasi_snapshot_preview1_random_get(start: *mut u8, length: usize) {
        if building() {
            // Seeds of hash maps: they may be the same in every build, and no secret may depend on them.
            unsafe { start.write_bytes(0x5a, length) };
        } else {
            let bytes = random::get_random_bytes(length as u64);
            unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), length) };
        }
        SUCCESS
    }

    fn __imported_wasi_snapshot_preview1_environ_get(_names: *mut u8, _bytes: *mut u8) { SUCCESS }

    fn __imported_wasi_snapshot_preview1_environ_sizes_get(count: *mut usize, size: *mut usize) {
        unsafe { (*count, *size) = (0, 0) };
        SUCCESS
    }

    fn __imported_wasi_snapshot_preview1_args_get(_names: *mut u8, _bytes: *mut u8) { SUCCESS }

    fn __imported_wasi_snapshot_preview1_args_sizes_get(count: *mut usize, size: *mut usize) {
        unsafe { (*count, *size) = (0, 0) };
        SUCCESS
    }

    fn __imported_wasi_snapshot_preview1_fd_close(_descriptor: i32) { BAD_DESCRIPTOR }

    fn __imported_wasi_snapshot_preview1_fd_fdstat_get(_descriptor: i32, out: *mut u8) {
        unsafe {
            out.write_bytes(0, 24);
            *out = CHARACTER_DEVICE;
        }
        SUCCESS
    }

    fn __imported_wasi_snapshot_preview1_fd_seek(_descriptor: i32, _offset: i64, _whence: i32, _out: *mut u64) { NOT_SEEKABLE }

    fn __imported_wasi_snapshot_preview1_fd_write(_descriptor: i32, buffers: *const Buffer, count: usize, written: *mut usize) {
        let buffers = unsafe { std::slice::from_raw_parts(buffers, count) };
        let total = buffers.iter().map(|buffer| { let _ = buffer.start; buffer.length }).sum();
        unsafe { *written = total };
        SUCCESS
    }

    fn __imported_wasi_snapshot_preview1_fd_read(_descriptor: i32, _buffers: *const Buffer, _count: usize, read: *mut usize) {
        unsafe { *read = 0 };
        SUCCESS
    }

    fn __imported_wasi_snapshot_preview1_sched_yield() { SUCCESS }

    fn __imported_wasi_snapshot_preview1_poll_oneoff(_in: *mut u8, _out: *mut u8, _count: i32, _events: *mut i32) { NOT_SUPPORTED }
}

// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C" fn __imported_wasi_snapshot_preview1_proc_exit(_code: i32) -> ! {
    core::arch::wasm32::unreachable()
}
