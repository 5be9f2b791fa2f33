//! New key pairs.

use std::ptr;

use aws_lc_sys as lc;

use crate::handle::{BigNumber, EcKey, Pkey, PkeyContext, RsaKey};
use crate::key::{Kind, of_ec, of_rsa, to_key};
use crate::{Result, curve448, number, operation};

/// Shorter ones are broken; finding the primes of longer ones takes many seconds.
pub const MODULUS_BITS_MIN: u32 = 1024;
pub const MODULUS_BITS_MAX: u32 = 4096;

/// The two exponents in use, as every browser allows them.
const EXPONENTS: [u64; 2] = [3, 65_537];

pub struct Pair {
    /// PKCS #8.
    pub private: Vec<u8>,
    /// SubjectPublicKeyInfo.
    pub public: Vec<u8>,
}

/// Takes up to seconds for RSA.
pub fn generate(kind: Kind, modulus_bits: u32, public_exponent: &[u8]) -> Result<Pair> {
    if curve448::is_of(kind) {
        return curve448::generate(kind);
    }
    let key = match (kind, kind.curve(), kind.raw()) {
        (Kind::Rsa, ..) => rsa(modulus_bits, public_exponent)?,
        (_, Some(curve), _) => ec(curve)?,
        (_, _, Some(raw)) => curve25519(raw)?,
        _ => return operation("a key of an unknown kind"),
    };
    Ok(Pair {
        private: to_key(&key, kind, true)?.der,
        public: to_key(&key, kind, false)?.der,
    })
}

fn rsa(modulus_bits: u32, public_exponent: &[u8]) -> Result<Pkey> {
    if !(MODULUS_BITS_MIN..=MODULUS_BITS_MAX).contains(&modulus_bits)
        || !modulus_bits.is_multiple_of(128)
    {
        return operation(format!(
            "a modulus has {MODULUS_BITS_MIN} to {MODULUS_BITS_MAX} bits, a multiple of 128, not {modulus_bits}"
        ));
    }
    let exponent = number::read(public_exponent)?;
    if !EXPONENTS.iter().any(|known| is(&exponent, *known)) {
        return operation("the public exponent must be 3 or 65537");
    }
    // SAFETY: both are alive; the size fits.
    unsafe {
        match RsaKey::of(lc::RSA_new()) {
            Some(key)
                if lc::RSA_generate_key_ex(
                    key.as_ptr(),
                    modulus_bits as i32,
                    exponent.as_ptr(),
                    ptr::null_mut(),
                ) == 1 =>
            {
                of_rsa(&key)
            }
            _ => operation("no key was found"),
        }
    }
}

fn is(number: &BigNumber, value: u64) -> bool {
    // SAFETY: the number is alive.
    unsafe { lc::BN_is_word(number.as_ptr(), value) == 1 }
}

fn ec(curve: i32) -> Result<Pkey> {
    // SAFETY: the key is alive.
    unsafe {
        match EcKey::of(lc::EC_KEY_new_by_curve_name(curve)) {
            Some(key) if lc::EC_KEY_generate_key(key.as_ptr()) == 1 => of_ec(&key),
            _ => operation("no key was made"),
        }
    }
}

fn curve25519(raw: i32) -> Result<Pkey> {
    let mut key = ptr::null_mut();
    // SAFETY: the context is alive; the key is new.
    let key = unsafe {
        PkeyContext::of(lc::EVP_PKEY_CTX_new_id(raw, ptr::null_mut())).and_then(|context| {
            let done = lc::EVP_PKEY_keygen_init(context.as_ptr()) == 1
                && lc::EVP_PKEY_keygen(context.as_ptr(), &mut key) == 1;
            Pkey::of(key).filter(|_| done)
        })
    };
    match key {
        Some(key) => Ok(key),
        None => operation("no key was made"),
    }
}
