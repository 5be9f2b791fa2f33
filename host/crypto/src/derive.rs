//! Secrets from other secrets.

use std::ptr;

use aws_lc_sys as lc;

use crate::handle::PkeyContext;
use crate::key::{kind_of, private, public};
use crate::{Hash, Result, curve448, operation, unsupported};

/// Rounds of PBKDF2 in one call, over all blocks of the answer: about two seconds.
pub const ITERATIONS_MAX: u64 = 4_000_000;
/// Memory that one call of scrypt may take: twice what Node allows by default.
pub const SCRYPT_MEMORY_BYTES_MAX: u64 = 64 << 20;
/// What one call of scrypt may mix, over all its lanes: about two seconds.
const SCRYPT_MIXED_BYTES_MAX: u64 = 512 << 20;
const SECRET_BYTES_MAX: usize = 1 << 20;

/// ECDH (SEC 1 3.3.1), X25519 or X448 (RFC 7748 6). A secret of zeros alone is refused.
pub fn shared_secret(private_key: &[u8], public_key: &[u8]) -> Result<Vec<u8>> {
    if curve448::kind_of(private_key).is_some() {
        return curve448::shared_secret(private_key, public_key);
    }
    let (own, other) = (private(private_key)?, public(public_key)?);
    let (kind, other_kind) = (kind_of(&own)?, kind_of(&other)?);
    let Some(length) = kind.bytes().filter(|_| kind == other_kind) else {
        return operation(format!(
            "keys of kinds {kind:?} and {other_kind:?} share no secret"
        ));
    };
    let mut secret = vec![0; length];
    let mut written = length;
    // SAFETY: all are alive; the buffer has that length.
    let done = unsafe {
        PkeyContext::of(lc::EVP_PKEY_CTX_new(own.as_ptr(), ptr::null_mut())).is_some_and(
            |context| {
                lc::EVP_PKEY_derive_init(context.as_ptr()) == 1
                    && lc::EVP_PKEY_derive_set_peer(context.as_ptr(), other.as_ptr()) == 1
                    && lc::EVP_PKEY_derive(context.as_ptr(), secret.as_mut_ptr(), &mut written) == 1
            },
        )
    };
    if done && written == length {
        Ok(secret)
    } else {
        operation("the keys share no secret")
    }
}

/// RFC 8018 5.2. Takes up to seconds.
pub fn pbkdf2(
    hash: Hash,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Result<Vec<u8>> {
    if iterations == 0 {
        return operation("PBKDF2 needs at least 1 iteration");
    }
    check_lengths(&[password.len(), salt.len(), length])?;
    let rounds = u64::from(iterations) * length.div_ceil(hash.bytes()) as u64;
    if rounds > ITERATIONS_MAX {
        return unsupported(format!(
            "{rounds} rounds of PBKDF2 are more than the {ITERATIONS_MAX} that one call does"
        ));
    }
    let mut out = vec![0; length];
    // SAFETY: it reads the slices and fills the buffer.
    let done = unsafe {
        lc::PKCS5_PBKDF2_HMAC(
            password.as_ptr().cast(),
            password.len(),
            salt.as_ptr(),
            salt.len(),
            iterations,
            hash.as_ptr(),
            length,
            out.as_mut_ptr(),
        )
    };
    if done == 1 {
        Ok(out)
    } else {
        operation("PBKDF2 failed")
    }
}

/// RFC 7914. Takes up to seconds, and [`SCRYPT_MEMORY_BYTES_MAX`].
pub fn scrypt(
    password: &[u8],
    salt: &[u8],
    n: u64,
    r: u32,
    p: u32,
    length: usize,
) -> Result<Vec<u8>> {
    check_lengths(&[password.len(), salt.len(), length])?;
    let memory = n.saturating_mul(128).saturating_mul(r.into());
    if memory > SCRYPT_MEMORY_BYTES_MAX || memory.saturating_mul(p.into()) > SCRYPT_MIXED_BYTES_MAX
    {
        return unsupported(format!(
            "scrypt with N {n}, r {r} and p {p} takes {memory} bytes {p} times; the limits are {SCRYPT_MEMORY_BYTES_MAX} bytes \
             and {SCRYPT_MIXED_BYTES_MAX} bytes over all"
        ));
    }
    let mut out = vec![0; length];
    // SAFETY: it reads the slices and fills the buffer. It needs a little more memory than its table.
    let done = unsafe {
        lc::EVP_PBE_scrypt(
            password.as_ptr().cast(),
            password.len(),
            salt.as_ptr(),
            salt.len(),
            n,
            r.into(),
            p.into(),
            2 * SCRYPT_MEMORY_BYTES_MAX as usize,
            out.as_mut_ptr(),
            length,
        )
    };
    if done == 1 {
        Ok(out)
    } else {
        operation(format!("scrypt does not take N {n}, r {r} and p {p}"))
    }
}

fn check_lengths(lengths: &[usize]) -> Result<()> {
    match lengths.iter().find(|length| **length > SECRET_BYTES_MAX) {
        Some(length) => unsupported(format!(
            "{length} bytes are more than the {SECRET_BYTES_MAX} that one call takes"
        )),
        None => Ok(()),
    }
}
