//! Keys as their numbers, without a container: what JSON Web Keys and raw keys are made of.

use std::ptr;

use aws_lc_sys as lc;

use crate::handle::{EcKey, EcPoint, Pkey, RsaKey, taken, written};
use crate::key::{Format, Kind, of_ec, of_rsa};
use crate::{Result, data, number};

/// A key, and whether it is private.
pub(crate) fn read(format: Format, kind: Kind, parts: &[Vec<u8>]) -> Result<(Pkey, bool)> {
    if kind == Kind::Rsa && format == Format::Parts {
        return rsa(parts);
    }
    let length = kind.bytes().unwrap_or_default();
    let all_of_length = parts.iter().all(|part| part.len() == length);
    match (format, parts) {
        (Format::Raw, [raw]) if kind.raw().is_some() => Ok((raw_public(kind, raw)?, false)),
        (Format::Raw, [raw]) => Ok((of_ec(&point(kind, raw)?)?, false)),
        (Format::RawPrivate, [raw]) if all_of_length => Ok((from_secret(kind, raw)?, true)),
        (Format::Parts, [x]) if kind.raw().is_some() => Ok((raw_public(kind, x)?, false)),
        (Format::Parts, [x, d]) if kind.raw().is_some() => {
            let key = from_secret(kind, d)?;
            if write(Format::Raw, kind, &key, true)?[0] != *x {
                return data("the public key is not that of the private key");
            }
            Ok((key, true))
        }
        (Format::Parts, [x, y]) if all_of_length => {
            Ok((of_ec(&point(kind, &uncompressed(x, y))?)?, false))
        }
        (Format::Parts, [x, y, d]) if all_of_length => {
            let key = point(kind, &uncompressed(x, y))?;
            set_scalar(&key, d)?;
            Ok((of_ec(&key)?, true))
        }
        _ => data(format!(
            "a key of kind {kind:?} has numbers of {length} bytes each"
        )),
    }
}

pub(crate) fn write(
    format: Format,
    kind: Kind,
    key: &Pkey,
    is_private: bool,
) -> Result<Vec<Vec<u8>>> {
    let found = match (format, kind) {
        (Format::Parts, Kind::Rsa) => return Ok(rsa_numbers(key, is_private)),
        (_, Kind::Rsa) => None,
        (Format::Raw, _) if kind.raw().is_some() => {
            raw_of(key, lc::EVP_PKEY_get_raw_public_key).map(|raw| vec![raw])
        }
        (Format::RawPrivate, _) if kind.raw().is_some() && is_private => {
            raw_of(key, lc::EVP_PKEY_get_raw_private_key).map(|raw| vec![raw])
        }
        (Format::Parts, _) if kind.raw().is_some() => {
            let public = raw_of(key, lc::EVP_PKEY_get_raw_public_key);
            let private = is_private.then(|| raw_of(key, lc::EVP_PKEY_get_raw_private_key));
            public.map(|public| {
                [Some(public), private.flatten()]
                    .into_iter()
                    .flatten()
                    .collect()
            })
        }
        (Format::Raw, _) => point_of(key, false).map(|raw| vec![raw]),
        (Format::RawCompressed, _) => point_of(key, true).map(|raw| vec![raw]),
        (Format::RawPrivate, _) if is_private => scalar_of(key, kind).map(|raw| vec![raw]),
        (Format::Parts, _) => coordinates(key, kind, is_private),
        _ => None,
    };
    match found {
        Some(parts) => Ok(parts),
        None => data(format!("a key of kind {kind:?} has no form {format:?}")),
    }
}

