//! Hashes, HMAC, AES and key derivation, by RustCrypto. Parameters are checked by the prelude's `SubtleCrypto`; what is wrong here is
//! an `OperationError`.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::typenum::{U12, U16};
use aes::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use crate::js::{Bytes, Ctx, Exception, Func, Object, Result, Text, Value, bytes_value};

const GCM_TAG_BITS: u32 = 128;

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("digest", Func::from(digest))?;
    native.set("hmac", Func::from(hmac))?;
    native.set("timingSafeEqual", Func::from(timing_safe_equal))?;
    native.set("aesEncrypt", Func::from(aes_encrypt))?;
    native.set("aesDecrypt", Func::from(aes_decrypt))?;
    native.set("hkdf", Func::from(hkdf))?;
    native.set("pbkdf2", Func::from(pbkdf2))
}

/// Runs the block with `$hash` as the type of that name; none for an unknown name.
macro_rules! with_hash {
    ($name:expr, $hash:ident => $body:expr) => {
        match $name {
            "SHA-1" => {
                type $hash = Sha1;
                Some($body)
            }
            "SHA-256" => {
                type $hash = Sha256;
                Some($body)
            }
            "SHA-384" => {
                type $hash = Sha384;
                Some($body)
            }
            "SHA-512" => {
                type $hash = Sha512;
                Some($body)
            }
            "MD5" => {
                type $hash = Md5;
                Some($body)
            }
            _ => None,
        }
    };
}

fn answer<'js>(ctx: &Ctx<'js>, result: Option<Vec<u8>>) -> Result<Value<'js>> {
    match result {
        Some(bytes) => bytes_value(ctx, &bytes),
        None => Err(Exception::throw_message(ctx, "OperationError")),
    }
}

fn unknown(ctx: &Ctx<'_>, name: &str) -> crate::js::Error {
    Exception::throw_message(ctx, &format!("`{name}` is not a known hash"))
}

fn digest<'js>(ctx: Ctx<'js>, algorithm: Text, data: Bytes<'js>) -> Result<Value<'js>> {
    let hash = with_hash!(algorithm.0.as_str(), H => H::digest(data.as_slice()).to_vec());
    bytes_value(&ctx, &hash.ok_or_else(|| unknown(&ctx, &algorithm.0))?)
}

fn hmac<'js>(ctx: Ctx<'js>, hash: Text, key: Bytes<'js>, data: Bytes<'js>) -> Result<Value<'js>> {
    let mac = with_hash!(hash.0.as_str(), H => {
        <Hmac<H> as Mac>::new_from_slice(key.as_slice()).ok().map(|mac| mac.chain_update(data.as_slice()).finalize().into_bytes().to_vec())
    });
    answer(&ctx, mac.ok_or_else(|| unknown(&ctx, &hash.0))?)
}

fn timing_safe_equal(a: Bytes<'_>, b: Bytes<'_>) -> bool {
    a.as_slice().ct_eq(b.as_slice()).into()
}

fn aes_encrypt<'js>(
    ctx: Ctx<'js>,
    mode: Text,
    key: Bytes<'js>,
    iv: Bytes<'js>,
    data: Bytes<'js>,
    additional: Option<Bytes<'js>>,
    tag_bits: u32,
) -> Result<Value<'js>> {
    let (key, iv, data) = (key.as_slice(), iv.as_slice(), data.as_slice());
    let additional = additional.as_ref().map_or(&[][..], Bytes::as_slice);
    let result = match mode.0.as_str() {
        "AES-GCM" => gcm_encrypt(key, iv, data, additional, tag_bits),
        "AES-CBC" => cbc_encrypt(key, iv, data),
        "AES-CTR" => ctr_apply(key, iv, data),
        _ => None,
    };
    answer(&ctx, result)
}

fn aes_decrypt<'js>(
    ctx: Ctx<'js>,
    mode: Text,
    key: Bytes<'js>,
    iv: Bytes<'js>,
    data: Bytes<'js>,
    additional: Option<Bytes<'js>>,
    tag_bits: u32,
) -> Result<Value<'js>> {
    let (key, iv, data) = (key.as_slice(), iv.as_slice(), data.as_slice());
    let additional = additional.as_ref().map_or(&[][..], Bytes::as_slice);
    let result = match mode.0.as_str() {
        "AES-GCM" => gcm_decrypt(key, iv, data, additional, tag_bits),
        "AES-CBC" => cbc_decrypt(key, iv, data),
        "AES-CTR" => ctr_apply(key, iv, data),
        _ => None,
    };
    answer(&ctx, result)
}

