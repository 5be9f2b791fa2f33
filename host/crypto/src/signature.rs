//! Signatures. What is signed is a digest, so that a message never crosses to the host, but for Ed25519 and Ed448, which read it twice.

use std::ptr;

use aws_lc_sys as lc;

use crate::handle::{DigestContext, EcdsaSignature, Pkey, PkeyContext, taken};
use crate::key::{Kind, kind_of, private, public};
use crate::{Hash, Result, curve448, data, number, operation, parts, unsupported};

/// Longest message for Ed25519 and Ed448.
const MESSAGE_BYTES_MAX: usize = 32 << 20;
/// Longest salt: no modulus has room for more.
const SALT_BYTES_MAX: u32 = 1024;
/// As the length of a salt: the longest that fits to sign, and whichever the signature has to verify (RSA_PSS_SALTLEN_AUTO of OpenSSL).
pub const SALT_AUTO: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    RsaPkcs1(Hash),
    /// With the length of the salt in bytes, or [`SALT_AUTO`].
    RsaPss(Hash, u32),
    /// r and s, each as long as the curve's order (IEEE P1363).
    Ecdsa,
    EcdsaDer,
    Ed25519,
    Ed448,
}

pub fn sign(scheme: Scheme, key: &[u8], message: &[u8]) -> Result<Vec<u8>> {
    if scheme == Scheme::Ed448 {
        check_message(message)?;
        return curve448::sign(key, message);
    }
    let key = private(key)?;
    let kind = check(scheme, &key, message)?;
    let signature = match scheme {
        Scheme::RsaPkcs1(hash) => sign_rsa(&key, hash, None, message),
        Scheme::RsaPss(hash, salt) => sign_rsa(&key, hash, Some(salt), message),
        Scheme::Ecdsa => ecdsa(&key, message).and_then(|signature| pair_of(&signature, kind)),
        Scheme::EcdsaDer => ecdsa(&key, message).and_then(|signature| der_of(&signature)),
        Scheme::Ed25519 => sign_ed25519(&key, message),
        Scheme::Ed448 => None,
    };
    match signature {
        Some(signature) => Ok(signature),
        None => operation("the data cannot be signed with this key"),
    }
}

/// A malformed signature is a wrong one.
pub fn verify(scheme: Scheme, key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
    if scheme == Scheme::Ed448 {
        check_message(message)?;
        return curve448::verify(key, message, signature);
    }
    let key = public(key)?;
    let kind = check(scheme, &key, message)?;
    let right = match scheme {
        Scheme::RsaPkcs1(hash) => verify_rsa(&key, hash, None, message, signature),
        Scheme::RsaPss(hash, salt) => verify_rsa(&key, hash, Some(salt), message, signature),
        Scheme::Ecdsa => {
            of_pair(signature, kind).is_some_and(|it| verify_ecdsa(&key, message, &it))
        }
        Scheme::EcdsaDer => of_der(signature).is_some_and(|it| verify_ecdsa(&key, message, &it)),
        Scheme::Ed25519 => verify_ed25519(&key, message, signature),
        Scheme::Ed448 => false,
    };
    crate::handle::forget_errors();
    Ok(right)
}

fn check(scheme: Scheme, key: &Pkey, message: &[u8]) -> Result<Kind> {
    let kind = kind_of(key)?;
    let fits = match scheme {
        Scheme::RsaPkcs1(_) | Scheme::RsaPss(..) => kind == Kind::Rsa,
        Scheme::Ecdsa | Scheme::EcdsaDer => kind.curve().is_some(),
        Scheme::Ed25519 => kind == Kind::Ed25519,
        Scheme::Ed448 => kind == Kind::Ed448,
    };
    if !fits {
        return data(format!(
            "a key of kind {kind:?} does not sign as {scheme:?}"
        ));
    }
    check_message(message)?;
    Ok(kind)
}

fn check_message(message: &[u8]) -> Result<()> {
    if message.len() > MESSAGE_BYTES_MAX {
        return unsupported(format!(
            "a message of {} bytes is longer than {MESSAGE_BYTES_MAX} bytes",
            message.len()
        ));
    }
    Ok(())
}

