//! The block cipher AES, whatever the length of its key, and its counter mode.

use aes::cipher::generic_array::GenericArray;
use aes::cipher::typenum::U16;
use aes::cipher::{BlockDecrypt, BlockEncrypt, BlockSizeUser, KeyInit};

pub const BLOCK_BYTES: usize = 16;
/// The cipher works on several blocks at once.
const BATCH_BLOCKS: usize = 8;

pub type Block = [u8; BLOCK_BYTES];

pub trait Aes {
    /// The length is a multiple of a block's.
    fn encrypt(&self, blocks: &mut [u8]);
    fn decrypt(&self, blocks: &mut [u8]);
}

impl<A: BlockEncrypt + BlockDecrypt + BlockSizeUser<BlockSize = U16>> Aes for A {
    fn encrypt(&self, blocks: &mut [u8]) {
        for batch in blocks.chunks_mut(BATCH_BLOCKS * BLOCK_BYTES) {
            in_batch(batch, |batch| self.encrypt_blocks(batch));
        }
    }

    fn decrypt(&self, blocks: &mut [u8]) {
        for batch in blocks.chunks_mut(BATCH_BLOCKS * BLOCK_BYTES) {
            in_batch(batch, |batch| self.decrypt_blocks(batch));
        }
    }
}

fn in_batch(bytes: &mut [u8], apply: impl FnOnce(&mut [GenericArray<u8, U16>])) {
    let mut batch = [GenericArray::default(); BATCH_BLOCKS];
    let count = bytes.len() / BLOCK_BYTES;
    for (block, part) in batch.iter_mut().zip(bytes.chunks_exact(BLOCK_BYTES)) {
        block.copy_from_slice(part);
    }
    apply(&mut batch[..count]);
    for (block, part) in batch.iter().zip(bytes.chunks_exact_mut(BLOCK_BYTES)) {
        part.copy_from_slice(block);
    }
}

/// None where the key has not 16, 24 or 32 bytes.
pub fn new(key: &[u8]) -> Option<Box<dyn Aes>> {
    Some(match key.len() {
        16 => Box::new(aes::Aes128::new_from_slice(key).ok()?),
        24 => Box::new(aes::Aes192::new_from_slice(key).ok()?),
        32 => Box::new(aes::Aes256::new_from_slice(key).ok()?),
        _ => return None,
    })
}

/// Counter mode (NIST SP 800-38A 6.5) over the last bits of the block; they wrap without a carry into the others.
pub struct Counter {
    nonce: u128,
    count: u128,
    mask: u128,
    /// Of the last block, what was not used yet.
    rest: Vec<u8>,
}

impl Counter {
    /// `bits` is 1 to 128.
    pub fn new(block: Block, bits: u32) -> Self {
        let block = u128::from_be_bytes(block);
        let mask = u128::MAX >> (128 - bits);
        Self {
            nonce: block & !mask,
            count: block & mask,
            mask,
            rest: Vec::new(),
        }
    }

    pub fn apply(&mut self, aes: &dyn Aes, data: &mut [u8]) {
        let used = self.rest.len().min(data.len());
        let (head, tail) = data.split_at_mut(used);
        xor(head, &self.rest);
        self.rest.drain(..used);
        for part in tail.chunks_mut(BATCH_BLOCKS * BLOCK_BYTES) {
            let mut stream = [0; BATCH_BLOCKS * BLOCK_BYTES];
            let blocks = part.len().div_ceil(BLOCK_BYTES);
            let stream = &mut stream[..blocks * BLOCK_BYTES];
            for block in stream.chunks_exact_mut(BLOCK_BYTES) {
                block.copy_from_slice(&(self.nonce | self.count).to_be_bytes());
                self.count = self.count.wrapping_add(1) & self.mask;
            }
            aes.encrypt(stream);
            xor(part, stream);
            self.rest = stream[part.len()..].to_vec();
        }
    }
}

pub fn xor(data: &mut [u8], with: &[u8]) {
    data.iter_mut().zip(with).for_each(|(to, from)| *to ^= from);
}
