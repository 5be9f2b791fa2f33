//! Private keys under a passphrase: as PKCS #8 (RFC 5958 3), and as PEM with `DEK-Info` (RFC 1421 4.6.1.3).

use std::ptr;

use aws_lc_sys as lc;

use crate::derive::{ITERATIONS_MAX, pbkdf2};
use crate::handle::{CipherContext, Pkey, reader};
use crate::key::{KEY_BYTES_MAX, check_length, private_der};
use crate::{Hash, Result, data, operation, unsupported};

/// A salt, a vector and names of algorithms stand before the key.
const LOCKED_BYTES_MAX: usize = KEY_BYTES_MAX + 512;
/// As long as OpenSSL and Node.js let one be.
const PASSPHRASE_BYTES_MAX: usize = 1024;
/// What OpenSSL writes.
const ITERATIONS: u32 = 2048;
const SALT_BYTES: usize = 16;
/// The salt of `DEK-Info` is the beginning of its vector.
const PEM_SALT_BYTES: usize = 8;

const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const PSEUDO_RANDOM: [(&[u8], Hash); 5] = [
    (b"\x2a\x86\x48\x86\xf7\x0d\x02\x07", Hash::Sha1),
    (b"\x2a\x86\x48\x86\xf7\x0d\x02\x08", Hash::Sha224),
    (b"\x2a\x86\x48\x86\xf7\x0d\x02\x09", Hash::Sha256),
    (b"\x2a\x86\x48\x86\xf7\x0d\x02\x0a", Hash::Sha384),
    (b"\x2a\x86\x48\x86\xf7\x0d\x02\x0b", Hash::Sha512),
];

/// Of PKCS #12 (RFC 7292 C): RC4 with 128 bits, Triple DES with three keys and RC2 with 40 bits.
const OTHER_SCHEMES: [&[u8]; 3] = [
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x01",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03",
    b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06",
];
/// A cipher of PBES2 that AWS-LC knows.
const RC2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x03\x02";

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const NULL: u8 = 0x05;
const NAME: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// In the mode CBC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    Des,
    TripleDes,
}

const CIPHERS: [(&[u8], Cipher); 4] = [
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x02", Cipher::Aes128),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x16", Cipher::Aes192),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a", Cipher::Aes256),
    (b"\x2a\x86\x48\x86\xf7\x0d\x03\x07", Cipher::TripleDes),
];

impl Cipher {
    fn key_bytes(self) -> usize {
        match self {
            Self::Des => 8,
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
        }
    }

