//! What a worker's memory is at the beginning of each invocation: the engine's base, which all workers share, and over it what the worker's
//! snapshot says.
//!
//! A snapshot touches few bytes in many pages. At first they are written into each slot, which costs least where a worker is called once.
//! One that is called more often gets pages of its own, a file in memory that its slots map: they are then not among those that have to be
//! put back after each invocation.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::os::fd::FromRawFd;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use ouro_core::ports::builder::MemoryContents;

use super::mapping::{Mapping, PAGE_BYTES};
use crate::budget::{Budget, Held};

/// Invocations that find a slot of the worker before its image gets pages of its own.
const WRITTEN_TIMES: u32 = 8;
/// With more pages than these it gets them at once.
const WRITTEN_PAGES_MAX: usize = 128;
/// Each run is a mapping of its own in each slot, of which the kernel gives a process some 65,000.
const RUNS_MAX: usize = 32;
/// How much is put together before it is written to the file.
const CHUNK_BYTES: usize = 64 << 10;

pub(crate) struct Image {
    /// What is where the segments say nothing; zeros without.
    base: Option<Arc<Image>>,
    /// Size of the memory; zero stands for any.
    bytes: usize,
    /// In the order of their places, apart from each other.
    segments: Vec<(usize, Bytes)>,
    reused: AtomicU32,
    pages: OnceLock<Pages>,
    held: Option<Held>,
}

/// Pages of an image's own, one run behind the other.
struct Pages {
    file: File,
    contents: Mapping,
    /// In the order of their places.
    runs: Vec<Run>,
    held: Held,
}

struct Run {
    /// Its place in the memory.
    at: Range<usize>,
    /// Where it begins in the file.
    from: usize,
}

impl Image {
    /// What an engine's workers share.
    ///
    /// # Errors
    /// As for `new`, or the system has no room for the pages.
    pub fn base(contents: MemoryContents, budget: &Arc<Budget>) -> io::Result<Self> {
        let image = Self::of(None, contents, budget)?;
        let pages = image.make_pages(1, budget.hold(0))?;
        Ok(Self {
            pages: OnceLock::from(pages),
            ..image
        })
    }

    /// A memory with these contents, over those of the base.
    ///
    /// # Errors
    /// The memory is smaller than the base's, or a segment is beyond its end or not after the one before.
    pub fn new(
        base: Arc<Self>,
        contents: MemoryContents,
        budget: &Arc<Budget>,
    ) -> io::Result<Self> {
        if base.bytes > contents.bytes {
            return Err(invalid("a memory smaller than the engine's"));
        }
        let image = Self::of(Some(base), contents, budget)?;
        if image.touched().iter().map(Range::len).sum::<usize>() > WRITTEN_PAGES_MAX {
            image.get_pages();
        }
        Ok(image)
    }

    fn of(
        base: Option<Arc<Self>>,
        contents: MemoryContents,
        budget: &Arc<Budget>,
    ) -> io::Result<Self> {
        let mut end = 0;
        for (at, bytes) in &contents.segments {
            if *at < end {
                return Err(invalid("a segment that is not after the one before"));
            }
            end = at.saturating_add(bytes.len());
        }
        if end > contents.bytes {
            return Err(invalid("a segment beyond the end of the memory"));
        }
        let segments = contents.segments.iter();
        let held = segments.map(|(at, bytes)| size_of_val(at) + size_of_val(bytes) + bytes.len());
        Ok(Self {
            base,
            bytes: contents.bytes,
            held: Some(budget.hold(held.sum())),
            segments: contents.segments,
            reused: AtomicU32::new(0),
            pages: OnceLock::new(),
        })
    }

    /// That of a component which fills its memories itself: zeros, in memories of any size. Its slots are not those of another one.
    pub fn zeros() -> Self {
        Self {
            base: None,
            bytes: 0,
            segments: Vec::new(),
            reused: AtomicU32::new(0),
            pages: OnceLock::new(),
            held: None,
        }
    }

