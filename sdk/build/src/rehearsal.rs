//! Which blocks of a snapshot an invocation writes to, seen in a rehearsal in an instance that is thrown away. What a worker does in it
//! reaches nothing and nobody, and nothing of it stays but where blocks lie (`sdk/engine/src/allocator/placement.rs`).

use std::time::{Duration, Instant};

use crate::guest::{Block, Guest, GuestError, Hot};

/// What is rehearsed.
pub const URL: &str = "http://localhost/";
/// A top level that takes longer goes without a rehearsal.
pub const EVALUATION_MAX: Duration = Duration::from_secs(1);
/// A handler that takes longer shows enough until then.
const TIME_MAX: Duration = Duration::from_millis(250);
/// Larger blocks are not placed (`sdk/engine/src/allocator/placement.rs`).
const PLACED_BYTES_MAX: usize = 2048;
/// What the alignment of a block takes at most.
const ALIGN: usize = 16;

/// A worker that does what many do in a request, for the blocks that belong to the prelude.
pub const COMMON_WORKER: &str = include_str!("rehearsal.js");

/// Those of the blocks that a request writes to. `guest` is sealed.
pub fn hot(guest: Guest, blocks: &[Block]) -> Result<Hot, GuestError> {
    let (before, after) = guest.rehearse(URL, Instant::now() + TIME_MAX)?;
    let mut hot = Hot::default();
    for block in blocks.iter().filter(|block| block.size <= PLACED_BYTES_MAX) {
        let range = block.start..block.start + block.size;
        if before.get(range.clone()) != after.get(range) {
            hot.add(block);
        }
    }
    Ok(hot)
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
