//! Brotli (RFC 7932).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use brotli::enc::BrotliAlloc;
use brotli::enc::encode::{
    BrotliEncoderOperation, BrotliEncoderParameter, BrotliEncoderStateStruct,
};
use brotli::{Allocator, BrotliDecompressStream, BrotliResult, BrotliState};
use brotli::{SliceWrapper, SliceWrapperMut};

use crate::{Codec, Error, Operation, Parameters, Progress, Result, State};

const QUALITY_MAX: i32 = 11;
/// From here on, a little input takes more than a millisecond.
const QUALITY_COSTLY: i32 = 5;
/// From here on, tables grow with the window, and a larger one than this would not fit beside them.
const QUALITY_HUNGRY: i32 = 9;
const HUNGRY_WINDOW_BITS_MAX: i32 = 22;
/// RFC 7932 9.1; more is for readers who agreed to it.
const WINDOW_BITS_MAX: i32 = 24;
/// A block is compressed in one step.
const BLOCK_BITS_MAX: i32 = 18;

/// By the number of a parameter (brotli/encode.h).
const MODE: u32 = 0;
const QUALITY: u32 = 1;
const WINDOW_BITS: u32 = 2;
const BLOCK_BITS: u32 = 3;
const NO_LITERAL_CONTEXTS: u32 = 4;
const SIZE_HINT: u32 = 5;
const LARGE_WINDOW: u32 = 6;
const POSTFIX_BITS: u32 = 7;
const DIRECT_DISTANCES: u32 = 8;

/// What the encoder says of all its failures.
const ENCODER_ERROR: i32 = -1;

/// Allocates zeroed memory and counts what is alive.
#[derive(Clone, Default)]
struct Counted(Arc<AtomicUsize>);

#[derive(Default)]
struct CountedSlice<T> {
    items: Vec<T>,
    alive: Option<Counted>,
}

impl<T> CountedSlice<T> {
    fn bytes(&self) -> usize {
        size_of_val(self.items.as_slice())
    }
}

impl<T> Drop for CountedSlice<T> {
    fn drop(&mut self) {
        if let Some(alive) = &self.alive {
            alive.0.fetch_sub(self.bytes(), Relaxed);
        }
    }
}

impl<T> SliceWrapper<T> for CountedSlice<T> {
    fn slice(&self) -> &[T] {
        &self.items
    }
}

impl<T> SliceWrapperMut<T> for CountedSlice<T> {
    fn slice_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

impl<T: Clone + Default> Allocator<T> for Counted {
    type AllocatedMemory = CountedSlice<T>;

    fn alloc_cell(&mut self, len: usize) -> CountedSlice<T> {
        let slice = CountedSlice {
            items: vec![T::default(); len],
            alive: Some(self.clone()),
        };
        self.0.fetch_add(slice.bytes(), Relaxed);
        slice
    }