/// RFC 8017 and RFC 5915: the containers that PKCS #8 has inside.
pub(crate) fn container(format: Format, kind: Kind, key: &Pkey) -> Option<Vec<u8>> {
    // SAFETY: the key is alive and of that kind; what is answered is this function's.
    unsafe {
        let (mut bytes, mut length) = (ptr::null_mut(), 0);
        let done = match (format, kind) {
            (Format::Pkcs1, Kind::Rsa) => {
                let rsa = lc::EVP_PKEY_get0_RSA(key.as_ptr());
                lc::RSA_private_key_to_bytes(&mut bytes, &mut length, rsa)
            }
            (Format::Pkcs1Public, Kind::Rsa) => {
                let rsa = lc::EVP_PKEY_get0_RSA(key.as_ptr());
                lc::RSA_public_key_to_bytes(&mut bytes, &mut length, rsa)
            }
            (Format::Sec1, _) if kind.curve().is_some() => {
                let ec = lc::EVP_PKEY_get0_EC_KEY(key.as_ptr());
                return written(|writer| lc::EC_KEY_marshal_private_key(writer, ec, 0));
            }
            _ => 0,
        };
        (done == 1).then(|| taken(bytes, length))
    }
}

fn rsa(parts: &[Vec<u8>]) -> Result<(Pkey, bool)> {
    let numbers = parts
        .iter()
        .map(|part| number::read(part))
        .collect::<Result<Vec<_>>>()?;
    // SAFETY: the numbers are alive, and are copied; the answer is new. A private key is checked for consistency.
    let key = unsafe {
        match &numbers[..] {
            [n, e] => RsaKey::of(lc::RSA_new_public_key(n.as_ptr(), e.as_ptr())),
            [n, e, d, p, q, dp, dq, qi] => RsaKey::of(lc::RSA_new_private_key(
                n.as_ptr(),
                e.as_ptr(),
                d.as_ptr(),
                p.as_ptr(),
                q.as_ptr(),
                dp.as_ptr(),
                dq.as_ptr(),
                qi.as_ptr(),
            )),
            _ => None,
        }
    };
    match key {
        Some(key) => Ok((of_rsa(&key)?, numbers.len() > 2)),
        None => data("the numbers are not those of an RSA key"),
    }
}

fn rsa_numbers(key: &Pkey, is_private: bool) -> Vec<Vec<u8>> {
    // SAFETY: the key is alive and of RSA; its numbers live as long. Those that it lacks are null.
    unsafe {
        let rsa = lc::EVP_PKEY_get0_RSA(key.as_ptr());
        let mut numbers = vec![lc::RSA_get0_n(rsa), lc::RSA_get0_e(rsa)];
        if is_private {
            numbers.extend([
                lc::RSA_get0_d(rsa),
                lc::RSA_get0_p(rsa),
                lc::RSA_get0_q(rsa),
                lc::RSA_get0_dmp1(rsa),
                lc::RSA_get0_dmq1(rsa),
                lc::RSA_get0_iqmp(rsa),
            ]);
        }
        numbers
            .into_iter()
            .filter(|number| !number.is_null())
            .map(|number| number::write(number))
            .collect()
    }
}

/// X9.62 4.3.6.
fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

/// A key with this point, which is on the curve.
fn point(kind: Kind, bytes: &[u8]) -> Result<EcKey> {
    let key = empty(kind)?;
    // SAFETY: the key is alive and has a group; the point is copied into it.
    let done = unsafe {
        let group = lc::EC_KEY_get0_group(key.as_ptr());
        EcPoint::of(lc::EC_POINT_new(group)).is_some_and(|point| {
            lc::EC_POINT_oct2point(
                group,
                point.as_ptr(),
                bytes.as_ptr(),
                bytes.len(),
                ptr::null_mut(),
            ) == 1
                && lc::EC_KEY_set_public_key(key.as_ptr(), point.as_ptr()) == 1
        })
    };
    if done {
        Ok(key)
    } else {
        data("not a point on the curve")
    }
}

fn empty(kind: Kind) -> Result<EcKey> {
    // SAFETY: the answer is new.
    let key = kind
        .curve()
        .and_then(|curve| unsafe { EcKey::of(lc::EC_KEY_new_by_curve_name(curve)) });
    match key {
        Some(key) => Ok(key),
        None => data(format!("a key of kind {kind:?} has no point")),
    }
}

fn set_scalar(key: &EcKey, scalar: &[u8]) -> Result<()> {
    let scalar = number::read(scalar)?;
    // SAFETY: both are alive; the number is copied.
    if unsafe { lc::EC_KEY_set_private_key(key.as_ptr(), scalar.as_ptr()) } == 1 {
        Ok(())
    } else {
        data("the scalar is not in the order of the curve")
    }
}

