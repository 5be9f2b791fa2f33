//! Brotli and Zstandard, for guests: a step takes and gives little, and tables are bounded before they are made, so that no parameters
//! and no data take much time or memory at once.
//!
//! It leaves out who may hold how much ([`Codec::held_bytes`] tells), and on which thread a step runs.

mod brotli;
mod zstd;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Brotli,
    Zstd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Process,
    /// What was taken so far can be read from what was given so far.
    Flush,
    Finish,
    /// Brotli alone: the input is metadata, which readers skip.
    Metadata,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// All input was taken.
    Hungry,
    /// There is more to come without more input.
    More,
    Ended,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// What the format's library found, by its number and its words.
    #[error("{1} ({0})")]
    Coding(i32, String),
    #[error("one of the parameters is not of this format, or its value out of range")]
    Parameter,
    #[error("the host has no memory for another coder")]
    Memory,
}

pub type Result<T> = std::result::Result<T, Error>;

/// Numbers as the format's library has them, with their values.
pub type Parameters<'a> = &'a [(u32, i32)];

/// What a step took and gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub consumed: usize,
    pub written: usize,
    pub state: State,
}

/// One of the formats, in one direction. After its end or an error it must not be asked again.
pub trait Codec: Send {
    /// Takes some of the input and fills some of the output.
    ///
    /// # Errors
    /// The input is not in the format, or the operation not possible now.
    fn step(&mut self, input: &[u8], operation: Operation, output: &mut [u8]) -> Result<Progress>;

    fn held_bytes(&self) -> usize;

    /// Does it take more than a millisecond for a little input?
    fn is_costly(&self) -> bool;
}

/// Compresses. `total` is how many bytes there will be, for Zstandard alone.
///
/// # Errors
/// One of the parameters is none.
pub fn encoder(
    format: Format,
    parameters: Parameters<'_>,
    total: Option<u64>,
) -> Result<Box<dyn Codec>> {
    Ok(match format {
        Format::Brotli => Box::new(brotli::Encoder::new(parameters)?),
        Format::Zstd => Box::new(zstd::Encoder::new(parameters, total)?),
    })
}