    fn vector_bytes(self) -> usize {
        match self {
            Self::Des | Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }

    /// A static of AWS-LC.
    fn as_ptr(self) -> *const lc::EVP_CIPHER {
        // SAFETY: they take nothing and answer with statics.
        unsafe {
            match self {
                Self::Aes128 => lc::EVP_aes_128_cbc(),
                Self::Aes192 => lc::EVP_aes_192_cbc(),
                Self::Aes256 => lc::EVP_aes_256_cbc(),
                Self::Des => lc::EVP_des_cbc(),
                Self::TripleDes => lc::EVP_des_ede3_cbc(),
            }
        }
    }

    fn run(self, encrypts: bool, key: &[u8], vector: &[u8], text: &[u8]) -> Result<Vec<u8>> {
        if key.len() != self.key_bytes() || vector.len() != self.vector_bytes() {
            return data("a key or a vector of another length");
        }
        let mut out = vec![0; text.len() + self.vector_bytes()];
        let (mut length, mut rest) = (0, 0);
        // SAFETY: the slices are as long as the cipher wants them, the buffer is a block longer than the text, which is short.
        let done = unsafe {
            CipherContext::of(lc::EVP_CIPHER_CTX_new()).is_some_and(|context| {
                let it = context.as_ptr();
                lc::EVP_CipherInit_ex(
                    it,
                    self.as_ptr(),
                    ptr::null_mut(),
                    key.as_ptr(),
                    vector.as_ptr(),
                    i32::from(encrypts),
                ) == 1
                    && lc::EVP_CipherUpdate(
                        it,
                        out.as_mut_ptr(),
                        &mut length,
                        text.as_ptr(),
                        text.len() as i32,
                    ) == 1
                    && lc::EVP_CipherFinal_ex(it, out.as_mut_ptr().add(length as usize), &mut rest)
                        == 1
            })
        };
        out.truncate((length + rest) as usize);
        if done {
            Ok(out)
        } else {
            operation("the passphrase is not the right one")
        }
    }
}

/// PKCS #8 under a passphrase: PBES2 with PBKDF2 (RFC 8018 6.2).
pub fn lock(cipher: Cipher, passphrase: &[u8], der: &[u8]) -> Result<Vec<u8>> {
    check_lengths(passphrase, der)?;
    let Some((name, _)) = CIPHERS.iter().find(|(_, known)| *known == cipher) else {
        return unsupported(format!("PKCS #8 is not encrypted by {cipher:?}"));
    };
    let salt = random(SALT_BYTES)?;
    let vector = random(cipher.vector_bytes())?;
    let key = pbkdf2(
        Hash::Sha256,
        passphrase,
        &salt,
        ITERATIONS,
        cipher.key_bytes(),
    )?;
    let sealed = cipher.run(true, &key, &vector, der)?;
    let hash = tagged(
        SEQUENCE,
        &[&tagged(NAME, &[PSEUDO_RANDOM[2].0]), &[NULL, 0]],
    );
    // A positive number of two bytes.
    let iterations = tagged(INTEGER, &[&ITERATIONS.to_be_bytes()[2..]]);
    let derivation = tagged(SEQUENCE, &[&tagged(OCTETS, &[&salt]), &iterations, &hash]);
    let schemes = tagged(
        SEQUENCE,
        &[
            &tagged(SEQUENCE, &[&tagged(NAME, &[PBKDF2]), &derivation]),
            &tagged(
                SEQUENCE,
                &[&tagged(NAME, &[name]), &tagged(OCTETS, &[&vector])],
            ),
        ],
    );
    let algorithm = tagged(SEQUENCE, &[&tagged(NAME, &[PBES2]), &schemes]);
    Ok(tagged(SEQUENCE, &[&algorithm, &tagged(OCTETS, &[&sealed])]))
}

/// The PKCS #8 in one that is under a passphrase.
pub fn unlock(passphrase: &[u8], der: &[u8]) -> Result<Vec<u8>> {
    check_lengths(passphrase, der)?;
    match Locked::read(der) {
        Some(Locked::Own(scheme)) => scheme.open(passphrase),
        Some(Locked::Other(iterations)) => {
            check_iterations(iterations)?;
            open_other(passphrase, der)
        }
        Some(Locked::Unknown) => {
            unsupported("the scheme that the key is encrypted by is not supported")
        }
        None => data("not a key as encrypted PKCS #8"),
    }
}

/// What stands under `DEK-Info`, whose vector is also the salt. The key is made by one round of MD5, as OpenSSL has always done.
pub fn lock_pem(cipher: Cipher, vector: &[u8], passphrase: &[u8], der: &[u8]) -> Result<Vec<u8>> {
    check_lengths(passphrase, der)?;
    cipher.run(true, &pem_key(cipher, vector, passphrase)?, vector, der)
}

pub fn unlock_pem(cipher: Cipher, vector: &[u8], passphrase: &[u8], der: &[u8]) -> Result<Vec<u8>> {
    check_lengths(passphrase, der)?;
    cipher.run(false, &pem_key(cipher, vector, passphrase)?, vector, der)
}

fn pem_key(cipher: Cipher, vector: &[u8], passphrase: &[u8]) -> Result<Vec<u8>> {
    let Some(salt) = vector.get(..PEM_SALT_BYTES) else {
        return data("a vector of another length");
    };
    let mut key = vec![0; cipher.key_bytes()];
    // SAFETY: the salt has 8 bytes and the buffer the length of the cipher's key; no vector is made.
    let length = unsafe {
        lc::EVP_BytesToKey(
            cipher.as_ptr(),
            Hash::Md5.as_ptr(),
            salt.as_ptr(),
            passphrase.as_ptr(),
            passphrase.len(),
            1,
            key.as_mut_ptr(),
            ptr::null_mut(),
        )
    };
    if usize::try_from(length) == Ok(key.len()) {
        Ok(key)
    } else {
        operation("no key was derived")
    }
}

/// PBES2 with what [`pbkdf2`] and [`Cipher`] do.
struct Scheme<'a> {
    salt: &'a [u8],
    iterations: u32,
    hash: Hash,
    cipher: Cipher,
    vector: &'a [u8],
    sealed: &'a [u8],
}

impl Scheme<'_> {
    fn open(&self, passphrase: &[u8]) -> Result<Vec<u8>> {
        let length = self.cipher.key_bytes();
        let key = pbkdf2(self.hash, passphrase, self.salt, self.iterations, length)?;
        self.cipher.run(false, &key, self.vector, self.sealed)
    }
}

enum Locked<'a> {
    Own(Scheme<'a>),
    /// What AWS-LC knows, with that many iterations.
    Other(u32),
    /// What nobody here knows: scrypt, and schemes of PKCS #5 1.5.
    Unknown,
}

