//! The contents of a linear memory, as segments, and the core module that holds nothing else: a snapshot.

use wasm_encoder::{
    ConstExpr, DataSection, ExportKind, ExportSection, MemorySection, MemoryType, Module,
};

pub const PAGE_BYTES: usize = 64 * 1024;

/// Runs of the same bytes shorter than this stay inside a segment: a segment's own header costs about as much.
const GAP_BYTES: usize = 32;

/// wasmparser refuses a module with more than 100,000 data segments.
const SEGMENTS_MAX: usize = 50_000;

/// A memory's size and everything in it that is not zero, or not as in another memory.
pub struct MemoryImage {
    pub pages: u64,
    /// Offset and bytes, in the order of offsets, not overlapping.
    pub segments: Vec<(u32, Vec<u8>)>,
}

impl MemoryImage {
    /// Takes the image of a whole memory.
    pub fn of(memory: &[u8]) -> Self {
        Self::difference(memory, &[])
    }

    /// Takes the image of what differs from another memory, which may be smaller.
    pub fn difference(memory: &[u8], base: &[u8]) -> Self {
        let mut gap = GAP_BYTES;
        let mut runs = differing_runs(memory, base, gap);
        while runs.len() > SEGMENTS_MAX {
            gap *= 2;
            runs = differing_runs(memory, base, gap);
        }
        let segments = runs
            .into_iter()
            .map(|(start, end)| (start as u32, memory[start..end].to_vec()));
        Self {
            pages: memory.len().div_ceil(PAGE_BYTES) as u64,
            segments: segments.collect(),
        }
    }

    pub fn data_section(&self) -> DataSection {
        let mut section = DataSection::new();
        for (offset, bytes) in &self.segments {
            section.active(
                0,
                &ConstExpr::i32_const(offset.cast_signed()),
                bytes.iter().copied(),
            );
        }
        section
    }

    pub fn memory_section(&self) -> MemorySection {
        let mut section = MemorySection::new();
        section.memory(memory_type(self.pages));
        section
    }

    /// A core module that exports the memory as `memory` and has no code.
    pub fn to_module(&self) -> Vec<u8> {
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        let mut module = Module::new();
        module
            .section(&self.memory_section())
            .section(&exports)
            .section(&self.data_section());
        module.finish()
    }
}

/// A 32-bit memory of at least so many pages, free to grow.
pub fn memory_type(pages: u64) -> MemoryType {
    MemoryType {
        minimum: pages,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

/// Start and end of the runs that differ, joining those with fewer than `gap` bytes between them. Beyond its end `base` is zero.
fn differing_runs(memory: &[u8], base: &[u8], gap: usize) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(start) = next_difference(memory, base, at) {
        let end = (start..memory.len()).find(|at| !differs(memory, base, *at));
        let end = end.unwrap_or(memory.len());
        match runs.last_mut() {
            Some(last) if start - last.1 < gap => last.1 = end,
            _ => runs.push((start, end)),
        }
        at = end;
    }
    runs
}

fn differs(memory: &[u8], base: &[u8], at: usize) -> bool {
    memory[at] != base.get(at).copied().unwrap_or(0)
}

/// Most of a memory is the same, so it is skipped in blocks that compare in one go.
fn next_difference(memory: &[u8], base: &[u8], mut at: usize) -> Option<usize> {
    const ZEROS: [u8; 256] = [0; 256];
    while at < memory.len() {
        let end = (at + ZEROS.len()).min(memory.len());
        let (block, before) = (&memory[at..end], base.get(at..end));
        let is_same = before == Some(block) || (at >= base.len() && block == &ZEROS[..block.len()]);
        if !is_same {
            let found = (at..end).find(|at| differs(memory, base, *at));
            if found.is_some() {
                return found;
            }
        }
        at = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_holds_what_was_written_and_what_became_zero() {
        let mut base = vec![0; PAGE_BYTES];
        base[100..104].copy_from_slice(&[1, 2, 3, 4]);
        base[9000] = 5;
        let mut memory = base.clone();
        memory.extend(vec![0; PAGE_BYTES]);
        (memory[102], memory[9000], memory[PAGE_BYTES + 700]) = (9, 0, 7);
        let image = MemoryImage::difference(&memory, &base);
        assert_eq!(image.pages, 2);
        let expected = [(102, vec![9]), (9000, vec![0])];
        assert_eq!(image.segments[..2], expected);
        assert_eq!(image.segments[2..], [(PAGE_BYTES as u32 + 700, vec![7])]);
        assert!(MemoryImage::difference(&base, &base).segments.is_empty());
    }

    #[test]
    fn an_image_holds_the_nonzero_runs_and_joins_near_ones() {
        let mut memory = vec![0; PAGE_BYTES];
        memory[5] = 1;
        memory[20] = 2;
        memory[5000..5003].copy_from_slice(&[3, 4, 5]);
        memory[PAGE_BYTES - 1] = 6;
        let image = MemoryImage::of(&memory);
        assert_eq!(image.pages, 1);
        let mut first = vec![0; 16];
        (first[0], first[15]) = (1, 2);
        assert_eq!(
            image.segments,
            [
                (5, first),
                (5000, vec![3, 4, 5]),
                (PAGE_BYTES as u32 - 1, vec![6])
            ]
        );
    }
}