    /// Is it that of a memory of so many bytes?
    pub fn fits(&self, bytes: usize) -> bool {
        self.bytes == 0 || self.bytes == bytes
    }

    /// Does it differ from the other by their segments alone?
    pub fn has_base_of(&self, other: &Self) -> bool {
        match (&self.base, &other.base) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            _ => false,
        }
    }

    /// Size of the memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What it takes of the budget.
    pub fn held_bytes(&self) -> u64 {
        let pages = self.pages.get().map(|pages| &pages.held);
        self.held.iter().chain(pages).map(Held::bytes).sum()
    }

    /// Whether a slot that begins now has the segments written into it.
    pub fn is_written(&self) -> bool {
        self.pages.get().is_none() && !self.segments.is_empty()
    }

    /// A slot with the segments written into it serves another invocation: from a certain one on they are pages of its own.
    pub fn note_reuse(&self) {
        let reused = self.reused.fetch_add(1, Relaxed) + 1;
        if reused.is_multiple_of(WRITTEN_TIMES) {
            self.get_pages();
        }
    }

    /// Where the system has no room for them, everything stays as it is.
    fn get_pages(&self) {
        let Some(held) = self
            .held
            .as_ref()
            .and_then(|held| held.budget().hold_file())
        else {
            return;
        };
        match self.make_pages(RUNS_MAX, held) {
            Ok(pages) => drop(self.pages.set(pages)),
            Err(error) => tracing::warn!(%error, "a worker's memory gets no pages of its own"),
        }
    }

    /// Maps what lies in files to where it belongs in a memory that begins at `start` and is zero.
    pub fn map_into(
        &self,
        mapping: &mut Mapping,
        start: usize,
        is_written: bool,
    ) -> io::Result<()> {
        if let Some(base) = &self.base {
            base.map_into(mapping, start, false)?;
        }
        let Some(pages) = self.pages.get().filter(|_| !is_written) else {
            return Ok(());
        };
        pages.runs.iter().try_for_each(|run| {
            mapping.open_file(start + run.at.start, run.at.len(), &pages.file, run.from)
        })
    }

    /// Writes the segments, as far as they are in a part that begins at `at`.
    pub fn write(&self, at: usize, part: &mut [u8]) {
        let end = at + part.len();
        let first = self
            .segments
            .partition_point(|(start, bytes)| start + bytes.len() <= at);
        for (start, bytes) in &self.segments[first..] {
            if *start >= end {
                break;
            }
            let (from, to) = ((*start).max(at), (start + bytes.len()).min(end));
            part[from - at..to - at].copy_from_slice(&bytes[from - start..to - start]);
        }
    }

    /// Makes a part of a memory, which begins at `at`, what it was.
    pub fn restore(&self, at: usize, part: &mut [u8]) {
        let Some(pages) = self.pages.get() else {
            self.restore_base(at, part);
            return self.write(at, part);
        };
        let (end, mut done) = (at + part.len(), at);
        let first = pages.runs.partition_point(|run| run.at.end <= at);
        for run in &pages.runs[first..] {
            if run.at.start >= end {
                break;
            }
            let (from, to) = (run.at.start.max(at), run.at.end.min(end));
            self.restore_base(done, &mut part[done - at..from - at]);
            let place = run.from + from - run.at.start;
            part[from - at..to - at].copy_from_slice(&pages.contents.bytes()[place..][..to - from]);
            done = to;
        }
        self.restore_base(done, &mut part[done - at..]);
    }

    fn restore_base(&self, at: usize, part: &mut [u8]) {
        match &self.base {
            Some(base) if !part.is_empty() => base.restore(at, part),
            _ => part.fill(0),
        }
    }

    /// Runs of pages that the segments touch, in numbers of pages.
    fn touched(&self) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (at, bytes) in &self.segments {
            let pages = at / PAGE_BYTES..(at + bytes.len()).div_ceil(PAGE_BYTES);
            match runs.last_mut() {
                Some(last) if pages.start <= last.end => last.end = last.end.max(pages.end),
                _ => runs.push(pages),
            }
        }
        runs
    }

    fn make_pages(&self, runs_max: usize, mut held: Held) -> io::Result<Pages> {
        let mut file = anonymous_file()?;
        let (mut runs, mut from) = (Vec::new(), 0);
        let mut chunk = vec![0; CHUNK_BYTES];
        for pages in joined(self.touched(), runs_max) {
            let at = pages.start * PAGE_BYTES..pages.end * PAGE_BYTES;
            for start in at.clone().step_by(CHUNK_BYTES) {
                let chunk = &mut chunk[..CHUNK_BYTES.min(at.end - start)];
                self.restore_base(start, chunk);
                self.write(start, chunk);
                file.write_all(chunk)?;
            }
            let length = at.len();
            runs.push(Run { at, from });
            from += length;
        }
        held.grow(from);
        Ok(Pages {
            contents: Mapping::of_file(&file, from.max(PAGE_BYTES))?,
            file,
            runs,
            held,
        })
    }
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// At most so many runs, with what lies between those that are joined: those that lie nearest.
fn joined(runs: Vec<Range<usize>>, runs_max: usize) -> Vec<Range<usize>> {
    let gap = |pair: &[Range<usize>]| pair[1].start - pair[0].end;
    let mut gaps: Vec<_> = runs.windows(2).map(gap).collect();
    gaps.sort_unstable_by(|a, b| b.cmp(a));
    // Of gaps that are equally wide all are closed.
    let closed = gaps.get(runs_max - 1).copied().unwrap_or(0);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(last) if run.start - last.end <= closed => last.end = run.end,
            _ => joined.push(run),
        }
    }
    joined
}