/// Nonces of 12 bytes are the common ones; the crate fixes their length in the type.
macro_rules! gcm {
    ($key:expr, $iv:expr, $call:ident, $payload:expr) => {
        match ($key.len(), $iv.len()) {
            (16, 12) => AesGcm::<Aes128, U12>::new_from_slice($key)
                .ok()?
                .$call($iv.into(), $payload)
                .ok(),
            (32, 12) => AesGcm::<Aes256, U12>::new_from_slice($key)
                .ok()?
                .$call($iv.into(), $payload)
                .ok(),
            (16, 16) => AesGcm::<Aes128, U16>::new_from_slice($key)
                .ok()?
                .$call($iv.into(), $payload)
                .ok(),
            (32, 16) => AesGcm::<Aes256, U16>::new_from_slice($key)
                .ok()?
                .$call($iv.into(), $payload)
                .ok(),
            _ => None,
        }
    };
}

fn gcm_encrypt(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
    additional: &[u8],
    tag_bits: u32,
) -> Option<Vec<u8>> {
    if tag_bits != GCM_TAG_BITS {
        return None;
    }
    gcm!(
        key,
        iv,
        encrypt,
        Payload {
            msg: data,
            aad: additional
        }
    )
}

fn gcm_decrypt(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
    additional: &[u8],
    tag_bits: u32,
) -> Option<Vec<u8>> {
    if tag_bits != GCM_TAG_BITS {
        return None;
    }
    gcm!(
        key,
        iv,
        decrypt,
        Payload {
            msg: data,
            aad: additional
        }
    )
}

/// Runs the block with `$cipher` as AES with keys of that length.
macro_rules! with_aes {
    ($key:expr, $cipher:ident => $body:expr) => {
        match $key.len() {
            16 => {
                type $cipher = Aes128;
                $body
            }
            24 => {
                type $cipher = Aes192;
                $body
            }
            32 => {
                type $cipher = Aes256;
                $body
            }
            _ => None,
        }
    };
}

fn cbc_encrypt(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    with_aes!(key, A => Some(cbc::Encryptor::<A>::new_from_slices(key, iv).ok()?.encrypt_padded_vec_mut::<Pkcs7>(data)))
}

fn cbc_decrypt(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    with_aes!(key, A => cbc::Decryptor::<A>::new_from_slices(key, iv).ok()?.decrypt_padded_vec_mut::<Pkcs7>(data).ok())
}

/// The whole block is the counter. Encrypting and decrypting are the same.
fn ctr_apply(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut out = data.to_vec();
    with_aes!(key, A => ctr::Ctr128BE::<A>::new_from_slices(key, iv).ok()?.try_apply_keystream(&mut out).ok())?;
    Some(out)
}

fn hkdf<'js>(
    ctx: Ctx<'js>,
    hash: Text,
    key: Bytes<'js>,
    salt: Bytes<'js>,
    info: Bytes<'js>,
    length: usize,
) -> Result<Value<'js>> {
    let derived = with_hash!(hash.0.as_str(), H => {
        let mut out = vec![0; length];
        hkdf::SimpleHkdf::<H>::new(Some(salt.as_slice()), key.as_slice()).expand(info.as_slice(), &mut out).ok().map(|()| out)
    });
    answer(&ctx, derived.ok_or_else(|| unknown(&ctx, &hash.0))?)
}

fn pbkdf2<'js>(
    ctx: Ctx<'js>,
    hash: Text,
    password: Bytes<'js>,
    salt: Bytes<'js>,
    iterations: u32,
    length: usize,
) -> Result<Value<'js>> {
    let derived = with_hash!(hash.0.as_str(), H => {
        let mut out = vec![0; length];
        pbkdf2::pbkdf2::<Hmac<H>>(password.as_slice(), salt.as_slice(), iterations, &mut out).ok().map(|()| out)
    });
    answer(&ctx, derived.ok_or_else(|| unknown(&ctx, &hash.0))?)
}
