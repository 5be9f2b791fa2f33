//! Keys: their kinds, and their DER forms.

use std::ptr;

use aws_lc_sys as lc;

use crate::handle::{Certificate, EcKey, Pkey, RsaKey, reader, written};
use crate::{Result, curve448, data, parts};

/// A private key with a modulus of 8192 bits has 4.7 KB: longer ones are not even parsed.
pub(crate) const KEY_BYTES_MAX: usize = 5 << 10;
const CERTIFICATE_BYTES_MAX: usize = 64 << 10;
/// An RSA private key has eight numbers, and no other form has more.
const PARTS_MAX: usize = 8;
/// What an operation with a longer one costs is out of all proportion.
const MODULUS_BITS_MAX: u32 = 8192;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
    X25519,
    Ed448,
    X448,
}

impl Kind {
    fn of(key: &Pkey) -> Option<Self> {
        // SAFETY: the key is alive; an EC key has a group.
        unsafe {
            match lc::EVP_PKEY_id(key.as_ptr()) {
                lc::EVP_PKEY_RSA => Some(Self::Rsa),
                lc::EVP_PKEY_ED25519 => Some(Self::Ed25519),
                lc::EVP_PKEY_X25519 => Some(Self::X25519),
                lc::EVP_PKEY_EC => {
                    let key = lc::EVP_PKEY_get0_EC_KEY(key.as_ptr());
                    match lc::EC_GROUP_get_curve_name(lc::EC_KEY_get0_group(key)) {
                        lc::NID_X9_62_prime256v1 => Some(Self::P256),
                        lc::NID_secp384r1 => Some(Self::P384),
                        lc::NID_secp521r1 => Some(Self::P521),
                        _ => None,
                    }
                }
                _ => None,
            }
        }
    }

    /// The curve's name in AWS-LC; none where the key is not of Weierstrass form.
    pub(crate) fn curve(self) -> Option<i32> {
        match self {
            Self::P256 => Some(lc::NID_X9_62_prime256v1),
            Self::P384 => Some(lc::NID_secp384r1),
            Self::P521 => Some(lc::NID_secp521r1),
            Self::Rsa | Self::Ed25519 | Self::X25519 | Self::Ed448 | Self::X448 => None,
        }
    }

    /// Length of a coordinate, a scalar, or a raw key; none for RSA.
    pub(crate) fn bytes(self) -> Option<usize> {
        match self {
            Self::Rsa => None,
            Self::P256 | Self::Ed25519 | Self::X25519 => Some(32),
            Self::P384 => Some(48),
            Self::P521 => Some(66),
            Self::Ed448 => Some(57),
            Self::X448 => Some(56),
        }
    }

    /// The name of a raw key's type in AWS-LC; none for those that have no such form there.
    pub(crate) fn raw(self) -> Option<i32> {
        match self {
            Self::Ed25519 => Some(lc::EVP_PKEY_ED25519),
            Self::X25519 => Some(lc::EVP_PKEY_X25519),
            Self::Rsa | Self::P256 | Self::P384 | Self::P521 | Self::Ed448 | Self::X448 => None,
        }
    }
}

/// How a key is written: see `wit/crypto.wit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Pkcs8,
    Spki,
    Sec1,
    Pkcs1,
    Pkcs1Public,
    X509,
    Raw,
    RawCompressed,
    RawPrivate,
    Parts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub kind: Kind,
    pub is_private: bool,
    /// PKCS #8 or SubjectPublicKeyInfo.
    pub der: Vec<u8>,
}

