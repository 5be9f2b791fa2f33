//! Brotli and Zstandard for the JavaScript engine. It needs no grant: it reaches nothing but the bytes that it is given.
//!
//! What a coder holds counts against the request, and what may take more than a millisecond is slow work.

use std::sync::Arc;

use ouro_compression as compression;
use ouro_compression::Codec;
use ouro_runtime::{Chain, Held, HostState};
use wasmtime::component::Resource;

use crate::generated::ouro::host::compression::{
    Error, Format, Host, HostCoder, Operation, Progress, State,
};
use crate::slow;

/// Of one step.
const INPUT_BYTES_MAX: usize = 256 << 10;
const OUTPUT_BYTES_MAX: usize = 256 << 10;
/// Input that a cheap codec takes in less than a millisecond.
const QUICK_BYTES: usize = 64 << 10;

type Answer<T> = Result<T, Error>;

/// What the guest holds. It has no codec after the end or an error.
pub struct Coder {
    codec: Option<Box<dyn Codec>>,
    held: Option<Held>,
}

impl Coder {
    fn new(codec: Box<dyn Codec>, chain: &Arc<Chain>) -> Answer<Self> {
        let mut coder = Self {
            codec: None,
            held: None,
        };
        coder.keep(codec, chain)?;
        Ok(coder)
    }

    /// Counts what the codec holds now.
    fn keep(&mut self, codec: Box<dyn Codec>, chain: &Arc<Chain>) -> Answer<()> {
        self.held = Some(chain.held(codec.held_bytes()).map_err(Error::Limit)?);
        self.codec = Some(codec);
        Ok(())
    }
}

fn step(
    codec: &mut dyn Codec,
    input: &[u8],
    operation: Operation,
    room: usize,
) -> Answer<Progress> {
    let mut output = vec![0; room];
    let progress = codec.step(input, operation.into(), &mut output)?;
    output.truncate(progress.written);
    Ok(Progress {
        consumed: progress.consumed as u32,
        output,
        state: progress.state.into(),
    })
}

impl Host for HostState {}

impl HostCoder for HostState {
    fn compress(
        &mut self,
        format: Format,
        parameters: Vec<(u32, i32)>,
        total: Option<u64>,
    ) -> wasmtime::Result<Answer<Resource<Coder>>> {
        let codec = compression::encoder(format.into(), &parameters, total);
        add(self, codec)
    }

    fn decompress(
        &mut self,
        format: Format,
        parameters: Vec<(u32, i32)>,
    ) -> wasmtime::Result<Answer<Resource<Coder>>> {
        let codec = compression::decoder(format.into(), &parameters);
        add(self, codec)
    }

    async fn step(
        &mut self,
        this: Resource<Coder>,
        input: Vec<u8>,
        operation: Operation,
        room: u32,
    ) -> wasmtime::Result<Answer<Progress>> {
        if input.len() > INPUT_BYTES_MAX {
            let text = format!("a step takes {INPUT_BYTES_MAX} bytes at most");
            return Ok(Err(Error::Limit(text)));
        }
        let Some(mut codec) = self.table.get_mut(&this)?.codec.take() else {
            return Ok(Err(Error::Limit("the coder has ended".into())));
        };
        let is_slow = codec.is_costly() || input.len() > QUICK_BYTES;
        let bytes = input.len();
        let room = (room as usize).min(OUTPUT_BYTES_MAX);
        let work = move || {
            let answer = step(&mut *codec, &input, operation, room);
            (codec, answer)
        };
        let (codec, answer) = if is_slow {
            match slow::run(self, bytes, work).await? {
                Ok(done) => done,
                Err(refused) => {
                    self.table.get_mut(&this)?.held = None;
                    return Ok(Err(Error::Limit(refused)));
                }
            }
        } else {
            work()
        };
        let chain = self.caller().chain().clone();
        let coder = self.table.get_mut(&this)?;
        coder.held = None;
        Ok(answer.and_then(|progress| {
            if progress.state == State::Ended {
                return Ok(progress);
            }
            coder.keep(codec, &chain).map(|()| progress)
        }))
    }

    fn drop(&mut self, this: Resource<Coder>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

fn add(
    state: &mut HostState,
    codec: compression::Result<Box<dyn Codec>>,
) -> wasmtime::Result<Answer<Resource<Coder>>> {
    let chain = state.caller().chain();
    let coder = codec
        .map_err(Error::from)
        .and_then(|codec| Coder::new(codec, chain));
    Ok(match coder {
        Ok(coder) => Ok(state.table.push(coder)?),
        Err(error) => Err(error),
    })
}

impl From<compression::Error> for Error {
    fn from(error: compression::Error) -> Self {
        match error {
            compression::Error::Coding(number, text) => Self::Coding((number, text)),
            compression::Error::Parameter => Self::Parameter,
            compression::Error::Memory => Self::Limit(error.to_string()),
        }
    }
}

impl From<Format> for compression::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Brotli => Self::Brotli,
            Format::Zstd => Self::Zstd,
        }
    }
}

impl From<Operation> for compression::Operation {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Process => Self::Process,
            Operation::Flush => Self::Flush,
            Operation::Finish => Self::Finish,
            Operation::Metadata => Self::Metadata,
        }
    }
}

impl From<compression::State> for State {
    fn from(state: compression::State) -> Self {
        match state {
            compression::State::Hungry => Self::Hungry,
            compression::State::More => Self::More,
            compression::State::Ended => Self::Ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of Brotli's best quality, with all tables that it needs for a long input.
    fn codec() -> Box<dyn Codec> {
        let mut codec =
            compression::encoder(compression::Format::Brotli, &[], None).expect("no parameter");
        let input = vec![0; INPUT_BYTES_MAX];
        for _ in 0..2 {
            step(&mut *codec, &input, Operation::Process, OUTPUT_BYTES_MAX).expect("packs");
        }
        codec
    }

    #[test]
    fn what_a_coder_holds_counts_against_the_request_until_it_is_dropped() {
        let chain = Arc::<Chain>::default();
        let first = Coder::new(codec(), &chain).expect("room for one");
        assert!(matches!(Coder::new(codec(), &chain), Err(Error::Limit(_))));
        drop(first);
        assert!(Coder::new(codec(), &chain).is_ok());
    }
}
