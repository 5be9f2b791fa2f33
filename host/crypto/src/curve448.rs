//! Ed448 and X448 (RFC 8032 5.2, RFC 7748 5), which AWS-LC lacks. A key has one form in DER, so that it is told by how that begins
//! (RFC 8410).

use aws_lc_sys as lc;
use ed448_goldilocks::{Signature, SigningKey, VerifyingKey};
use x448::{X448_BASEPOINT_BYTES, x448};

use crate::key::{Format, Key, Kind};
use crate::{Pair, Result, data, operation};

const ED448_BYTES: usize = 57;
const X448_BYTES: usize = 56;

/// What stands before the secret or the point in DER.
struct Container {
    kind: Kind,
    is_private: bool,
    head: &'static [u8],
}

const CONTAINERS: [Container; 4] = [
    Container {
        kind: Kind::Ed448,
        is_private: true,
        head: b"\x30\x47\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x71\x04\x3b\x04\x39",
    },
    Container {
        kind: Kind::Ed448,
        is_private: false,
        head: b"\x30\x43\x30\x05\x06\x03\x2b\x65\x71\x03\x3a\x00",
    },
    Container {
        kind: Kind::X448,
        is_private: true,
        head: b"\x30\x46\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x6f\x04\x3a\x04\x38",
    },
    Container {
        kind: Kind::X448,
        is_private: false,
        head: b"\x30\x42\x30\x05\x06\x03\x2b\x65\x6f\x03\x39\x00",
    },
];

pub(crate) fn is_of(kind: Kind) -> bool {
    matches!(kind, Kind::Ed448 | Kind::X448)
}

/// The kind of a key in DER, where it is one of these.
pub(crate) fn kind_of(der: &[u8]) -> Option<Kind> {
    Some(open(der)?.0.kind)
}

/// The secret or the point in a container, which holds nothing else.
fn open(der: &[u8]) -> Option<(&'static Container, &[u8])> {
    CONTAINERS.iter().find_map(|container| {
        let bytes = der.strip_prefix(container.head)?;
        (Some(bytes.len()) == container.kind.bytes()).then_some((container, bytes))
    })
}

/// The secret of a private key, or the point of a public one.
fn bytes_of<const N: usize>(kind: Kind, is_private: bool, der: &[u8]) -> Result<[u8; N]> {
    let found = open(der).filter(|(it, _)| it.kind == kind && it.is_private == is_private);
    match found.and_then(|(_, bytes)| bytes.try_into().ok()) {
        Some(bytes) => Ok(bytes),
        None => data(format!("not a key of kind {kind:?}")),
    }
}

fn seal(kind: Kind, is_private: bool, bytes: &[u8]) -> Result<Key> {
    let mut containers = CONTAINERS.iter();
    let container = containers.find(|it| it.kind == kind && it.is_private == is_private);
    match container {
        Some(container) if Some(bytes.len()) == kind.bytes() => Ok(Key {
            kind,
            is_private,
            der: [container.head, bytes].concat(),
        }),
        _ => data(format!(
            "a key of kind {kind:?} has {} bytes, not {}",
            kind.bytes().unwrap_or_default(),
            bytes.len()
        )),
    }
}

pub(crate) fn import(format: Format, kind: Kind, given: &[Vec<u8>]) -> Result<Key> {
    match (format, given) {
        (Format::Pkcs8 | Format::Spki, [der]) => match open(der) {
            Some((it, bytes)) if it.kind == kind && it.is_private == (format == Format::Pkcs8) => {
                seal(kind, it.is_private, bytes)
            }
            _ => data(format!("not a key of kind {kind:?} as {format:?}")),
        },
        (Format::Raw, [point]) | (Format::Parts, [point]) => seal(kind, false, point),
        (Format::RawPrivate, [secret]) => seal(kind, true, secret),
        (Format::Parts, [point, secret]) => {
            let key = seal(kind, true, secret)?;
            if public_of(kind, &key.der)? != *point {
                return data("the public key is not that of the private key");
            }
            Ok(key)
        }
        _ => data(format!("a key of kind {kind:?} has no form {format:?}")),
    }
}

