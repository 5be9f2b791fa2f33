//! Modes of AES, a chunk at a time, and in one call.

use subtle::ConstantTimeEq;

use super::aes::{self, Aes, BLOCK_BYTES, Block, Counter, xor};
use super::gcm::Gcm;

/// RFC 3394 2.2.3.1.
const WRAP_CHECK: [u8; 8] = [0xa6; 8];

pub struct Cipher {
    aes: Box<dyn Aes>,
    encrypt: bool,
    mode: Mode,
}

enum Mode {
    /// With the last block of cipher text, for CBC, and what does not fill a block yet.
    Blocks(Option<Block>, Vec<u8>),
    Counter(Counter),
    Gcm(Option<Box<Gcm>>, Option<Block>),
}

impl Cipher {
    /// None where the key or the vector has the wrong length.
    pub fn new(mode: &str, encrypt: bool, key: &[u8], iv: &[u8]) -> Option<Self> {
        let aes = aes::new(key)?;
        let mode = match mode {
            "ECB" if iv.is_empty() => Mode::Blocks(None, Vec::new()),
            "CBC" => Mode::Blocks(Some(iv.try_into().ok()?), Vec::new()),
            "CTR" => Mode::Counter(Counter::new(iv.try_into().ok()?, 128)),
            "GCM" => Mode::Gcm(Some(Box::new(Gcm::new(&*aes, iv)?)), None),
            _ => return None,
        };
        Some(Self { aes, encrypt, mode })
    }

    pub fn additional(&mut self, data: &[u8]) {
        if let Mode::Gcm(Some(gcm), _) = &mut self.mode {
            gcm.additional(data);
        }
    }

    pub fn update(&mut self, data: &[u8]) -> Vec<u8> {
        let mut out = data.to_vec();
        match &mut self.mode {
            Mode::Counter(counter) => counter.apply(&*self.aes, &mut out),
            Mode::Gcm(Some(gcm), _) => gcm.update(&*self.aes, self.encrypt, &mut out),
            Mode::Gcm(None, _) => out.clear(),
            Mode::Blocks(chain, rest) => {
                rest.append(&mut out);
                // The last block of cipher text may be padding.
                let keep = usize::from(!self.encrypt);
                let whole = rest.len().saturating_sub(keep) / BLOCK_BYTES * BLOCK_BYTES;
                out = rest.drain(..whole).collect();
                run_blocks(&*self.aes, self.encrypt, chain, &mut out);
            }
        }
        out
    }

    /// None where what is left is no whole block, the padding is wrong, or the tag.
    pub fn finish(&mut self, padding: bool, tag: Option<&[u8]>) -> Option<Vec<u8>> {
        match &mut self.mode {
            Mode::Counter(_) => Some(Vec::new()),
            Mode::Gcm(gcm, made) => {
                let found = gcm.take()?.tag();
                *made = Some(found);
                if self.encrypt {
                    return Some(Vec::new());
                }
                let tag = tag.filter(|tag| !tag.is_empty() && tag.len() <= BLOCK_BYTES)?;
                bool::from(found[..tag.len()].ct_eq(tag)).then(Vec::new)
            }
            Mode::Blocks(chain, rest) => {
                let mut last = std::mem::take(rest);
                if self.encrypt && padding {
                    let missing = BLOCK_BYTES - last.len() % BLOCK_BYTES;
                    last.resize(last.len() + missing, missing as u8);
                }
                if last.len() % BLOCK_BYTES != 0 {
                    return None;
                }
                run_blocks(&*self.aes, self.encrypt, chain, &mut last);
                if !self.encrypt && padding {
                    unpad(&mut last)?;
                }
                Some(last)
            }
        }
    }

    /// Of GCM, after the end.
    pub fn tag(&self) -> Option<Block> {
        match self.mode {
            Mode::Gcm(_, tag) => tag,
            _ => None,
        }
    }
}

/// ECB, or CBC where there is a chain.
fn run_blocks(aes: &dyn Aes, encrypt: bool, chain: &mut Option<Block>, data: &mut [u8]) {
    let Some(chain) = chain else {
        if encrypt {
            aes.encrypt(data);
        } else {
            aes.decrypt(data);
        }
        return;
    };
    if encrypt {
        for block in data.chunks_exact_mut(BLOCK_BYTES) {
            xor(block, chain);
            aes.encrypt(block);
            chain.copy_from_slice(block);
        }
        return;
    }
    let text = data.to_vec();
    aes.decrypt(data);
    for (block, cipher) in data
        .chunks_exact_mut(BLOCK_BYTES)
        .zip(text.chunks_exact(BLOCK_BYTES))
    {
        xor(block, chain);
        chain.copy_from_slice(cipher);
    }
}