    fn free_cell(&mut self, _data: CountedSlice<T>) {}
}

impl BrotliAlloc for Counted {}

pub(crate) struct Encoder {
    state: BrotliEncoderStateStruct<Counted>,
    alive: Counted,
    is_costly: bool,
}

impl Encoder {
    pub fn new(parameters: Parameters<'_>) -> Result<Self> {
        use BrotliEncoderParameter::*;
        let alive = Counted::default();
        let mut state = BrotliEncoderStateStruct::new(alive.clone());
        let (mut quality, mut window, mut block) = (QUALITY_MAX, HUNGRY_WINDOW_BITS_MAX, 0);
        for &(name, value) in parameters {
            let parameter = match name {
                MODE => BROTLI_PARAM_MODE,
                NO_LITERAL_CONTEXTS => BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING,
                SIZE_HINT => BROTLI_PARAM_SIZE_HINT,
                QUALITY => {
                    quality = value.clamp(0, QUALITY_MAX);
                    continue;
                }
                WINDOW_BITS => {
                    window = value;
                    continue;
                }
                BLOCK_BITS => {
                    block = value;
                    continue;
                }
                // The crate finds distance parameters by itself.
                LARGE_WINDOW | POSTFIX_BITS | DIRECT_DISTANCES => continue,
                _ => return Err(Error::Parameter),
            };
            if !state.set_parameter(parameter, value as u32) {
                return Err(Error::Parameter);
            }
        }
        let window_max = if quality < QUALITY_HUNGRY {
            WINDOW_BITS_MAX
        } else {
            HUNGRY_WINDOW_BITS_MAX
        };
        state.set_parameter(BROTLI_PARAM_QUALITY, quality as u32);
        state.set_parameter(BROTLI_PARAM_LGWIN, window.min(window_max) as u32);
        state.set_parameter(BROTLI_PARAM_LGBLOCK, block.min(BLOCK_BITS_MAX) as u32);
        Ok(Self {
            state,
            alive,
            is_costly: quality >= QUALITY_COSTLY,
        })
    }
}

impl Codec for Encoder {
    fn step(&mut self, input: &[u8], operation: Operation, output: &mut [u8]) -> Result<Progress> {
        let operation = match operation {
            Operation::Process => BrotliEncoderOperation::BROTLI_OPERATION_PROCESS,
            Operation::Flush => BrotliEncoderOperation::BROTLI_OPERATION_FLUSH,
            Operation::Finish => BrotliEncoderOperation::BROTLI_OPERATION_FINISH,
            Operation::Metadata => BrotliEncoderOperation::BROTLI_OPERATION_EMIT_METADATA,
        };
        let (mut left, mut taken) = (input.len(), 0);
        let (mut room, mut written) = (output.len(), 0);
        let worked = self.state.compress_stream(
            operation,
            &mut left,
            input,
            &mut taken,
            &mut room,
            output,
            &mut written,
            &mut None,
            &mut |_, _, _, _| (),
        );
        if !worked {
            let text = "Compression failed".to_owned();
            return Err(Error::Coding(ENCODER_ERROR, text));
        }
        let state = if self.state.is_finished() {
            State::Ended
        } else if left > 0 || self.state.has_more_output() {
            State::More
        } else {
            State::Hungry
        };
        Ok(Progress {
            consumed: taken,
            written,
            state,
        })
    }

    fn held_bytes(&self) -> usize {
        size_of::<Self>() + self.alive.0.load(Relaxed)
    }

    fn is_costly(&self) -> bool {
        self.is_costly
    }
}

pub(crate) struct Decoder {
    state: Box<BrotliState<Counted, Counted, Counted>>,
    alive: Counted,
}

impl Decoder {
    /// The two parameters that there are change nothing: how the ring buffer grows is nobody's concern, and windows that only a private
    /// agreement allows are too large.
    pub fn new(parameters: Parameters<'_>) -> Result<Self> {
        if parameters.iter().any(|(name, _)| *name > 1) {
            return Err(Error::Parameter);
        }
        let alive = Counted::default();
        let alloc = || alive.clone();
        let state = BrotliState::new_strict(alloc(), alloc(), alloc());
        Ok(Self {
            state: Box::new(state),
            alive,
        })
    }
}

impl Codec for Decoder {
    fn step(&mut self, input: &[u8], _: Operation, output: &mut [u8]) -> Result<Progress> {
        let (mut left, mut taken) = (input.len(), 0);
        let (mut room, mut written) = (output.len(), 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut taken,
            input,
            &mut room,
            &mut written,
            output,
            &mut 0,
            &mut self.state,
        );
        let state = match result {
            BrotliResult::ResultSuccess => State::Ended,
            BrotliResult::NeedsMoreInput => State::Hungry,
            BrotliResult::NeedsMoreOutput => State::More,
            BrotliResult::ResultFailure => {
                let text = "Decompression failed".to_owned();
                return Err(Error::Coding(self.state.error_code as i32, text));
            }
        };
        Ok(Progress {
            consumed: taken,
            written,
            state,
        })
    }

    fn held_bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.state) + self.alive.0.load(Relaxed)
    }

    fn is_costly(&self) -> bool {
        false
    }
}
