//! Linear memories. Each lies in a slot: an address range that is reserved once and used by one invocation after the other.
//!
//! A worker's memory begins as its image: what all workers of an engine share, mapped copy-on-write, and what is its own. When an invocation
//! ends, the pages that it wrote to are put back by copying, so that they need no page faults in the next one. A slot that was another
//! worker's is mapped anew, or, where both differ from what is shared by what is written into it alone, written anew. wasmtime's pooling
//! allocator does the same for at most 32 runs of such pages, and gives up the whole memory beyond; it wants a compiled module for each
//! image, too.
//!
//! What must hold: a memory that is handed out has the contents of its image, and zeros elsewhere; the guest can read and write exactly what
//! its size says, and everything else within the reservation and its guards is without access.

mod dirty;
mod image;
mod mapping;
mod stacks;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use self::dirty::{Pagemap, page_faults};
pub(crate) use self::image::Image;
use self::mapping::{Mapping, PAGE_BYTES};
pub(crate) use self::stacks::Stacks;

/// Pages of a slot that are put back and kept; what an invocation wrote to beyond is given back to the system.
const KEPT_PAGES: usize = 256;

thread_local! {
    static IMAGE: RefCell<Option<Arc<Image>>> = const { RefCell::new(None) };
}

/// Runs what instantiates a worker: its memory begins as the image says. wasmtime tells a creator of memories nothing but their sizes.
pub(crate) async fn beginning_with<T>(
    image: &Arc<Image>,
    instantiate: impl Future<Output = T>,
) -> T {
    let mut instantiate = pin!(instantiate);
    poll_fn(|cx| {
        let _announced = Announced::new(image);
        instantiate.as_mut().poll(cx)
    })
    .await
}

/// As long as it is there, memories of this thread begin as the image says.
struct Announced;

impl Announced {
    fn new(image: &Arc<Image>) -> Self {
        IMAGE.set(Some(image.clone()));
        Self
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        IMAGE.set(None);
    }
}

/// All slots of a runtime.
#[derive(Clone)]
pub(crate) struct Slots(Arc<Inner>);

struct Inner {
    warm_max: usize,
    pagemap: Option<Pagemap>,
    /// Those that no invocation uses, the one that was used last at the end.
    free: Mutex<VecDeque<Slot>>,
}

impl Slots {
    /// So many slots keep their pages while nobody uses them.
    pub fn new(warm_max: usize) -> Self {
        let pagemap = Pagemap::open();
        if let Err(error) = &pagemap {
            tracing::warn!(%error, "starting without PAGEMAP_SCAN (Linux 6.7 and later): each request costs more");
        }
        Self(Arc::new(Inner {
            warm_max,
            pagemap: pagemap.ok(),
            free: Mutex::default(),
        }))
    }

    /// Gives back the free ones of images that nobody else has any more.
    pub fn forget_unused(&self) {
        let is_used = |slot: &Slot| {
            slot.image
                .as_ref()
                .is_none_or(|it| Arc::strong_count(it) > 1)
        };
        let mut free = self.0.free();
        let (used, unused) = free.drain(..).partition(is_used);
        *free = used;
        drop(free);
        // Giving an address range back takes its time.
        let unused: VecDeque<Slot> = unused;
        drop(unused);
    }

    fn take(&self, image: Option<Arc<Image>>, bytes: usize, form: Form) -> Result<Slot, String> {
        let is_written = image.as_ref().is_some_and(|image| image.is_written());
        let fits = |slot: &Slot| slot.fits(image.as_ref(), is_written, bytes, form);
        if let Some(mut slot) = self.0.take_warm(fits) {
            if let Some(image) = image.filter(|_| is_written) {
                image.note_reuse();
            }
            slot.own.faults = page_faults();
            return Ok(slot);
        }
        let reused = self.0.take_oldest(form);
        let begin = || {
            let mut slot = reused.map_or_else(|| Slot::reserve(form), Ok)?;
            match image {
                Some(image) if is_written && slot.is_alike(&image, bytes) => slot.become_of(image),
                image => slot.begin(image, is_written, bytes)?,
            }
            Ok(slot)
        };
        begin().map_err(|error: std::io::Error| format!("no memory for an instance: {error}"))
    }
}

