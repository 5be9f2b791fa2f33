//! The contents of a linear memory, as segments, and the core module that holds nothing else: a snapshot.

use wasm_encoder::{
    ConstExpr, DataSection, ExportKind, ExportSection, MemorySection, MemoryType, Module,
};

pub const PAGE_BYTES: usize = 64 * 1024;

/// Runs of zeros shorter than this stay inside a segment: a segment's own header costs about as much.
const GAP_BYTES: usize = 32;

/// wasmparser refuses a module with more than 100,000 data segments.
const SEGMENTS_MAX: usize = 50_000;

/// A memory's size and everything in it that is not zero.
pub struct MemoryImage {
    pub pages: u64,
    /// Offset and bytes, in the order of offsets, not overlapping.
    pub segments: Vec<(u32, Vec<u8>)>,
}

impl MemoryImage {
    /// Takes the image of a whole memory.
    pub fn of(memory: &[u8]) -> Self {
        let mut gap = GAP_BYTES;
        let mut runs = nonzero_runs(memory, gap);
        while runs.len() > SEGMENTS_MAX {
            gap *= 2;
            runs = nonzero_runs(memory, gap);
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

/// Start and end of the runs that are not zero, joining those with fewer than `gap` zeros between them.
fn nonzero_runs(memory: &[u8], gap: usize) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(start) = next_nonzero(memory, at) {
        let end = memory[start..]
            .iter()
            .position(|&byte| byte == 0)
            .map_or(memory.len(), |length| start + length);
        match runs.last_mut() {
            Some(last) if start - last.1 < gap => last.1 = end,
            _ => runs.push((start, end)),
        }
        at = end;
    }
    runs
}

/// Most of a memory is zero, so it is skipped in blocks that compare in one go.
fn next_nonzero(memory: &[u8], mut at: usize) -> Option<usize> {
    const ZEROS: [u8; 256] = [0; 256];
    while memory
        .get(at..at + ZEROS.len())
        .is_some_and(|block| block == ZEROS)
    {
        at += ZEROS.len();
    }
    memory[at..]
        .iter()
        .position(|&byte| byte != 0)
        .map(|skipped| at + skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

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