/// Decompresses.
///
/// # Errors
/// As for [`encoder`].
pub fn decoder(format: Format, parameters: Parameters<'_>) -> Result<Box<dyn Codec>> {
    Ok(match format {
        Format::Brotli => Box::new(brotli::Decoder::new(parameters)?),
        Format::Zstd => Box::new(zstd::Decoder::new(parameters)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUT_BYTES: usize = 256 << 10;
    const ROOM: usize = 16 << 10;
    const QUALITY: u32 = 1;
    const LEVEL: u32 = 100;

    /// Steps until all input is taken and nothing more comes.
    fn run(codec: &mut dyn Codec, mut input: &[u8], operation: Operation) -> Result<Vec<u8>> {
        let (mut all, mut output) = (Vec::new(), vec![0; ROOM]);
        loop {
            let piece = &input[..input.len().min(INPUT_BYTES)];
            let now = if piece.len() == input.len() {
                operation
            } else {
                Operation::Process
            };
            let progress = codec.step(piece, now, &mut output)?;
            all.extend(&output[..progress.written]);
            input = &input[progress.consumed..];
            match progress.state {
                State::Ended => return Ok(all),
                State::Hungry if input.is_empty() => return Ok(all),
                _ => {}
            }
        }
    }

    fn text() -> Vec<u8> {
        (0..200_000u32)
            .flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761) % 5_000).into_bytes())
            .collect()
    }

    fn brotli(parameters: Parameters<'_>) -> Box<dyn Codec> {
        encoder(Format::Brotli, parameters, None).expect("parameters of it")
    }

    fn zstd(parameters: Parameters<'_>) -> Box<dyn Codec> {
        encoder(Format::Zstd, parameters, None).expect("parameters of it")
    }

    fn reader(format: Format) -> Box<dyn Codec> {
        decoder(format, &[]).expect("no parameter")
    }

    fn pairs() -> Vec<(Box<dyn Codec>, Box<dyn Codec>)> {
        let qualities = [0, 1, 4, 5, 9, 10].map(|it| brotli(&[(QUALITY, it)]));
        let levels = [-5, 3, 12, 22].map(|it| zstd(&[(LEVEL, it)]));
        let brotli = qualities.into_iter().map(|it| (it, reader(Format::Brotli)));
        let zstd = levels.into_iter().map(|it| (it, reader(Format::Zstd)));
        brotli.chain(zstd).collect()
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let text = text();
        for (mut encoder, mut decoder) in pairs() {
            let packed = run(&mut *encoder, &text, Operation::Finish).expect("packs");
            assert!(packed.len() < text.len() / 2, "{}", packed.len());
            let back = run(&mut *decoder, &packed, Operation::Finish).expect("unpacks");
            assert!(back == text);
        }
    }

    #[test]
    fn what_was_flushed_can_be_read() {
        for (mut encoder, mut decoder) in pairs() {
            let packed = run(&mut *encoder, b"hello", Operation::Flush).expect("packs");
            let back = run(&mut *decoder, &packed, Operation::Process).expect("unpacks");
            assert_eq!(back, b"hello");
            let rest = run(&mut *encoder, b" world", Operation::Finish).expect("packs");
            let back = run(&mut *decoder, &rest, Operation::Finish).expect("unpacks");
            assert_eq!(back, b" world");
        }
    }

    #[test]
    fn metadata_is_skipped() {
        let mut encoder = brotli(&[]);
        let mut packed =
            run(&mut *encoder, b"nobody reads this", Operation::Metadata).expect("packs");
        packed.extend(run(&mut *encoder, b"hello", Operation::Finish).expect("packs"));
        let back = run(&mut *reader(Format::Brotli), &packed, Operation::Finish).expect("unpacks");
        assert_eq!(back, b"hello");
    }

    #[test]
    fn what_expands_much_comes_in_pieces() {
        let zeros = vec![0; 64 << 20];
        for (mut encoder, format) in [
            (brotli(&[(QUALITY, 1)]), Format::Brotli),
            (zstd(&[]), Format::Zstd),
        ] {
            let bomb = run(&mut *encoder, &zeros, Operation::Finish).expect("packs");
            assert!(bomb.len() < 64 << 10, "{}", bomb.len());
            let mut output = [0; ROOM];
            let progress = reader(format).step(&bomb, Operation::Finish, &mut output);
            let progress = progress.expect("begins");
            assert_eq!((progress.written, progress.state), (ROOM, State::More));
        }
    }

    #[test]
    fn no_parameters_make_a_codec_that_holds_more_than_64_mib() {
        let text = text();
        for mut encoder in [
            brotli(&[]),
            brotli(&[(1, 11), (2, 24), (3, 24)]),
            brotli(&[(1, 10), (2, 30), (6, 1)]),
            brotli(&[(1, 9), (2, 24)]),
            brotli(&[(1, 8), (2, 24)]),
            brotli(&[(1, 5), (2, 24), (3, 24), (5, 1 << 30)]),
            brotli(&[(1, 1), (2, 24)]),
            zstd(&[(100, 17)]),
            zstd(&[(100, 19)]),
            zstd(&[(100, 22)]),
            zstd(&[(100, 22), (160, 1)]),
            zstd(&[(101, 27), (102, 30), (103, 30), (104, 30), (107, 9)]),
            zstd(&[(101, 27), (102, 30), (103, 30), (104, 30), (107, 5)]),
            zstd(&[(160, 1), (161, 30), (163, 8)]),
            zstd(&[(160, 1), (164, 1)]),
            zstd(&[(160, 1), (161, 0), (164, 1)]),
        ] {
            run(&mut *encoder, &text, Operation::Process).expect("packs");
            let held = encoder.held_bytes();
            assert!((64 << 10..=64 << 20).contains(&held), "{held}");
        }
    }

    #[test]
    fn an_encoder_that_searches_more_than_its_level_does_is_costly() {
        assert!(!zstd(&[(100, 3)]).is_costly());
        for parameters in [
            &[(100, 6)][..],
            &[(100, 5), (101, 14), (102, 6), (103, 14), (104, 9), (105, 4)],
            &[(107, 9), (107, 0)],
            &[(100, 1), (160, 1)],
            &[(100, 1), (160, 1), (160, 0)],
        ] {
            assert!(zstd(parameters).is_costly(), "{parameters:?}");
        }
    }

    #[test]
    fn what_a_decoder_holds_is_known() {
        for (mut encoder, format) in [
            (brotli(&[(QUALITY, 1)]), Format::Brotli),
            (zstd(&[]), Format::Zstd),
        ] {
            let packed = run(&mut *encoder, &text(), Operation::Finish).expect("packs");
            let mut decoder = reader(format);
            let before = decoder.held_bytes();
            run(
                &mut *decoder,
                &packed[..packed.len() / 2],
                Operation::Process,
            )
            .expect("unpacks");
            let held = decoder.held_bytes() - before;
            assert!((256 << 10..=16 << 20).contains(&held), "{held}");
        }
    }

    #[test]
    fn unknown_parameters_are_refused() {
        for (format, parameter) in [
            (Format::Brotli, (9, 1)),
            (Format::Zstd, (99, 1)),
            (Format::Zstd, (101, 99)),
            (Format::Zstd, (101, -1)),
            (Format::Zstd, (107, 10)),
        ] {
            let refused = encoder(format, &[parameter], None).err();
            assert_eq!(refused, Some(Error::Parameter), "{parameter:?}");
        }
        for (format, parameter) in [
            (Format::Brotli, (5, 1)),
            (Format::Zstd, (101, 1)),
            (Format::Zstd, (100, 99)),
        ] {
            let refused = decoder(format, &[parameter]).err();
            assert_eq!(refused, Some(Error::Parameter), "{parameter:?}");
        }
    }

    fn number_of(mut decoder: Box<dyn Codec>, input: &[u8]) -> i32 {
        match decoder.step(input, Operation::Finish, &mut [0; ROOM]) {
            Err(Error::Coding(number, _)) => number,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_not_in_the_format_fails_with_the_number_of_the_library() {
        assert_eq!(number_of(reader(Format::Brotli), b"garbage!!"), -14);
        assert_eq!(number_of(reader(Format::Zstd), b"garbage!!"), 10);
    }

    #[test]
    fn windows_that_only_an_agreement_allows_are_refused() {
        // A large window of Brotli, of 30 bits.
        let willing = decoder(Format::Brotli, &[(1, 1)]).expect("a parameter of it");
        assert!(number_of(willing, &[0x11, 0x1e, 0, 0, 0, 2, 0x78, 3]) < 0);
        // A frame with a window of 2^31 bytes (RFC 8878 3.1.1.1.2).
        let willing = decoder(Format::Zstd, &[(100, 31)]).expect("a parameter of it");
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0];
        assert_eq!(number_of(willing, &frame), 16);
    }
}
