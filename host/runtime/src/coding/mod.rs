//! Content codings of fetched bodies (RFC 9110 8.4.1), undone as the guest reads: a step decodes little, however much a few bytes hold.

mod decoder;

use std::sync::Arc;

use bytes::{Buf, Bytes};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynInputStream, InputStream, Pollable, StreamError, StreamResult};

pub(crate) use decoder::Coding;
use decoder::Decoder;

use crate::origin::{Chain, Held};

/// How many bodies an invocation decodes at once.
const DECODERS_MAX: usize = 16;
const ENCODED_BYTES: usize = 16 << 10;

/// Counts the decoders of an invocation: each holds a clone.
pub(crate) type Decoders = Arc<()>;

#[derive(Debug, thiserror::Error)]
enum DecodeError {
    #[error("more than {DECODERS_MAX} compressed bodies are read at once")]
    TooMany,
    /// The window would be too much beside what the host holds for the request.
    #[error("{0}")]
    Memory(String),
    #[error("it is not in the content coding that its head names: {0}")]
    Malformed(String),
}

/// A body without its content coding.
pub(crate) struct Decoded {
    coding: Coding,
    chain: Arc<Chain>,
    encoded: DynInputStream,
    input: Bytes,
    output: Bytes,
    /// Gone at the end, and with it its memory.
    decoder: Option<(Decoder, Decoders)>,
    /// The decoder's window, once its first byte tells how large that is.
    window: Option<Held>,
    failure: Option<StreamError>,
}

impl Decoded {
    pub fn new(
        encoded: DynInputStream,
        coding: Coding,
        decoders: &Decoders,
        chain: &Arc<Chain>,
    ) -> Self {
        // One is the invocation's own.
        let room = Arc::strong_count(decoders) <= DECODERS_MAX;
        Self {
            coding,
            chain: chain.clone(),
            encoded,
            input: Bytes::new(),
            output: Bytes::new(),
            decoder: room.then(|| (Decoder::new(coding), decoders.clone())),
            window: None,
            failure: (!room).then(|| StreamError::LastOperationFailed(DecodeError::TooMany.into())),
        }
    }

    /// Decodes what has arrived until something is there to be read. False where it has to wait.
    fn advance(&mut self) -> bool {
        while self.output.is_empty() {
            if let (None, Some(first)) = (&self.window, self.input.first()) {
                match self.chain.held(self.coding.window_bytes(*first)) {
                    Ok(held) => self.window = Some(held),
                    Err(text) => {
                        let error = DecodeError::Memory(text);
                        self.end(Some(StreamError::LastOperationFailed(error.into())));
                    }
                }
            }
            let Some((decoder, _)) = &mut self.decoder else {
                return true;
            };
            let mut step = decoder.decode(&mut self.input);
            if step.is_ok() && decoder.output().is_empty() && self.input.is_empty() {
                step = match self.encoded.read(ENCODED_BYTES) {
                    Ok(chunk) if chunk.is_empty() => return false,
                    Ok(chunk) => {
                        self.input = chunk;
                        Ok(())
                    }
                    Err(StreamError::Closed) => decoder.finish(),
                    Err(error) => {
                        self.end(Some(error));
                        continue;
                    }
                };
                if step.is_ok() && self.input.is_empty() && decoder.output().is_empty() {
                    self.end(None);
                    continue;
                }
            }
            match step {
                Ok(()) => self.output = std::mem::take(decoder.output()).into(),
                Err(error) => {
                    let error = DecodeError::Malformed(error.to_string());
                    self.end(Some(StreamError::LastOperationFailed(error.into())));
                }
            }
        }
        true
    }

    fn end(&mut self, failure: Option<StreamError>) {
        self.decoder = None;
        self.window = None;
        self.input = Bytes::new();
        self.failure = failure;
    }
}

#[async_trait]
impl InputStream for Decoded {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if !self.advance() {
            return Ok(Bytes::new());
        }
        if self.output.has_remaining() {
            return Ok(self.output.split_to(size.min(self.output.len())));
        }
        Err(self.failure.take().unwrap_or(StreamError::Closed))
    }
}