/// Reads a key and checks that it is valid.
pub fn import(format: Format, kind: Option<Kind>, given: &[Vec<u8>]) -> Result<Key> {
    if given.len() > PARTS_MAX {
        return data(format!(
            "a key has at most {PARTS_MAX} parts, not {}",
            given.len()
        ));
    }
    let own = match (kind, format, given) {
        (None, Format::Pkcs8 | Format::Spki, [der]) => curve448::kind_of(der),
        _ => kind.filter(|kind| curve448::is_of(*kind)),
    };
    if let Some(kind) = own {
        return curve448::import(format, kind, given);
    }
    let (key, is_private) = match (format, given) {
        (Format::Pkcs8, [der]) => (private(der)?, true),
        (Format::Spki, [der]) => (public(der)?, false),
        (Format::Sec1, [der]) => (sec1(der, kind)?, true),
        (Format::Pkcs1, [der]) => (pkcs1(der, lc::RSA_private_key_from_bytes)?, true),
        (Format::Pkcs1Public, [der]) => (pkcs1(der, lc::RSA_public_key_from_bytes)?, false),
        (Format::X509, [der]) => (certified(der)?, false),
        _ => {
            let Some(kind) = kind else {
                return data("a key without a container needs a kind");
            };
            parts::read(format, kind, given)?
        }
    };
    if is_private {
        check_whole(&key)?;
    }
    let found = kind_of(&key)?;
    if kind.is_some_and(|kind| kind != found) {
        return data(format!("a key of kind {found:?} was given"));
    }
    to_key(&key, found, is_private)
}

/// Writes a key in another form.
pub fn export(format: Format, key: &Key) -> Result<Vec<Vec<u8>>> {
    if curve448::is_of(key.kind) {
        return curve448::export(format, key);
    }
    let handle = if key.is_private {
        private(&key.der)?
    } else {
        public(&key.der)?
    };
    let kind = kind_of(&handle)?;
    let written = match format {
        Format::Pkcs8 if key.is_private => private_der(&handle),
        Format::Spki => public_der(&handle),
        Format::Pkcs1 | Format::Pkcs1Public | Format::Sec1 => {
            parts::container(format, kind, &handle)
        }
        Format::Pkcs8 | Format::X509 => None,
        Format::Raw | Format::RawCompressed | Format::RawPrivate | Format::Parts => {
            return parts::write(format, kind, &handle, key.is_private);
        }
    };
    match written {
        Some(bytes) => Ok(vec![bytes]),
        None => data(format!("a key of kind {kind:?} has no form {format:?}")),
    }
}

pub(crate) fn to_key(key: &Pkey, kind: Kind, is_private: bool) -> Result<Key> {
    let der = if is_private {
        private_der(key)
    } else {
        public_der(key)
    };
    match der {
        Some(der) => Ok(Key {
            kind,
            is_private,
            der,
        }),
        None => data("the key cannot be written"),
    }
}

/// The kind of a key, where it is one that may be used.
pub(crate) fn kind_of(key: &Pkey) -> Result<Kind> {
    let Some(kind) = Kind::of(key) else {
        return data("a key of an unknown kind");
    };
    if kind == Kind::Rsa && modulus_bits(key) > MODULUS_BITS_MAX {
        return data(format!(
            "a modulus has at most {MODULUS_BITS_MAX} bits, not {}",
            modulus_bits(key)
        ));
    }
    Ok(kind)
}

pub(crate) fn modulus_bits(key: &Pkey) -> u32 {
    // SAFETY: the key is alive.
    unsafe { lc::EVP_PKEY_bits(key.as_ptr()).unsigned_abs() }
}

pub(crate) fn private(der: &[u8]) -> Result<Pkey> {
    let key = parsed(der, lc::EVP_parse_private_key, "PKCS #8")?;
    check_whole(&key)?;
    Ok(key)
}

/// AWS-LC reads RSA keys of a modulus and a private exponent alone. What it does with one takes a multiple of the time, and nothing can
/// tell whether the two belong together.
fn check_whole(key: &Pkey) -> Result<()> {
    // SAFETY: the key is alive, and of RSA where it is asked for its numbers.
    let is_whole = unsafe {
        lc::EVP_PKEY_id(key.as_ptr()) != lc::EVP_PKEY_RSA || {
            let rsa = lc::EVP_PKEY_get0_RSA(key.as_ptr());
            let numbers = [
                lc::RSA_get0_e(rsa),
                lc::RSA_get0_p(rsa),
                lc::RSA_get0_q(rsa),
            ];
            numbers.iter().all(|number| !number.is_null())
        }
    };
    if is_whole {
        Ok(())
    } else {
        data("an RSA private key needs its public exponent and its primes")
    }
}

pub(crate) fn public(der: &[u8]) -> Result<Pkey> {
    parsed(der, lc::EVP_parse_public_key, "SubjectPublicKeyInfo")
}