pub(crate) fn export(format: Format, key: &Key) -> Result<Vec<Vec<u8>>> {
    let Some((container, bytes)) = open(&key.der) else {
        return data(format!("not a key of kind {:?}", key.kind));
    };
    let Container {
        kind, is_private, ..
    } = *container;
    let point = || match is_private {
        true => public_of(kind, &key.der),
        false => Ok(bytes.to_vec()),
    };
    Ok(match format {
        Format::Pkcs8 if is_private => vec![key.der.clone()],
        Format::Spki => vec![seal(kind, false, &point()?)?.der],
        Format::Raw => vec![point()?],
        Format::RawPrivate if is_private => vec![bytes.to_vec()],
        Format::Parts if is_private => vec![point()?, bytes.to_vec()],
        Format::Parts => vec![point()?],
        _ => return data(format!("a key of kind {kind:?} has no form {format:?}")),
    })
}

pub(crate) fn generate(kind: Kind) -> Result<Pair> {
    let mut secret = vec![0; kind.bytes().unwrap_or_default()];
    // SAFETY: the buffer has that length.
    if unsafe { lc::RAND_bytes(secret.as_mut_ptr(), secret.len()) } != 1 {
        return operation("no key was made");
    }
    let private = seal(kind, true, &secret)?.der;
    let public = seal(kind, false, &public_of(kind, &private)?)?.der;
    Ok(Pair { private, public })
}

fn public_of(kind: Kind, private: &[u8]) -> Result<Vec<u8>> {
    if kind == Kind::Ed448 {
        return Ok(signer(private)?.verifying_key().to_bytes().to_vec());
    }
    let secret: [u8; X448_BYTES] = bytes_of(kind, true, private)?;
    match x448(secret, X448_BASEPOINT_BYTES) {
        Some(point) => Ok(point.to_vec()),
        None => operation("the secret is not that of a key"),
    }
}

fn signer(private: &[u8]) -> Result<SigningKey> {
    let seed: [u8; ED448_BYTES] = bytes_of(Kind::Ed448, true, private)?;
    Ok(SigningKey::from(ed448_goldilocks::SecretKey::from(seed)))
}

pub(crate) fn sign(private: &[u8], message: &[u8]) -> Result<Vec<u8>> {
    Ok(signer(private)?.sign_raw(message).to_bytes().to_vec())
}

/// A point of small order, in the key or in the signature, makes any signature wrong, as with Ed25519.
pub(crate) fn verify(public: &[u8], message: &[u8], signature: &[u8]) -> Result<bool> {
    let point: [u8; ED448_BYTES] = bytes_of(Kind::Ed448, false, public)?;
    let key = VerifyingKey::from_bytes(&point);
    let signature = Signature::from_slice(signature);
    Ok(match (key, signature) {
        (Ok(key), Ok(signature)) => {
            !has_small_order(&point)
                && !has_small_order(signature.r_bytes())
                && key.verify_raw(&signature, message).is_ok()
        }
        _ => false,
    })
}

/// Is it one of the four points whose order divides 4: (0, 1), (0, -1), (1, 0), (-1, 0)? Their y is 1, p - 1 or 0; one that is not
/// canonical is no point to RFC 8032.
fn has_small_order(point: &[u8]) -> bool {
    let mut minus_one = [0xff; ED448_BYTES - 1];
    minus_one[0] = 0xfe;
    minus_one[28] = 0xfe;
    let Some((y, _sign)) = point.split_at_checked(ED448_BYTES - 1) else {
        return true;
    };
    y == minus_one || (y[0] <= 1 && y[1..].iter().all(|byte| *byte == 0))
}

/// X448. A secret of zeros alone is refused (RFC 7748 6.2).
pub(crate) fn shared_secret(private: &[u8], public: &[u8]) -> Result<Vec<u8>> {
    let secret: [u8; X448_BYTES] = bytes_of(Kind::X448, true, private)?;
    let point: [u8; X448_BYTES] = bytes_of(Kind::X448, false, public)?;
    match x448(secret, point) {
        Some(shared) if shared.iter().any(|byte| *byte != 0) => Ok(shared.to_vec()),
        _ => operation("the keys share no secret"),
    }
}
