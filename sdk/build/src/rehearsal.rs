//! Which blocks of a snapshot an invocation writes to, seen in a rehearsal in an instance that is thrown away. What a worker does in it
//! reaches nothing and nobody, and nothing of it stays but where blocks lie (`sdk/engine/src/allocator/placement.rs`).

use std::time::{Duration, Instant};

use wasmtime::Module;

use crate::guest::{Block, Guest, GuestError};
use crate::surgery::MemoryImage;
use crate::warm_up::WarmUp;

/// What is rehearsed, beside the requests that the worker was warmed up with.
pub const PATH: &str = "/";
/// A top level that takes longer goes without a rehearsal.
pub const EVALUATION_MAX: Duration = Duration::from_secs(1);
/// A handler that takes longer shows enough until then.
const TIME_MAX: Duration = Duration::from_secs(1);
/// Larger blocks are not placed (`sdk/engine/src/allocator/placement.rs`).
const PLACED_BYTES_MAX: usize = 2048;
/// What the alignment of a block takes at most.
const ALIGN: usize = 16;
const PAGE_BYTES: usize = 4096;
/// Steps of the engine from one look at the memory to the next, which doubles after so many looks.
const FIRST_STRIDE: u32 = 16;
const LOOKS_OF_A_STRIDE: u32 = 100;

/// A worker that does what many do in a request, for the blocks that belong to the prelude.
pub const COMMON_WORKER: &str = include_str!("rehearsal.js");

/// Blocks that are to lie together.
#[derive(Default)]
pub struct Hot {
    /// One bit for each number of a block.
    pub bits: Vec<u8>,
    pub bytes: u32,
}

/// Those of the blocks that requests write to. `guest` is sealed.
pub fn hot(
    engine: &Module,
    guest: Guest,
    blocks: Vec<Block>,
    more: &[WarmUp],
) -> Result<Hot, GuestError> {
    // Of all together: how many there are is the worker's choice.
    let deadline = Instant::now() + TIME_MAX;
    let mut watch = Watch::new(blocks, guest.memory());
    if !more.is_empty() {
        let image = MemoryImage::of(guest.memory()).to_module();
        let image = Module::new(engine.engine(), image).map_err(GuestError::engine)?;
        for request in more {
            let guest = Guest::start(engine, &image, deadline)?;
            watch = guest.rehearse(request, deadline, watch);
        }
    }
    Ok(guest
        .rehearse(&WarmUp::get(PATH), deadline, watch)
        .into_hot())
}

/// Looks at the memory time and again while a request is served: most of what is written is a count that goes up and down again.
#[derive(Default)]
pub struct Watch {
    /// Those that have not been seen to change, by page.
    pages: Vec<Page>,
    hot: Hot,
    steps: u32,
    stride: u32,
    looks: u32,
}

struct Page {
    start: usize,
    before: Vec<u8>,
    blocks: Vec<Block>,
}

impl Watch {
    pub fn new(blocks: Vec<Block>, memory: &[u8]) -> Self {
        let mut pages: Vec<Page> = Vec::new();
        for block in blocks
            .into_iter()
            .filter(|block| block.size <= PLACED_BYTES_MAX)
        {
            let start = block.start / PAGE_BYTES * PAGE_BYTES;
            match pages.last_mut().filter(|page| page.start == start) {
                Some(page) => page.blocks.push(block),
                None => pages.push(Page {
                    start,
                    // The last block may go beyond the page.
                    before: part(memory, start, PAGE_BYTES + PLACED_BYTES_MAX).to_vec(),
                    blocks: vec![block],
                }),
            }
        }
        Self {
            pages,
            stride: FIRST_STRIDE,
            ..Self::default()
        }
    }

    pub fn into_hot(self) -> Hot {
        self.hot
    }

    /// One step of the engine.
    pub fn step(&mut self, memory: &[u8]) {
        self.steps += 1;
        if self.steps < self.stride {
            return;
        }
        self.steps = 0;
        self.looks += 1;
        if self.looks == LOOKS_OF_A_STRIDE {
            self.looks = 0;
            self.stride *= 2;
        }
        self.look(memory);
    }

    pub fn look(&mut self, memory: &[u8]) {
        for page in &mut self.pages {
            let now = part(memory, page.start, page.before.len());
            if now != page.before {
                let (before, start) = (&page.before, page.start);
                for block in page.blocks.extract_if(.., |block| {
                    let at = block.start - start;
                    part(before, at, block.size) != part(now, at, block.size)
                }) {
                    self.hot.add(&block);
                }
            }
        }
    }
}

/// So many bytes from a place on, or what there is of them.
fn part(memory: &[u8], start: usize, length: usize) -> &[u8] {
    let end = (start + length).min(memory.len());
    memory.get(start..end).unwrap_or_default()
}

impl Hot {
    fn add(&mut self, block: &Block) {
        let byte = block.number / 8;
        if byte >= self.bits.len() {
            self.bits.resize(byte + 1, 0);
        }
        self.bits[byte] |= 1 << (block.number % 8);
        self.bytes += block.size.next_multiple_of(ALIGN) as u32;
    }
}