fn parsed(
    der: &[u8],
    parse: unsafe extern "C" fn(*mut lc::CBS) -> *mut lc::EVP_PKEY,
    what: &str,
) -> Result<Pkey> {
    check_length(der, KEY_BYTES_MAX)?;
    let mut bytes = reader(der);
    // SAFETY: the reader stands on `der`, which is alive; the answer is new.
    match unsafe { Pkey::of(parse(&mut bytes)) } {
        Some(key) if bytes.len == 0 => Ok(key),
        _ => data(format!("not a key as {what}")),
    }
}

pub(crate) fn check_length(der: &[u8], max: usize) -> Result<()> {
    if der.len() > max {
        return data(format!(
            "a key of {} bytes is longer than {max} bytes",
            der.len()
        ));
    }
    Ok(())
}

/// RFC 5915. The curve is read from it, or is `kind`.
fn sec1(der: &[u8], kind: Option<Kind>) -> Result<Pkey> {
    check_length(der, KEY_BYTES_MAX)?;
    let group = match kind.and_then(Kind::curve) {
        // SAFETY: it answers with a static.
        Some(curve) => unsafe { lc::EC_GROUP_new_by_curve_name(curve) },
        None => ptr::null_mut(),
    };
    let mut bytes = reader(der);
    // SAFETY: the reader stands on `der`; the group is null or a static.
    let key = unsafe { EcKey::of(lc::EC_KEY_parse_private_key(&mut bytes, group)) };
    match key {
        Some(key) if bytes.len == 0 => of_ec(&key),
        _ => data("not a private key of RFC 5915"),
    }
}

fn pkcs1(
    der: &[u8],
    parse: unsafe extern "C" fn(*const u8, usize) -> *mut lc::RSA,
) -> Result<Pkey> {
    check_length(der, KEY_BYTES_MAX)?;
    // SAFETY: it reads the slice; the answer is new.
    match unsafe { RsaKey::of(parse(der.as_ptr(), der.len())) } {
        Some(key) => of_rsa(&key),
        None => data("not an RSA key as PKCS #1"),
    }
}

fn certified(der: &[u8]) -> Result<Pkey> {
    check_length(der, CERTIFICATE_BYTES_MAX)?;
    let (mut start, length) = (der.as_ptr(), der.len() as std::ffi::c_long);
    // SAFETY: it reads `length` bytes; both answers are new.
    let key = unsafe {
        Certificate::of(lc::d2i_X509(ptr::null_mut(), &mut start, length))
            .and_then(|certificate| Pkey::of(lc::X509_get_pubkey(certificate.as_ptr())))
    };
    match key {
        Some(key) => Ok(key),
        None => data("not a certificate with a public key"),
    }
}

pub(crate) fn of_rsa(key: &RsaKey) -> Result<Pkey> {
    // SAFETY: both are alive; the new key takes a reference of its own.
    unsafe {
        match Pkey::of(lc::EVP_PKEY_new()) {
            Some(pkey) if lc::EVP_PKEY_set1_RSA(pkey.as_ptr(), key.as_ptr()) == 1 => Ok(pkey),
            _ => data("out of memory"),
        }
    }
}

pub(crate) fn of_ec(key: &EcKey) -> Result<Pkey> {
    // SAFETY: both are alive; the new key takes a reference of its own.
    unsafe {
        if lc::EC_KEY_check_key(key.as_ptr()) != 1 {
            return data("the point is not on the curve, or not that of the private key");
        }
        match Pkey::of(lc::EVP_PKEY_new()) {
            Some(pkey) if lc::EVP_PKEY_set1_EC_KEY(pkey.as_ptr(), key.as_ptr()) == 1 => Ok(pkey),
            _ => data("out of memory"),
        }
    }
}

pub(crate) fn private_der(key: &Pkey) -> Option<Vec<u8>> {
    // SAFETY: the key is alive, and it appends.
    unsafe { written(|writer| lc::EVP_marshal_private_key(writer, key.as_ptr())) }
}

fn public_der(key: &Pkey) -> Option<Vec<u8>> {
    // SAFETY: the key is alive, and it appends.
    unsafe { written(|writer| lc::EVP_marshal_public_key(writer, key.as_ptr())) }
}