#[allow(unsafe_code)] // The standard library has no memfd.
fn anonymous_file() -> io::Result<File> {
    // SAFETY: the name is a C string.
    let fd = unsafe { libc::memfd_create(c"ouro-image".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new, and nobody else's.
    Ok(unsafe { File::from_raw_fd(fd) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: usize = 64 << 10;

    fn contents(segments: &[(usize, &'static [u8])]) -> MemoryContents {
        let segments = segments.iter().map(|(at, bytes)| (*at, (*bytes).into()));
        MemoryContents {
            bytes: MEMORY,
            segments: segments.collect(),
        }
    }

    fn base(segments: &[(usize, &'static [u8])]) -> Arc<Image> {
        Arc::new(Image::base(contents(segments), &Arc::default()).expect("there is room"))
    }

    fn image(base: Arc<Image>, segments: &[(usize, &'static [u8])]) -> Image {
        Image::new(base, contents(segments), &Arc::default()).expect("there is room")
    }

    /// Until it has pages of its own.
    fn call_often(image: &Image) {
        for _ in 0..WRITTEN_TIMES {
            assert!(image.is_written());
            image.note_reuse();
        }
    }

    #[test]
    fn parts_are_restored_before_within_and_after_what_is_its_own() {
        let base = base(&[(9000, b"base"), (30_000, b"base"), (50_000, b"base")]);
        let image = image(base, &[(9002, b"xx"), (30_000, &[0; 4]), (40_959, b"ab")]);
        let mut expected = vec![0; MEMORY];
        expected[9000..9004].copy_from_slice(b"baxx");
        expected[40_959..40_961].copy_from_slice(b"ab");
        expected[50_000..50_004].copy_from_slice(b"base");
        for _ in 0..2 {
            for cuts in [vec![0, MEMORY], vec![0, 4096, 9003, 40_960, MEMORY]] {
                let mut memory = vec![1; MEMORY];
                for cut in cuts.windows(2) {
                    image.restore(cut[0], &mut memory[cut[0]..cut[1]]);
                }
                assert!(memory == expected, "{cuts:?}");
            }
            if image.is_written() {
                call_often(&image);
            }
        }
        assert!(!image.is_written());
    }

    #[test]
    fn what_is_mapped_and_written_is_what_is_restored() {
        let image = image(
            base(&[(9000, b"base"), (50_000, b"base")]),
            &[(9002, b"xx"), (60_000, b"end")],
        );
        for is_written in [true, false] {
            let mut mapping = Mapping::reserve(MEMORY).expect("there is room");
            mapping.open_zeroed(0, MEMORY).expect("opens");
            image.map_into(&mut mapping, 0, is_written).expect("maps");
            #[allow(unsafe_code)]
            // SAFETY: all of it is open, and nobody else's.
            let mapped = unsafe { std::slice::from_raw_parts_mut(mapping.at(0), MEMORY) };
            if is_written {
                image.write(0, mapped);
            }
            let mut memory = vec![1; MEMORY];
            image.restore(0, &mut memory);
            assert!(mapped == memory, "{is_written}");
            assert_eq!(&memory[9000..9004], b"baxx");
            if is_written {
                call_often(&image);
            }
        }
    }

    #[test]
    fn what_it_takes_is_held_until_it_is_gone() {
        let budget = Arc::<Budget>::default();
        let own = contents(&[(1, b"a"), (20_000, b"b")]);
        let image = Image::new(base(&[]), own, &budget).expect("there is room");
        let before = budget.bytes();
        assert!((2..1000).contains(&before));
        call_often(&image);
        assert_eq!(budget.bytes(), before + 2 * PAGE_BYTES as u64);
        assert_eq!(image.held_bytes(), budget.bytes());
        drop(image);
        assert_eq!(budget.bytes(), 0);
    }

    #[test]
    fn without_a_file_to_spare_it_stays_written() {
        let budget = Arc::new(Budget::new(0));
        let own = contents(&[(1, b"a")]);
        let image = Image::new(base(&[]), own, &budget).expect("there is room");
        call_often(&image);
        assert!(image.is_written());
    }

    #[test]
    fn many_pages_are_its_own_at_once() {
        let mut many = contents(&[]);
        many.bytes = 1 << 20;
        let page = |page: usize| (page * PAGE_BYTES, Bytes::from_static(b"a"));
        many.segments = (0..=WRITTEN_PAGES_MAX).map(page).collect();
        let image = Image::new(base(&[]), many, &Arc::default()).expect("there is room");
        assert!(!image.is_written());
    }

    #[test]
    fn many_runs_are_joined_where_they_lie_nearest() {
        // Pairs of pages, with one page between them and 8 to the next pair.
        let pages = |pairs: usize| (0..pairs).flat_map(|n| [n * 11, n * 11 + 2]);
        let joined = |pairs, max| joined(pages(pairs).map(|page| page..page + 1).collect(), max);
        let some = joined(20, 32);
        assert_eq!((some.len(), &some[0]), (20, &(0..3)));
        assert_eq!(joined(40, 32).len(), 1, "gaps of one width are all closed");
        assert_eq!(joined(2, 4), [0..1, 2..3, 11..12, 13..14]);
        assert_eq!(joined(2, 1).first(), Some(&(0..14)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |segments: &[(usize, &'static [u8])]| {
            Image::new(base(&[]), contents(segments), &Arc::default()).is_err()
        };
        assert!(refused(&[(MEMORY - 1, b"ab")]));
        assert!(refused(&[(usize::MAX, b"ab")]));
        assert!(refused(&[(10, b"ab"), (11, b"ab")]));
        assert!(!refused(&[(10, b"ab"), (12, b"ab")]));
        let small = MemoryContents {
            bytes: MEMORY / 2,
            segments: Vec::new(),
        };
        assert!(Image::new(base(&[]), small, &Arc::default()).is_err());
        assert_eq!(base(&[]).bytes(), MEMORY);
    }
}