impl Inner {
    fn free(&self) -> MutexGuard<'_, VecDeque<Slot>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_warm(&self, fits: impl Fn(&Slot) -> bool) -> Option<Slot> {
        let mut free = self.free();
        let at = free.iter().rposition(fits)?;
        free.remove(at)
    }

    /// Where as many are kept as may be.
    fn take_oldest(&self, form: Form) -> Option<Slot> {
        let mut free = self.free();
        let slot = (free.len() >= self.warm_max).then(|| free.pop_front())?;
        slot.filter(|slot| slot.form == form)
    }

    fn give(&self, mut slot: Slot) {
        if slot.reset(self.pagemap.as_ref()).is_err() {
            // It goes, with whatever is left in it.
            return;
        }
        let mut free = self.free();
        free.push_back(slot);
        let surplus = (free.len() > self.warm_max).then(|| free.pop_front());
        drop(free);
        drop(surplus);
    }
}

// SAFETY: a memory's slot has the reservation and the guards that wasmtime asks for, and belongs to it alone until it is dropped.
#[allow(unsafe_code)]
unsafe impl MemoryCreator for Slots {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let form = Form {
            reserved: reserved.unwrap_or(minimum),
            guard,
        };
        let is_whole = |bytes: usize| bytes.is_multiple_of(PAGE_BYTES);
        if minimum > form.reserved || !is_whole(minimum) || !is_whole(guard) {
            return Err(format!("a memory of {minimum} bytes is not possible here"));
        }
        let image = IMAGE.with_borrow(Clone::clone);
        if image.as_ref().is_some_and(|image| !image.fits(minimum)) {
            return Err(format!(
                "a memory of {minimum} bytes is not that of the image"
            ));
        }
        Ok(Box::new(Memory {
            slot: Some(self.take(image, minimum, form)?),
            slots: self.0.clone(),
        }))
    }
}

struct Memory {
    /// `None` once it is dropped.
    slot: Option<Slot>,
    slots: Arc<Inner>,
}

impl Memory {
    fn slot(&self) -> &Slot {
        self.slot.as_ref().expect("it is not dropped")
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.slots.give(slot);
        }
    }
}

// SAFETY: the slot has access to exactly `byte_size` bytes from `as_ptr` on, which never moves; growing gives access to zeros.
#[allow(unsafe_code)]
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.slot().bytes
    }

    fn byte_capacity(&self) -> usize {
        self.slot().form.reserved
    }

    fn grow_to(&mut self, bytes: usize) -> wasmtime::Result<()> {
        let slot = self.slot.as_mut().expect("it is not dropped");
        Ok(slot.grow(bytes)?)
    }

    fn as_ptr(&self) -> *mut u8 {
        self.slot().base()
    }
}

/// What wasmtime's compiled code counts on.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Form {
    reserved: usize,
    /// Before and after the reservation.
    guard: usize,
}

struct Slot {
    mapping: Mapping,
    form: Form,
    /// What the guest can use of the reservation.
    bytes: usize,
    /// What it could use at first.
    begun_bytes: usize,
    image: Option<Arc<Image>>,
    /// Whether the image's segments are written into it, so that the pages with them are its own from the beginning.
    is_written: bool,
    own: OwnPages,
}

/// Which pages of a slot are this process's own: those that were written to since it was mapped. Only a page fault adds one.
#[derive(Default)]
struct OwnPages {
    /// Where they begin and how long they are; none before they were looked for.
    runs: Option<Vec<(usize, usize)>>,
    /// Page faults of the process when the slot was taken.
    faults: Option<u64>,
}