/// PKCS #7 (RFC 5652 6.3).
fn unpad(data: &mut Vec<u8>) -> Option<()> {
    let count = usize::from(*data.last()?);
    if count == 0 || count > BLOCK_BYTES || count > data.len() {
        return None;
    }
    let text = data.len() - count;
    if data[text..].iter().any(|byte| usize::from(*byte) != count) {
        return None;
    }
    data.truncate(text);
    Some(())
}

/// In one call; `bits` are those of the tag, or of the counter.
pub fn whole(
    mode: &str,
    encrypt: bool,
    key: &[u8],
    iv: &[u8],
    data: &[u8],
    additional: &[u8],
    bits: u32,
) -> Option<Vec<u8>> {
    match mode {
        "AES-GCM" => gcm(encrypt, key, iv, data, additional, bits),
        "AES-CBC" => cbc(encrypt, key, iv, data),
        "AES-CTR" => ctr(key, iv, data, bits),
        "AES-KW" => wrap(encrypt, key, data),
        _ => None,
    }
}

/// The tag follows the text.
fn gcm(
    encrypt: bool,
    key: &[u8],
    iv: &[u8],
    data: &[u8],
    additional: &[u8],
    tag_bits: u32,
) -> Option<Vec<u8>> {
    let tag_bytes = tag_bits as usize / 8;
    if tag_bytes == 0 || tag_bytes > BLOCK_BYTES {
        return None;
    }
    let text = if encrypt {
        data.len()
    } else {
        data.len().checked_sub(tag_bytes)?
    };
    let (data, tag) = data.split_at(text);
    let mut cipher = Cipher::new("GCM", encrypt, key, iv)?;
    cipher.additional(additional);
    let mut out = cipher.update(data);
    cipher.finish(false, Some(tag))?;
    if encrypt {
        out.extend_from_slice(&cipher.tag()?[..tag_bytes]);
    }
    Some(out)
}

fn cbc(encrypt: bool, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut cipher = Cipher::new("CBC", encrypt, key, iv)?;
    let mut out = cipher.update(data);
    out.append(&mut cipher.finish(true, None)?);
    Some(out)
}

/// None where the data has more blocks than the counter has values.
fn ctr(key: &[u8], iv: &[u8], data: &[u8], counter_bits: u32) -> Option<Vec<u8>> {
    let blocks = data.len().div_ceil(BLOCK_BYTES) as u64;
    let too_long = counter_bits < u64::BITS && blocks > 1 << counter_bits;
    if !(1..=u128::BITS).contains(&counter_bits) || too_long {
        return None;
    }
    let aes = aes::new(key)?;
    let mut out = data.to_vec();
    Counter::new(iv.try_into().ok()?, counter_bits).apply(&*aes, &mut out);
    Some(out)
}

/// AES Key Wrap (RFC 3394 2.2).
fn wrap(encrypt: bool, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let aes = aes::new(key)?;
    if encrypt {
        wrap_key(&*aes, data)
    } else {
        unwrap_key(&*aes, data)
    }
}

fn wrap_key(aes: &dyn Aes, data: &[u8]) -> Option<Vec<u8>> {
    if data.len() < 16 || data.len() % 8 != 0 {
        return None;
    }
    let mut check = WRAP_CHECK;
    let mut rest = data.to_vec();
    let mut step = 0u64;
    for _ in 0..6 {
        for part in rest.chunks_exact_mut(8) {
            step += 1;
            let mut block = [0; BLOCK_BYTES];
            block[..8].copy_from_slice(&check);
            block[8..].copy_from_slice(part);
            aes.encrypt(&mut block);
            xor(&mut block[..8], &step.to_be_bytes());
            check.copy_from_slice(&block[..8]);
            part.copy_from_slice(&block[8..]);
        }
    }
    Some([&check, &rest[..]].concat())
}

fn unwrap_key(aes: &dyn Aes, data: &[u8]) -> Option<Vec<u8>> {
    if data.len() < 24 || data.len() % 8 != 0 {
        return None;
    }
    let (head, tail) = data.split_at(8);
    let mut check: [u8; 8] = head.try_into().ok()?;
    let mut rest = tail.to_vec();
    let mut step = 6 * (rest.len() / 8) as u64;
    for _ in 0..6 {
        for part in rest.chunks_exact_mut(8).rev() {
            xor(&mut check, &step.to_be_bytes());
            let mut block = [0; BLOCK_BYTES];
            block[..8].copy_from_slice(&check);
            block[8..].copy_from_slice(part);
            aes.decrypt(&mut block);
            check.copy_from_slice(&block[..8]);
            part.copy_from_slice(&block[8..]);
            step -= 1;
        }
    }
    bool::from(check.ct_eq(&WRAP_CHECK)).then_some(rest)
}