#[async_trait]
impl Pollable for Decoded {
    async fn ready(&mut self) {
        while !self.advance() {
            self.encoded.ready().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    /// Gives these chunks, and between any two nothing once.
    struct Chunks(Vec<Bytes>);

    #[async_trait]
    impl InputStream for Chunks {
        fn read(&mut self, _size: usize) -> StreamResult<Bytes> {
            if self.0.is_empty() {
                return Err(StreamError::Closed);
            }
            Ok(self.0.remove(0))
        }
    }

    #[async_trait]
    impl Pollable for Chunks {
        async fn ready(&mut self) {}
    }

    fn chunks(bytes: &[u8], size: usize) -> DynInputStream {
        let parts = bytes.chunks(size).map(Bytes::copy_from_slice);
        Box::new(Chunks(
            parts.flat_map(|part| [Bytes::new(), part]).collect(),
        ))
    }

    async fn decode(encoded: DynInputStream, coding: Coding) -> StreamResult<Vec<u8>> {
        let decoders = Decoders::default();
        let mut decoded = Decoded::new(encoded, coding, &decoders, &Arc::default());
        let mut all = Vec::new();
        loop {
            decoded.ready().await;
            match decoded.read(1 << 20) {
                Ok(chunk) => all.extend_from_slice(&chunk),
                Err(StreamError::Closed) => return Ok(all),
                Err(error) => return Err(error),
            }
        }
    }

    fn text() -> Vec<u8> {
        (0..200_000u32)
            .flat_map(|n| (n % 251).to_le_bytes())
            .collect()
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    /// "hello" as the encoder of the reference implementation writes it.
    const BROTLI: &[u8] = &[0x0b, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];

    #[tokio::test]
    async fn gzip_of_any_chunks_and_of_several_members_is_decoded() {
        let mut encoded = gzip(&text());
        encoded.extend(gzip(b"end"));
        for size in [1, 10, 4096, usize::MAX] {
            let decoded = decode(chunks(&encoded, size.min(encoded.len())), Coding::Gzip).await;
            assert!(
                decoded.expect("decodes") == [&text()[..], b"end"].concat(),
                "{size}"
            );
        }
    }

    #[tokio::test]
    async fn deflate_is_zlib_or_the_bare_stream() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text()).expect("memory");
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
        bare.write_all(&text()).expect("memory");
        for encoded in [
            zlib.finish().expect("memory"),
            bare.finish().expect("memory"),
        ] {
            let decoded = decode(chunks(&encoded, 7), Coding::Deflate).await;
            assert!(decoded.expect("decodes") == text());
        }
    }

    #[tokio::test]
    async fn brotli_is_decoded() {
        for size in [1, 100] {
            let decoded = decode(chunks(BROTLI, size), Coding::Brotli).await;
            assert_eq!(decoded.expect("decodes"), b"hello");
        }
    }

    #[tokio::test]
    async fn an_empty_body_is_empty_in_any_coding() {
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli] {
            let decoded = decode(chunks(b"", 1), coding).await;
            assert!(decoded.expect("decodes").is_empty());
        }
    }

    #[tokio::test]
    async fn what_is_cut_off_or_something_else_fails() {
        let whole = gzip(&text());
        for (encoded, coding) in [
            (&whole[..whole.len() / 2], Coding::Gzip),
            (&whole[..5], Coding::Gzip),
            (&whole[..whole.len() - 1], Coding::Gzip),
            (&b"not compressed at all"[..], Coding::Gzip),
            (&b"not compressed at all"[..], Coding::Deflate),
            (&b"not compressed at all"[..], Coding::Brotli),
            (&BROTLI[..4], Coding::Brotli),
        ] {
            let error = decode(chunks(encoded, 100), coding)
                .await
                .expect_err("fails");
            assert!(
                matches!(error, StreamError::LastOperationFailed(_)),
                "{error:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_step_decodes_little_of_what_expands_much() {
        let bomb = gzip(&vec![0; 64 << 20]);
        let mut decoded = Decoded::new(
            chunks(&bomb, bomb.len()),
            Coding::Gzip,
            &Decoders::default(),
            &Arc::default(),
        );
        decoded.ready().await;
        let first = decoded.read(usize::MAX).expect("decodes").len();
        assert!((1..=256 << 10).contains(&first), "{first}");
    }

    #[tokio::test]
    async fn one_decoder_over_the_limit_fails_until_another_ends() {
        let decoders = Decoders::default();
        let chain = Arc::default();
        let new = || Decoded::new(chunks(BROTLI, 100), Coding::Brotli, &decoders, &chain);
        let mut open: Vec<_> = (0..DECODERS_MAX).map(|_| new()).collect();
        assert!(matches!(
            new().read(1),
            Err(StreamError::LastOperationFailed(_))
        ));
        open.pop();
        let mut next = new();
        next.ready().await;
        assert_eq!(next.read(9).expect("decodes"), &b"hello"[..]);
    }

    #[tokio::test]
    async fn the_window_counts_against_the_request_while_it_is_there() {
        // As above, with a window of 16 MiB (RFC 7932 9.1).
        const LARGE: &[u8] = &[0x0f, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];
        let (decoders, chain) = (Decoders::default(), Arc::<Chain>::default());
        let new = || Decoded::new(chunks(LARGE, 2), Coding::Brotli, &decoders, &chain);
        let mut open = Vec::new();
        for _ in 0..4 {
            let mut decoded = new();
            // The first chunk is empty; the next one begins.
            assert!(!decoded.advance());
            assert!(!decoded.advance());
            open.push(decoded);
        }
        let mut one_more = new();
        one_more.ready().await;
        let error = one_more.read(1).expect_err("no room");
        assert!(matches!(error, StreamError::LastOperationFailed(_)));
        open.pop();
        let mut next = new();
        next.ready().await;
        assert_eq!(next.read(1).expect("decodes"), &b"h"[..]);
    }
}
