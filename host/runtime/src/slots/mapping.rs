//! An address range of its own. Everything that changes its pages is here.
#![allow(unsafe_code)] // The standard library maps no memory.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::null_mut;

pub const PAGE_BYTES: usize = 4096;

pub struct Mapping {
    start: *mut u8,
    length: usize,
    /// Part of the range may be somebody else's by now.
    is_lost: bool,
}

// SAFETY: it owns its range, and is changed through `&mut` alone or by the one whom the range was handed to.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// A range without access.
    pub fn reserve(length: usize) -> io::Result<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: the system chooses a range that nobody has.
        let start = unsafe { libc::mmap(null_mut(), length, libc::PROT_NONE, flags, -1, 0) };
        Self::of(start, length)
    }

    /// A file, to be read.
    pub fn of_file(file: &File, length: usize) -> io::Result<Self> {
        let (access, flags) = (libc::PROT_READ, libc::MAP_SHARED);
        // SAFETY: the system chooses a range that nobody has.
        let start = unsafe { libc::mmap(null_mut(), length, access, flags, file.as_raw_fd(), 0) };
        Self::of(start, length)
    }

    fn of(start: *mut libc::c_void, length: usize) -> io::Result<Self> {
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Self {
            start: start.cast(),
            length,
            is_lost: false,
        })
    }

    pub fn at(&self, offset: usize) -> *mut u8 {
        assert!(offset <= self.length);
        // SAFETY: within the range or at its end.
        unsafe { self.start.add(offset) }
    }

    /// What is in a file's mapping.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the whole range of `of_file` is readable, and the file is not written to any more.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    /// Zeros that can be read and written.
    pub fn open_zeroed(&mut self, offset: usize, length: usize) -> io::Result<()> {
        let flags = libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        self.map(offset, length, access, flags, -1, 0)
    }

    /// Forgets what is there, and takes the access away.
    pub fn close(&mut self, offset: usize, length: usize) -> io::Result<()> {
        let flags = libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        self.map(offset, length, libc::PROT_NONE, flags, -1, 0)
    }

    /// Part of a file, to be read and written; what is written stays here.
    pub fn open_file(
        &mut self,
        offset: usize,
        length: usize,
        file: &File,
        from: usize,
    ) -> io::Result<()> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        self.map(
            offset,
            length,
            access,
            libc::MAP_NORESERVE,
            file.as_raw_fd(),
            from,
        )
    }

    fn map(
        &mut self,
        offset: usize,
        length: usize,
        access: i32,
        flags: i32,
        fd: i32,
        from: usize,
    ) -> io::Result<()> {
        if length == 0 {
            return Ok(());
        }
        assert!(offset + length <= self.length);
        let flags = flags | libc::MAP_PRIVATE | libc::MAP_FIXED;
        let at = self.at(offset).cast();
        // SAFETY: the range is within ours, and no reference to its contents is alive.
        let mapped = unsafe { libc::mmap(at, length, access, flags, fd, from as libc::off_t) };
        if mapped == libc::MAP_FAILED {
            // Linux before 6.12 may have taken away what was there.
            self.is_lost = true;
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    /// Gives access to what `reserve` or `close` has left without.
    pub fn open_closed(&mut self, offset: usize, length: usize) -> io::Result<()> {
        if length == 0 {
            return Ok(());
        }
        assert!(offset + length <= self.length);
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: as in `map`; where it fails, everything is as before.
        match unsafe { libc::mprotect(self.at(offset).cast(), length, access) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// What was written there is forgotten: a file's part has the file's contents again, anything else is zero.
    pub fn discard(&mut self, offset: usize, length: usize) -> io::Result<()> {
        if length == 0 {
            return Ok(());
        }
        assert!(offset + length <= self.length);
        // SAFETY: as in `map`.
        match unsafe { libc::madvise(self.at(offset).cast(), length, libc::MADV_DONTNEED) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if self.is_lost {
            return;
        }
        // SAFETY: the range is ours, and nobody uses it any more.
        unsafe { libc::munmap(self.start.cast(), self.length) };
    }
}
