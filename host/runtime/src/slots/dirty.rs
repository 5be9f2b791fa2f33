//! Which pages were written to, by the kernel's `PAGEMAP_SCAN` (Linux 6.7, PAGEMAP_SCAN(2const)).
#![allow(unsafe_code)] // The standard library has no ioctl.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;

use super::mapping::{Mapping, PAGE_BYTES};

/// `_IOWR('f', 16, struct pm_scan_arg)`
const PAGEMAP_SCAN: libc::c_ulong = 0xc060_6610;

const IS_WRITTEN: u64 = 1 << 1;
const IS_FILE: u64 = 1 << 2;
const IS_PRESENT: u64 = 1 << 3;
const IS_PFNZERO: u64 = 1 << 5;

/// More runs than pages are put back cannot be.
const RUNS_MAX: usize = 256;

/// `struct pm_scan_arg`
#[repr(C)]
#[derive(Default)]
struct Scan {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    vec: u64,
    vec_len: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

/// `struct page_region`
#[repr(C)]
struct Run {
    start: u64,
    end: u64,
    categories: u64,
}

/// The map of this process's pages.
pub struct Pagemap(File);

impl Pagemap {
    /// # Errors
    /// The kernel cannot scan.
    pub fn open() -> io::Result<Self> {
        let pagemap = Self(File::open("/proc/self/pagemap")?);
        let nothing = Mapping::reserve(PAGE_BYTES)?;
        pagemap.each_written(&nothing, 0, PAGE_BYTES, 1, |_, _| ())?;
        Ok(pagemap)
    }

    /// Calls `each` for each run of pages in the range that are this process's own, so many pages at most: where it begins within the range, and
    /// its contents. The answer is how far it came. The whole range must be open, and used by nobody else.
    pub fn each_written(
        &self,
        mapping: &Mapping,
        offset: usize,
        length: usize,
        pages_max: usize,
        mut each: impl FnMut(usize, &mut [u8]),
    ) -> io::Result<usize> {
        if length == 0 {
            return Ok(0);
        }
        let mut runs = [const { MaybeUninit::<Run>::uninit() }; RUNS_MAX];
        let start = mapping.at(offset) as u64;
        let mut scan = Scan {
            size: size_of::<Scan>() as u64,
            start,
            end: mapping.at(offset + length) as u64,
            vec: runs.as_mut_ptr() as u64,
            vec_len: RUNS_MAX as u64,
            max_pages: pages_max as u64,
            // Present and written, but neither a file's page nor the page of zeros.
            category_inverted: IS_PFNZERO | IS_FILE,
            category_mask: IS_WRITTEN | IS_PRESENT | IS_PFNZERO | IS_FILE,
            ..Scan::default()
        };
        // SAFETY: the argument is what the kernel expects, and the array has room for as many runs as it says.
        let found = unsafe { libc::ioctl(self.0.as_raw_fd(), PAGEMAP_SCAN, &mut scan) };
        let found = usize::try_from(found).map_err(|_| io::Error::last_os_error())?;
        for run in &runs[..found] {
            // SAFETY: the kernel has filled so many.
            let run = unsafe { run.assume_init_ref() };
            let (at, bytes) = ((run.start - start) as usize, (run.end - run.start) as usize);
            assert!(at + bytes <= length);
            // SAFETY: the run lies within the range, which is open and used by nobody else.
            let contents =
                unsafe { std::slice::from_raw_parts_mut(mapping.at(offset + at), bytes) };
            each(at, contents);
        }
        Ok((scan.walk_end - start) as usize)
    }
}