/// A context ready to sign or verify with RSA: PSS where there is a length of the salt.
fn rsa_context(
    key: &Pkey,
    hash: Hash,
    salt: Option<u32>,
    init: unsafe extern "C" fn(*mut lc::EVP_PKEY_CTX) -> i32,
) -> Option<PkeyContext> {
    let salt = match salt {
        None => None,
        Some(SALT_AUTO) => Some(lc::RSA_PSS_SALTLEN_AUTO),
        Some(length) if length > SALT_BYTES_MAX => return None,
        Some(length) => Some(length as i32),
    };
    // SAFETY: all are alive.
    unsafe {
        let context = PkeyContext::of(lc::EVP_PKEY_CTX_new(key.as_ptr(), ptr::null_mut()))?;
        let it = context.as_ptr();
        let ready = init(it) == 1
            && match salt {
                None => lc::EVP_PKEY_CTX_set_rsa_padding(it, lc::RSA_PKCS1_PADDING) == 1,
                Some(length) => {
                    lc::EVP_PKEY_CTX_set_rsa_padding(it, lc::RSA_PKCS1_PSS_PADDING) == 1
                        && lc::EVP_PKEY_CTX_set_rsa_pss_saltlen(it, length) == 1
                }
            }
            && lc::EVP_PKEY_CTX_set_signature_md(it, hash.as_ptr()) == 1;
        ready.then_some(context)
    }
}

fn sign_rsa(key: &Pkey, hash: Hash, salt: Option<u32>, digest: &[u8]) -> Option<Vec<u8>> {
    let context = rsa_context(key, hash, salt, lc::EVP_PKEY_sign_init)?;
    // SAFETY: the buffer has the length that the first call answers.
    unsafe {
        let mut signature = vec![0; lc::EVP_PKEY_size(key.as_ptr()) as usize];
        let mut length = signature.len();
        let done = lc::EVP_PKEY_sign(
            context.as_ptr(),
            signature.as_mut_ptr(),
            &mut length,
            digest.as_ptr(),
            digest.len(),
        );
        signature.truncate(length);
        (done == 1).then_some(signature)
    }
}

fn verify_rsa(key: &Pkey, hash: Hash, salt: Option<u32>, digest: &[u8], signature: &[u8]) -> bool {
    let Some(context) = rsa_context(key, hash, salt, lc::EVP_PKEY_verify_init) else {
        return false;
    };
    // SAFETY: it reads both slices.
    let right = unsafe {
        lc::EVP_PKEY_verify(
            context.as_ptr(),
            signature.as_ptr(),
            signature.len(),
            digest.as_ptr(),
            digest.len(),
        )
    };
    right == 1
}

fn ecdsa(key: &Pkey, digest: &[u8]) -> Option<EcdsaSignature> {
    // SAFETY: the key is of a curve; it reads the slice; the answer is new.
    unsafe {
        let key = lc::EVP_PKEY_get0_EC_KEY(key.as_ptr());
        EcdsaSignature::of(lc::ECDSA_do_sign(digest.as_ptr(), digest.len(), key))
    }
}

fn verify_ecdsa(key: &Pkey, digest: &[u8], signature: &EcdsaSignature) -> bool {
    // SAFETY: the key is of a curve; it reads the slice.
    unsafe {
        let key = lc::EVP_PKEY_get0_EC_KEY(key.as_ptr());
        lc::ECDSA_do_verify(digest.as_ptr(), digest.len(), signature.as_ptr(), key) == 1
    }
}

fn pair_of(signature: &EcdsaSignature, kind: Kind) -> Option<Vec<u8>> {
    let (mut r, mut s) = (ptr::null(), ptr::null());
    let length = kind.bytes()?;
    // SAFETY: the numbers live as long as the signature.
    unsafe {
        lc::ECDSA_SIG_get0(signature.as_ptr(), &mut r, &mut s);
        let r = number::write_padded(r, length)?;
        Some([r, number::write_padded(s, length)?].concat())
    }
}

