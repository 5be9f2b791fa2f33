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
const IS_SWAPPED: u64 = 1 << 4;
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
    /// The kernel cannot scan, or not be kept from making pages of its own accord.
    pub fn open() -> io::Result<Self> {
        refuse_huge_pages()?;
        let pagemap = Self(File::open("/proc/self/pagemap")?);
        pagemap.tries_itself()?;
        Ok(pagemap)
    }

    /// Finds the one page that is written to.
    fn tries_itself(&self) -> io::Result<()> {
        let mut trial = Mapping::reserve(3 * PAGE_BYTES)?;
        trial.open_zeroed(0, 3 * PAGE_BYTES)?;
        // SAFETY: the page is open, and nobody else's.
        unsafe { trial.at(PAGE_BYTES).write_volatile(1) };
        let found = self.own_pages(&trial, 0, 3 * PAGE_BYTES, 3)?;
        if found != (vec![(PAGE_BYTES, PAGE_BYTES)], 3 * PAGE_BYTES) {
            return Err(io::Error::other(
                "the kernel does not find what was written",
            ));
        }
        Ok(())
    }

    /// Runs of pages in the range that are this process's own, so many pages at most: where they begin within the range, and how long they are.
    /// With them how far the kernel came. The whole range must be open.
    pub fn own_pages(
        &self,
        mapping: &Mapping,
        offset: usize,
        length: usize,
        pages_max: usize,
    ) -> io::Result<(Vec<(usize, usize)>, usize)> {
        if length == 0 {
            return Ok((Vec::new(), 0));
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
            // In memory or swapped out, and neither a file's page nor the page of zeros.
            category_inverted: IS_PFNZERO | IS_FILE,
            category_mask: IS_WRITTEN | IS_PFNZERO | IS_FILE,
            category_anyof_mask: IS_PRESENT | IS_SWAPPED,
            ..Scan::default()
        };
        // SAFETY: the argument is what the kernel expects, and the array has room for as many runs as it says.
        let found = unsafe { libc::ioctl(self.0.as_raw_fd(), PAGEMAP_SCAN, &mut scan) };
        let found = usize::try_from(found).map_err(|_| io::Error::last_os_error())?;
        let runs = runs[..found].iter().map(|run| {
            // SAFETY: the kernel has filled so many.
            let run = unsafe { run.assume_init_ref() };
            ((run.start - start) as usize, (run.end - run.start) as usize)
        });
        Ok((runs.collect(), (scan.walk_end - start) as usize))
    }
}

/// The kernel joins small pages to huge ones in the background, and fills what lacks between them: pages that no fault tells of.
fn refuse_huge_pages() -> io::Result<()> {
    // SAFETY: the arguments are numbers.
    match unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Page faults of this process so far, of all its threads; none where the kernel does not tell.
pub fn page_faults() -> Option<u64> {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to room for the answer.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: the kernel has filled it.
    let usage = unsafe { usage.assume_init() };
    Some((usage.ru_minflt + usage.ru_majflt) as u64)
}