impl<'a> Locked<'a> {
    fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = Der(Der(der).whole(SEQUENCE)?);
        let mut algorithm = Der(outer.take(SEQUENCE)?);
        let sealed = outer.whole(OCTETS)?;
        let name = algorithm.take(NAME)?;
        let mut parameters = Der(algorithm.whole(SEQUENCE)?);
        if OTHER_SCHEMES.contains(&name) {
            parameters.take(OCTETS)?;
            return Some(Self::Other(parameters.number()?));
        }
        if name != PBES2 {
            return Some(Self::Unknown);
        }
        let mut derivation = Der(parameters.take(SEQUENCE)?);
        let mut encryption = Der(parameters.whole(SEQUENCE)?);
        if derivation.take(NAME)? != PBKDF2 {
            return Some(Self::Unknown);
        }
        let mut settings = Der(derivation.whole(SEQUENCE)?);
        let salt = settings.take(OCTETS)?;
        let iterations = settings.number()?;
        let length = settings.starts_with(INTEGER).then(|| settings.number());
        let Some(hash) = settings.pseudo_random()? else {
            return Some(Self::Unknown);
        };
        let name = encryption.take(NAME)?;
        if name == RC2 {
            return Some(Self::Other(iterations));
        }
        let Some((_, cipher)) = CIPHERS.iter().find(|(known, _)| *known == name) else {
            return Some(Self::Unknown);
        };
        let is_long = length.is_none_or(|length| length == Some(cipher.key_bytes() as u32));
        let vector = encryption.whole(OCTETS)?;
        is_long.then_some(Self::Own(Scheme {
            salt,
            iterations,
            hash,
            cipher: *cipher,
            vector,
            sealed,
        }))
    }
}

fn check_iterations(iterations: u32) -> Result<()> {
    if u64::from(iterations) > ITERATIONS_MAX {
        return unsupported(format!(
            "{iterations} rounds are more than the {ITERATIONS_MAX} that one call does"
        ));
    }
    Ok(())
}

fn open_other(passphrase: &[u8], der: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = reader(der);
    // SAFETY: the reader stands on `der`; the answer is new.
    let key = unsafe {
        Pkey::of(lc::PKCS8_parse_encrypted_private_key(
            &mut bytes,
            passphrase.as_ptr().cast(),
            passphrase.len(),
        ))
    };
    match key.as_ref().and_then(private_der) {
        Some(der) => Ok(der),
        None => operation("the passphrase is not the right one"),
    }
}

fn check_lengths(passphrase: &[u8], der: &[u8]) -> Result<()> {
    if passphrase.len() > PASSPHRASE_BYTES_MAX {
        return unsupported(format!(
            "a passphrase has at most {PASSPHRASE_BYTES_MAX} bytes, not {}",
            passphrase.len()
        ));
    }
    check_length(der, LOCKED_BYTES_MAX)
}

fn random(length: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    // SAFETY: the buffer has that length.
    if unsafe { lc::RAND_bytes(bytes.as_mut_ptr(), length) } == 1 {
        Ok(bytes)
    } else {
        operation("no random bytes")
    }
}

/// An element of DER.
fn tagged(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut out = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    out.extend(content);
    out
}

/// Elements of DER that are not read yet.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn starts_with(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// The content of the next element, which has that tag.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (length, rest) = match *self.0.strip_prefix(&[tag])? {
            [length @ 0..=0x7f, ref rest @ ..] => (usize::from(length), rest),
            [0x81, length, ref rest @ ..] => (usize::from(length), rest),
            [0x82, high, low, ref rest @ ..] => (usize::from(high) << 8 | usize::from(low), rest),
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }

    /// The same, of the last element.
    fn whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.take(tag).filter(|_| self.0.is_empty())
    }

    /// One that is not negative and fits.
    fn number(&mut self) -> Option<u32> {
        let bytes = self.take(INTEGER)?;
        let is_short = (1..=5).contains(&bytes.len()) && bytes[0] < 0x80;
        let value = bytes
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte));
        u32::try_from(value).ok().filter(|_| is_short)
    }

    /// The hash that ends the parameters of PBKDF2 (RFC 8018 A.2), if it is a known one.
    fn pseudo_random(&mut self) -> Option<Option<Hash>> {
        if self.0.is_empty() {
            return Some(Some(Hash::Sha1));
        }
        let mut algorithm = Der(self.whole(SEQUENCE)?);
        let name = algorithm.take(NAME)?;
        algorithm.whole(NULL).filter(|content| content.is_empty())?;
        let known = PSEUDO_RANDOM.iter().find(|(known, _)| *known == name);
        Some(known.map(|(_, hash)| *hash))
    }
}