impl Slot {
    fn reserve(form: Form) -> std::io::Result<Self> {
        Ok(Self {
            mapping: Mapping::reserve(form.reserved + 2 * form.guard)?,
            form,
            bytes: 0,
            begun_bytes: 0,
            image: None,
            is_written: false,
            own: OwnPages::default(),
        })
    }

    fn base(&self) -> *mut u8 {
        self.mapping.at(self.form.guard)
    }

    /// `length` bytes of the memory from `at` on, which are open.
    fn part(&mut self, at: usize, length: usize) -> &mut [u8] {
        assert!(at + length <= self.bytes);
        // SAFETY: it lies within what is open, and no guest uses the slot.
        #[allow(unsafe_code)]
        unsafe {
            std::slice::from_raw_parts_mut(self.mapping.at(self.form.guard + at), length)
        }
    }

    fn fits(&self, image: Option<&Arc<Image>>, is_written: bool, bytes: usize, form: Form) -> bool {
        let is_same = match (&self.image, image) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            _ => false,
        };
        is_same && self.is_written == is_written && self.bytes == bytes && self.form == form
    }

    /// Forgets everything, and begins as the image says.
    fn begin(
        &mut self,
        image: Option<Arc<Image>>,
        is_written: bool,
        bytes: usize,
    ) -> std::io::Result<()> {
        let guard = self.form.guard;
        self.own = OwnPages::default();
        let surplus = self.bytes.saturating_sub(bytes);
        self.mapping.close(guard + bytes, surplus)?;
        (self.bytes, self.begun_bytes) = (bytes, bytes);
        self.mapping.open_zeroed(guard, bytes)?;
        if let Some(image) = &image {
            image.map_into(&mut self.mapping, guard, is_written)?;
        }
        (self.image, self.is_written) = (image, is_written);
        self.write_segments(0);
        Ok(())
    }

    /// Whether it differs from one of the image in its own pages alone, and all of these are known.
    fn is_alike(&self, image: &Image, bytes: usize) -> bool {
        let own = self.image.as_ref().filter(|_| self.is_written);
        let has_base = own.is_some_and(|own| own.has_base_of(image));
        has_base && self.bytes == bytes && self.own.runs.is_some()
    }

    /// Makes it one of another worker, without mapping anything.
    fn become_of(&mut self, image: Arc<Image>) {
        for (at, length) in self.own.runs.take().unwrap_or_default() {
            image.restore(at, self.part(at, length));
        }
        self.image = Some(image);
        self.own = OwnPages::default();
        self.write_segments(0);
    }

    /// Where the image has no pages for them, from a place on.
    fn write_segments(&mut self, at: usize) {
        if let Some(image) = self.image.clone().filter(|_| self.is_written) {
            image.write(at, self.part(at, self.bytes - at));
        }
    }

    /// What was written from a place on is given back to the system.
    fn discard(&mut self, at: usize) -> std::io::Result<()> {
        let (from, length) = (self.form.guard + at, self.bytes - at);
        self.mapping.discard(from, length)?;
        self.write_segments(at);
        Ok(())
    }

    fn grow(&mut self, bytes: usize) -> std::io::Result<()> {
        if bytes > self.form.reserved || !bytes.is_multiple_of(PAGE_BYTES) {
            return Err(std::io::ErrorKind::OutOfMemory.into());
        }
        let more = bytes.saturating_sub(self.bytes);
        let at = self.form.guard + self.bytes;
        self.mapping.open_closed(at, more)?;
        self.bytes += more;
        Ok(())
    }

    /// Makes it what it was when it began.
    fn reset(&mut self, pagemap: Option<&Pagemap>) -> std::io::Result<()> {
        let guard = self.form.guard;
        let grown = self.bytes - self.begun_bytes;
        self.mapping.close(guard + self.begun_bytes, grown)?;
        self.bytes = self.begun_bytes;
        let Some(pagemap) = pagemap else {
            return self.discard(0);
        };
        let unchanged = self.own.faults.is_some() && self.own.faults == page_faults();
        let mut is_whole = true;
        let runs = match self.own.runs.take_if(|_| unchanged) {
            Some(runs) => runs,
            None => {
                let (runs, seen) =
                    pagemap.own_pages(&self.mapping, guard, self.bytes, KEPT_PAGES)?;
                if seen < self.bytes {
                    self.discard(seen)?;
                    // Segments that were written again are pages of its own that no fault of the next invocation tells of.
                    is_whole = !self.is_written;
                }
                runs
            }
        };
        let image = self.image.clone();
        for &(at, length) in &runs {
            let part = self.part(at, length);
            match &image {
                Some(image) => image.restore(at, part),
                None => part.fill(0),
            }
        }
        self.own.runs = is_whole.then_some(runs);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ouro_core::ports::builder::MemoryContents;

    const WASM_PAGE: usize = 64 << 10;
    const FORM: Form = Form {
        reserved: 16 << 20,
        guard: 1 << 20,
    };

    /// An image of two pages, of a base and of its own, with text at 5000 and at the end.
    fn image() -> Arc<Image> {
        image_of(2 * WASM_PAGE)
    }

    fn image_of(bytes: usize) -> Arc<Image> {
        let contents = |segments: &[(usize, &'static [u8])]| MemoryContents {
            bytes,
            segments: segments
                .iter()
                .map(|(at, bytes)| (*at, (*bytes).into()))
                .collect(),
        };
        let (base, budget) = (
            contents(&[(5000, b"jelly"), (9000, b"base")]),
            Arc::default(),
        );
        let base = Image::base(base, &budget).expect("there is room");
        let own = contents(&[(5000, b"he"), (9000, &[0; 4]), (bytes - 3, b"end")]);
        Arc::new(Image::new(Arc::new(base), own, &budget).expect("there is room"))
    }

    #[allow(unsafe_code, clippy::mut_from_ref)]
    fn contents(memory: &dyn LinearMemory) -> &mut [u8] {
        // SAFETY: the tests use one slice of a memory at a time.
        unsafe { std::slice::from_raw_parts_mut(memory.as_ptr(), memory.byte_size()) }
    }

    fn memory(slots: &Slots, image: Option<Arc<Image>>, bytes: usize) -> Memory {
        Memory {
            slot: Some(slots.take(image, bytes, FORM).expect("there is room")),
            slots: slots.0.clone(),
        }
    }

    fn is_fresh(memory: &Memory) -> bool {
        let contents = contents(memory);
        let written = contents.iter().filter(|byte| **byte != 0).count();
        &contents[5000..5005] == b"helly" && contents.ends_with(b"end") && written == 8
    }

    #[test]
    fn a_slot_that_is_used_again_has_nothing_of_before() {
        for slots in [Slots::new(4), without_pagemap(4)] {
            let image = image();
            let mut places = Vec::new();
            // Few pages, all pages, and pages that were added.
            let uses = [(40_000, 0), (1, 0), (1, WASM_PAGE), (WASM_PAGE, 0)];
            for (step, grown) in uses.into_iter().cycle().take(12) {
                let mut memory = memory(&slots, Some(image.clone()), 2 * WASM_PAGE);
                assert!(is_fresh(&memory), "before {step}");
                places.push(memory.as_ptr());
                memory.grow_to(2 * WASM_PAGE + grown).expect("grows");
                let contents = contents(&memory);
                assert_eq!(contents.len(), 2 * WASM_PAGE + grown);
                assert!(contents[2 * WASM_PAGE..].iter().all(|byte| *byte == 0));
                contents
                    .iter_mut()
                    .step_by(step)
                    .for_each(|byte| *byte = 0xaa);
            }
            places.dedup();
            assert_eq!(places.len(), 2, "one until the image has pages, one after");
        }
    }

    #[test]
    fn more_pages_than_are_kept_are_given_back_and_fresh() {
        let slots = Slots::new(4);
        let bytes = (KEPT_PAGES + 50) * PAGE_BYTES;
        let bytes = bytes.next_multiple_of(WASM_PAGE);
        let zeros = Arc::new(Image::zeros());
        let written = image_of(bytes);
        for _ in 0..3 {
            let memory = super::tests::memory(&slots, Some(zeros.clone()), bytes);
            let contents = contents(&memory);
            assert!(contents.iter().all(|byte| *byte == 0));
            contents.fill(7);
            let memory = super::tests::memory(&slots, Some(written.clone()), bytes);
            assert!(is_fresh(&memory));
            super::tests::contents(&memory).fill(7);
        }
    }

    #[test]
    fn a_slot_goes_to_another_worker_without_a_trace() {
        let slots = Slots::new(1);
        let first = memory(&slots, None, 4 * WASM_PAGE);
        contents(&first).fill(7);
        let place = first.as_ptr();
        drop(first);
        let second = memory(&slots, Some(image()), 2 * WASM_PAGE);
        assert_eq!(second.as_ptr(), place);
        assert!(is_fresh(&second));
        let third = memory(&slots, Some(image()), 2 * WASM_PAGE);
        assert_ne!(third.as_ptr(), place, "the other is in use");
        assert!(is_fresh(&third));
        drop((second, third));
        assert_eq!(slots.0.free().len(), 1, "one is kept");
    }

    #[test]
    fn a_slot_goes_to_another_worker_of_the_engine_without_a_trace() {
        for slots in [Slots::new(1), without_pagemap(1)] {
            let bytes = 2 * WASM_PAGE;
            let of = |segments: &[(usize, &'static [u8])]| MemoryContents {
                bytes,
                segments: segments
                    .iter()
                    .map(|(at, it)| (*at, (*it).into()))
                    .collect(),
            };
            let base = Image::base(of(&[(60_000, b"base"), (99_999, b"base")]), &Arc::default());
            let base = Arc::new(base.expect("there is room"));
            let other = |segments: &[(usize, &'static [u8])]| {
                let image = Image::new(base.clone(), of(segments), &Arc::default());
                Arc::new(image.expect("there is room"))
            };
            let images = [
                other(&[(100, b"one"), (20_000, b"one")]),
                other(&[(101, b"two"), (70_000, b"two")]),
                other(&[]),
            ];
            let mut places = Vec::new();
            for image in images.iter().cycle().take(7) {
                let memory = memory(&slots, Some(image.clone()), bytes);
                let mut expected = vec![1; bytes];
                image.restore(0, &mut expected);
                assert!(contents(&memory) == expected);
                places.push(memory.as_ptr());
                contents(&memory)[60_000..90_000].fill(7);
            }
            places.dedup();
            assert_eq!(places.len(), 1, "it is the same slot");
        }
    }

    #[test]
    fn what_is_beyond_the_size_is_closed() {
        let slots = Slots::new(1);
        let mut memory = memory(&slots, None, WASM_PAGE);
        memory.grow_to(3 * WASM_PAGE).expect("grows");
        assert!(memory.grow_to(FORM.reserved + WASM_PAGE).is_err());
        let base = memory.as_ptr() as usize;
        drop(memory);
        let open = open_bytes(base - FORM.guard, FORM.reserved + 2 * FORM.guard);
        assert_eq!(open, WASM_PAGE);
    }

    /// Bytes of a range that can be read or written, as the kernel says.
    fn open_bytes(start: usize, length: usize) -> usize {
        let maps = std::fs::read_to_string("/proc/self/maps").expect("reads");
        let open = maps.lines().filter_map(|line| {
            let (range, rest) = line.split_once(' ')?;
            let (from, to) = range.split_once('-')?;
            let from = usize::from_str_radix(from, 16).ok()?.max(start);
            let to = usize::from_str_radix(to, 16).ok()?.min(start + length);
            (!rest.starts_with("---")).then(|| to.saturating_sub(from))
        });
        open.sum()
    }

    fn without_pagemap(warm_max: usize) -> Slots {
        Slots(Arc::new(Inner {
            warm_max,
            pagemap: None,
            free: Mutex::default(),
        }))
    }
}
