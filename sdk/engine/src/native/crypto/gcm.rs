//! Galois/Counter Mode (NIST SP 800-38D) with any length of the initialisation vector, a chunk at a time.

use ghash::GHash;
use ghash::universal_hash::{KeyInit, UniversalHash};

use super::aes::{Aes, BLOCK_BYTES, Block, Counter, xor};

/// Bits of the block that count.
const COUNTER_BITS: u32 = 32;

pub struct Gcm {
    counter: Counter,
    /// E(K, J0), which masks the tag.
    mask: Block,
    hash: Hasher,
    additional_bytes: u64,
    text_bytes: u64,
}

impl Gcm {
    /// 7.1, steps 1 to 3. None for an empty vector.
    pub fn new(aes: &dyn Aes, iv: &[u8]) -> Option<Self> {
        let mut key = Block::default();
        aes.encrypt(&mut key);
        let hash = Hasher::new(&key);
        let mut first = Block::default();
        match iv.len() {
            0 => return None,
            12 => {
                first[..12].copy_from_slice(iv);
                first[15] = 1;
            }
            _ => {
                let mut hash = hash.clone();
                hash.update(iv);
                hash.pad();
                hash.update(&[0; 8]);
                hash.update(&(8 * iv.len() as u64).to_be_bytes());
                first = hash.finish();
            }
        }
        let mut counter = Counter::new(first, COUNTER_BITS);
        let mut mask = Block::default();
        counter.apply(aes, &mut mask);
        Some(Self {
            counter,
            mask,
            hash,
            additional_bytes: 0,
            text_bytes: 0,
        })
    }

    pub fn additional(&mut self, data: &[u8]) {
        self.additional_bytes += data.len() as u64;
        self.hash.update(data);
    }

    pub fn update(&mut self, aes: &dyn Aes, encrypt: bool, data: &mut [u8]) {
        if self.text_bytes == 0 {
            self.hash.pad();
        }
        self.text_bytes += data.len() as u64;
        if !encrypt {
            self.hash.update(data);
        }
        self.counter.apply(aes, data);
        if encrypt {
            self.hash.update(data);
        }
    }

    pub fn tag(mut self) -> Block {
        self.hash.pad();
        self.hash.update(&(8 * self.additional_bytes).to_be_bytes());
        self.hash.update(&(8 * self.text_bytes).to_be_bytes());
        let mut tag = self.hash.finish();
        xor(&mut tag, &self.mask);
        tag
    }
}

/// GHASH over chunks of any length.
#[derive(Clone)]
struct Hasher {
    hash: GHash,
    /// Bytes that do not fill a block yet.
    rest: Vec<u8>,
}

impl Hasher {
    fn new(key: &Block) -> Self {
        Self {
            hash: GHash::new(key.into()),
            rest: Vec::new(),
        }
    }

    fn update(&mut self, mut data: &[u8]) {
        if !self.rest.is_empty() {
            let take = data.len().min(BLOCK_BYTES - self.rest.len());
            self.rest.extend_from_slice(&data[..take]);
            data = &data[take..];
            if self.rest.len() < BLOCK_BYTES {
                return;
            }
            self.hash.update_padded(&self.rest);
            self.rest.clear();
        }
        let whole = data.len() - data.len() % BLOCK_BYTES;
        self.hash.update_padded(&data[..whole]);
        self.rest.extend_from_slice(&data[whole..]);
    }

    /// Fills the block with zeros.
    fn pad(&mut self) {
        self.hash.update_padded(&self.rest);
        self.rest.clear();
    }

    fn finish(self) -> Block {
        self.hash.finalize().into()
    }
}