/// The key pair of a scalar or a seed.
fn from_secret(kind: Kind, secret: &[u8]) -> Result<Pkey> {
    if kind.raw().is_some() {
        return raw_key(kind, secret, lc::EVP_PKEY_new_raw_private_key);
    }
    let key = empty(kind)?;
    set_scalar(&key, secret)?;
    // SAFETY: all are alive; the point is copied.
    let done = unsafe {
        let group = lc::EC_KEY_get0_group(key.as_ptr());
        EcPoint::of(lc::EC_POINT_new(group)).is_some_and(|point| {
            lc::EC_POINT_mul(
                group,
                point.as_ptr(),
                lc::EC_KEY_get0_private_key(key.as_ptr()),
                ptr::null(),
                ptr::null(),
                ptr::null_mut(),
            ) == 1
                && lc::EC_KEY_set_public_key(key.as_ptr(), point.as_ptr()) == 1
        })
    };
    if done {
        of_ec(&key)
    } else {
        data("the scalar is not that of a key")
    }
}

fn raw_public(kind: Kind, bytes: &[u8]) -> Result<Pkey> {
    raw_key(kind, bytes, lc::EVP_PKEY_new_raw_public_key)
}

type NewRaw = unsafe extern "C" fn(i32, *mut lc::ENGINE, *const u8, usize) -> *mut lc::EVP_PKEY;

fn raw_key(kind: Kind, bytes: &[u8], new: NewRaw) -> Result<Pkey> {
    // SAFETY: it reads the slice; the answer is new.
    let key = kind.raw().and_then(|raw| unsafe {
        Pkey::of(new(raw, ptr::null_mut(), bytes.as_ptr(), bytes.len()))
    });
    match key {
        Some(key) => Ok(key),
        None => data(format!(
            "a key of kind {kind:?} has 32 bytes, not {}",
            bytes.len()
        )),
    }
}

type GetRaw = unsafe extern "C" fn(*const lc::EVP_PKEY, *mut u8, *mut usize) -> i32;

pub(crate) fn raw_of(key: &Pkey, get: GetRaw) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 32];
    let mut length = bytes.len();
    // SAFETY: the key is alive, and the buffer has that length.
    (unsafe { get(key.as_ptr(), bytes.as_mut_ptr(), &mut length) } == 1 && length == 32)
        .then_some(bytes)
}

fn point_of(key: &Pkey, compressed: bool) -> Option<Vec<u8>> {
    let form = if compressed {
        lc::point_conversion_form_t::POINT_CONVERSION_COMPRESSED
    } else {
        lc::point_conversion_form_t::POINT_CONVERSION_UNCOMPRESSED
    };
    let mut bytes = ptr::null_mut();
    // SAFETY: the key is alive and of a curve; the buffer is this function's.
    unsafe {
        let ec = lc::EVP_PKEY_get0_EC_KEY(key.as_ptr());
        let length = lc::EC_KEY_key2buf(ec, form, &mut bytes, ptr::null_mut());
        (length > 0).then(|| taken(bytes, length))
    }
}

fn scalar_of(key: &Pkey, kind: Kind) -> Option<Vec<u8>> {
    // SAFETY: the key is alive and of a curve; the scalar lives as long.
    unsafe {
        let scalar = lc::EC_KEY_get0_private_key(lc::EVP_PKEY_get0_EC_KEY(key.as_ptr()));
        if scalar.is_null() {
            return None;
        }
        number::write_padded(scalar, kind.bytes()?)
    }
}

fn coordinates(key: &Pkey, kind: Kind, is_private: bool) -> Option<Vec<Vec<u8>>> {
    let point = point_of(key, false)?;
    let (x, y) = point.get(1..)?.split_at_checked(kind.bytes()?)?;
    let mut parts = vec![x.to_vec(), y.to_vec()];
    if is_private {
        parts.push(scalar_of(key, kind)?);
    }
    Some(parts)
}
