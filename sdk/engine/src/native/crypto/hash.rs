//! Hash functions by their names, and what is made of them: HMAC (RFC 2104), HKDF (RFC 5869) and, where there is no host for it, PBKDF2.

use sha2::digest::{Digest, DynDigest};

/// A hash under way; keyed, it is HMAC.
#[derive(Clone)]
pub struct Hash {
    digest: Box<dyn DynDigest>,
    /// The outer hash of HMAC, which has read its padded key.
    outer: Option<Box<dyn DynDigest>>,
}

impl Hash {
    /// None for an unknown name.
    pub fn new(name: &str) -> Option<Self> {
        let (digest, _) = start(name)?;
        Some(Self {
            digest,
            outer: None,
        })
    }

    pub fn keyed(name: &str, key: &[u8]) -> Option<Self> {
        let (mut digest, block_bytes) = start(name)?;
        let mut block = if key.len() > block_bytes {
            digest.update(key);
            digest.finalize_reset().into_vec()
        } else {
            key.to_vec()
        };
        block.resize(block_bytes, 0);
        let padded = |pad: u8| block.iter().map(|byte| byte ^ pad).collect::<Vec<_>>();
        let mut outer = digest.box_clone();
        digest.update(&padded(0x36));
        outer.update(&padded(0x5c));
        Some(Self {
            digest,
            outer: Some(outer),
        })
    }

    pub fn update(&mut self, data: &[u8]) {
        self.digest.update(data);
    }

    pub fn finish(self) -> Box<[u8]> {
        let inner = self.digest.finalize();
        match self.outer {
            None => inner,
            Some(mut outer) => {
                outer.update(&inner);
                outer.finalize()
            }
        }
    }
}

/// The hash function and the length of its block in bytes.
fn start(name: &str) -> Option<(Box<dyn DynDigest>, usize)> {
    Some(match name {
        "MD5" => (Box::new(md5::Md5::new()), 64),
        "RIPEMD-160" => (Box::new(ripemd::Ripemd160::new()), 64),
        "SHA-1" => (Box::new(sha1::Sha1::new()), 64),
        "SHA-224" => (Box::new(sha2::Sha224::new()), 64),
        "SHA-256" => (Box::new(sha2::Sha256::new()), 64),
        "SHA-384" => (Box::new(sha2::Sha384::new()), 128),
        "SHA-512" => (Box::new(sha2::Sha512::new()), 128),
        "SHA3-256" => (Box::new(sha3::Sha3_256::new()), 136),
        "SHA3-384" => (Box::new(sha3::Sha3_384::new()), 104),
        "SHA3-512" => (Box::new(sha3::Sha3_512::new()), 72),
        _ => return None,
    })
}

/// None for an unknown hash, and for more than 255 blocks of it.
pub fn hkdf(name: &str, key: &[u8], salt: &[u8], info: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut extract = Hash::keyed(name, salt)?;
    extract.update(key);
    let expand = Hash::keyed(name, &extract.finish())?;
    let mut out = Vec::with_capacity(length);
    let mut block = Box::default();
    let mut counter = 0u8;
    while out.len() < length {
        counter = counter.checked_add(1)?;
        let mut next = expand.clone();
        next.update(&block);
        next.update(info);
        next.update(&[counter]);
        block = next.finish();
        out.extend_from_slice(&block);
    }
    out.truncate(length);
    Some(out)
}

/// RFC 8018 5.2.
#[cfg(feature = "standalone")]
pub fn pbkdf2(
    name: &str,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Option<Vec<u8>> {
    let keyed = Hash::keyed(name, password)?;
    let once = |data: &[&[u8]]| {
        let mut hash = keyed.clone();
        data.iter().for_each(|part| hash.update(part));
        hash.finish()
    };
    let mut out = Vec::with_capacity(length);
    let mut index = 0u32;
    while out.len() < length {
        index = index.checked_add(1)?;
        let mut last = once(&[salt, &index.to_be_bytes()]);
        let mut block = last.clone();
        for _ in 1..iterations {
            last = once(&[&last]);
            block
                .iter_mut()
                .zip(&last)
                .for_each(|(sum, byte)| *sum ^= byte);
        }
        out.extend_from_slice(&block);
    }
    out.truncate(length);
    Some(out)
}
