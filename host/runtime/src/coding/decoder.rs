//! One decoder for each coding, all driven alike: bytes in, some of them taken, a bounded number of bytes out.

use std::io::{self, Write};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use bytes::{Buf, Bytes};
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What a step gives at most, about.
const DECODED_BYTES: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

impl Coding {
    /// What a decoder holds of what it has decoded, by the first byte of the body.
    pub fn window_bytes(self, first: u8) -> usize {
        match self {
            Self::Gzip | Self::Deflate => 64 << 10,
            Self::Brotli => 1 << window_bits(first),
        }
    }
}

/// RFC 7932 9.1, with the largest one for what is reserved.
fn window_bits(first: u8) -> u8 {
    match (first & 1, first >> 1 & 7, first >> 4 & 7) {
        (0, ..) => 16,
        (_, 0, 0) => 17,
        (_, 0, 1) => 24,
        (_, 0, bits) => 8 + bits,
        (_, bits, _) => 17 + bits,
    }
}

type Output = Vec<u8>;

pub(super) enum Decoder {
    /// No byte has come, and nothing says yet which it is.
    New(Coding, Output),
    Gzip(Box<MultiGzDecoder<Output>>),
    Zlib(Box<ZlibDecoder<Output>>),
    Deflate(Box<DeflateDecoder<Output>>),
    Brotli(Box<Brotli>),
}

impl Decoder {
    pub fn new(coding: Coding) -> Self {
        Self::New(coding, Output::new())
    }

    /// What is decoded and not taken away.
    pub fn output(&mut self) -> &mut Output {
        match self {
            Self::New(_, output) => output,
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => &mut decoder.output,
        }
    }

    /// Takes from the input as long as that gives little.
    pub fn decode(&mut self, input: &mut Bytes) -> io::Result<()> {
        if let (Self::New(coding, _), Some(first)) = (&*self, input.first()) {
            *self = Self::start(*coding, *first);
        }
        while !input.is_empty() && self.output().len() < DECODED_BYTES {
            let taken = match self {
                Self::New(..) => return Ok(()),
                Self::Gzip(decoder) => write(decoder, input)?,
                Self::Zlib(decoder) => write(decoder, input)?,
                Self::Deflate(decoder) => write(decoder, input)?,
                Self::Brotli(decoder) => decoder.write(input)?,
            };
            if taken == 0 {
                if self.output().is_empty() {
                    // Something stands behind the end; it is no part of the body.
                    input.clear();
                }
                break;
            }
            input.advance(taken);
        }
        if let Self::Brotli(decoder) = self {
            decoder.drain()?;
        }
        Ok(())
    }

    fn start(coding: Coding, first: u8) -> Self {
        const METHOD_DEFLATE: u8 = 8;
        let output = Output::new();
        match coding {
            Coding::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(output))),
            // RFC 9110 8.4.1.2: "deflate" is the zlib format, but some send the bare stream, which does not begin like that.
            Coding::Deflate if first & 0x0f == METHOD_DEFLATE => {
                Self::Zlib(Box::new(ZlibDecoder::new(output)))
            }
            Coding::Deflate => Self::Deflate(Box::new(DeflateDecoder::new(output))),
            Coding::Brotli => Self::Brotli(Box::new(Brotli::new())),
        }
    }

    /// The input has ended: fails where it should have gone on.
    pub fn finish(&mut self) -> io::Result<()> {
        match self {
            // A body that is empty altogether is in any coding.
            Self::New(..) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.try_finish(),
            Self::Brotli(decoder) => decoder.finish(),
        }
    }
}

/// The flush moves what the decoder holds, at most a buffer and a window, to the output.
fn write(decoder: &mut impl Write, input: &[u8]) -> io::Result<usize> {
    let taken = decoder.write(input)?;
    decoder.flush()?;
    Ok(taken)
}

pub(super) struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    output: Output,
    last: BrotliResult,
}

impl Brotli {
    fn new() -> Self {
        // Strict: without the large windows that only a private agreement allows (RFC 7932 has 16 MiB at most).
        let alloc = StandardAlloc::default;
        Self {
            state: BrotliState::new_strict(alloc(), alloc(), alloc()),
            output: Output::new(),
            last: BrotliResult::NeedsMoreInput,
        }
    }

    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        if matches!(self.last, BrotliResult::ResultSuccess) {
            return Ok(0);
        }
        let (mut available, mut taken) = (input.len(), 0);
        let mut written = self.output.len();
        self.output.resize(written + DECODED_BYTES, 0);
        let mut room = DECODED_BYTES;
        self.last = BrotliDecompressStream(
            &mut available,
            &mut taken,
            input,
            &mut room,
            &mut written,
            &mut self.output,
            &mut 0,
            &mut self.state,
        );
        self.output.truncate(written);
        match self.last {
            BrotliResult::ResultFailure => Err(invalid("corrupt brotli stream")),
            _ => Ok(taken),
        }
    }

    /// Output that waits inside although all input was taken.
    fn drain(&mut self) -> io::Result<()> {
        if self.output.is_empty() && matches!(self.last, BrotliResult::NeedsMoreOutput) {
            self.write(&[])?;
        }
        Ok(())
    }

    fn finish(&self) -> io::Result<()> {
        match self.last {
            BrotliResult::ResultSuccess => Ok(()),
            _ => Err(invalid("incomplete brotli stream")),
        }
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brotli_window_is_as_large_as_its_first_byte_says() {
        for (first, bits) in [
            (0x0b, 22),
            (0x0f, 24),
            (0x00, 16),
            (0x01, 17),
            (0x21, 10),
            (0x71, 15),
        ] {
            assert_eq!(window_bits(first), bits, "{first:#x}");
        }
    }
}