fn of_pair(bytes: &[u8], kind: Kind) -> Option<EcdsaSignature> {
    let length = kind.bytes()?;
    if bytes.len() != 2 * length {
        return None;
    }
    let (r, s) = bytes.split_at(length);
    let (r, s) = (number::read(r).ok()?, number::read(s).ok()?);
    // SAFETY: the signature takes the numbers over, and only where it says so.
    unsafe {
        let signature = EcdsaSignature::of(lc::ECDSA_SIG_new())?;
        if lc::ECDSA_SIG_set0(signature.as_ptr(), r.as_ptr(), s.as_ptr()) != 1 {
            return None;
        }
        std::mem::forget((r, s));
        Some(signature)
    }
}

fn der_of(signature: &EcdsaSignature) -> Option<Vec<u8>> {
    let (mut bytes, mut length) = (ptr::null_mut(), 0);
    // SAFETY: the signature is alive; the buffer is this function's.
    unsafe {
        let done = lc::ECDSA_SIG_to_bytes(&mut bytes, &mut length, signature.as_ptr());
        (done == 1).then(|| taken(bytes, length))
    }
}

fn of_der(bytes: &[u8]) -> Option<EcdsaSignature> {
    // SAFETY: it reads the slice; the answer is new.
    unsafe { EcdsaSignature::of(lc::ECDSA_SIG_from_bytes(bytes.as_ptr(), bytes.len())) }
}

fn sign_ed25519(key: &Pkey, message: &[u8]) -> Option<Vec<u8>> {
    let mut signature = vec![0; lc::ED25519_SIGNATURE_LEN as usize];
    let mut length = signature.len();
    // SAFETY: all are alive; the buffer has that length.
    unsafe {
        let context = DigestContext::of(lc::EVP_MD_CTX_new())?;
        let none = ptr::null_mut();
        let done = lc::EVP_DigestSignInit(
            context.as_ptr(),
            none,
            ptr::null(),
            ptr::null_mut(),
            key.as_ptr(),
        ) == 1
            && lc::EVP_DigestSign(
                context.as_ptr(),
                signature.as_mut_ptr(),
                &mut length,
                message.as_ptr(),
                message.len(),
            ) == 1;
        done.then_some(signature)
    }
}

/// Encodings of the points of Ed25519 whose order divides 8, canonical or not, without the sign of x.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    little_endian(1, 0, 0),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    // p - 1, p, p + 1.
    little_endian(0xec, 0xff, 0x7f),
    little_endian(0xed, 0xff, 0x7f),
    little_endian(0xee, 0xff, 0x7f),
];

const fn little_endian(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

fn has_small_order(point: &[u8]) -> bool {
    let mut point = point.to_vec();
    if let Some(last) = point.last_mut() {
        *last &= 0x7f;
    }
    SMALL_ORDER.iter().any(|small| *small == point[..])
}

/// Web Cryptography 25.4.2: a key or a commitment of small order makes any signature wrong; RFC 8032 leaves that open.
fn is_forgeable(key: &Pkey, signature: &[u8]) -> bool {
    let public = parts::raw_of(key, lc::EVP_PKEY_get_raw_public_key);
    let commitment = signature.get(..32);
    public.is_none_or(|key| has_small_order(&key)) || commitment.is_none_or(has_small_order)
}

fn verify_ed25519(key: &Pkey, message: &[u8], signature: &[u8]) -> bool {
    if is_forgeable(key, signature) {
        return false;
    }
    // SAFETY: all are alive; it reads both slices.
    unsafe {
        DigestContext::of(lc::EVP_MD_CTX_new()).is_some_and(|context| {
            let none = ptr::null_mut();
            lc::EVP_DigestVerifyInit(
                context.as_ptr(),
                none,
                ptr::null(),
                ptr::null_mut(),
                key.as_ptr(),
            ) == 1
                && lc::EVP_DigestVerify(
                    context.as_ptr(),
                    signature.as_ptr(),
                    signature.len(),
                    message.as_ptr(),
                    message.len(),
                ) == 1
        })
    }
}
