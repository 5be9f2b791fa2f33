//! Cryptography that is slow in WebAssembly or must take constant time, by AWS-LC: asymmetric keys, and slow key derivation.
//! Curve 448, which AWS-LC lacks, is by the crates of RustCrypto.
//!
//! It knows no wasmtime and keeps nothing between calls. Keys are DER: PKCS #8 for a private one, SubjectPublicKeyInfo for a
//! public one. All input is hostile: each function bounds what it reads and what it computes.
//!
//! `unsafe` is in this crate because AWS-LC is C. Each pointer is owned by a type of `handle`, which frees it once.

mod curve448;
mod derive;
mod diffie_hellman;
mod generate;
mod handle;
mod hash;
mod key;
mod number;
mod parts;
mod passphrase;
mod prime;
mod rsa;
mod signature;

pub use derive::{ITERATIONS_MAX, SCRYPT_MEMORY_BYTES_MAX, pbkdf2, scrypt, shared_secret};
pub use diffie_hellman::{
    Group, GroupCheck, Numbers, generate_group_prime, generate_numbers, group_prime, group_secret,
};
pub use generate::{MODULUS_BITS_MAX, MODULUS_BITS_MIN, Pair, generate};
pub use hash::Hash;
pub use key::{Format, Key, Kind, export, import};
pub use passphrase::{Cipher, lock, lock_pem, unlock, unlock_pem};
pub use prime::{
    GoesOn, PRIME_BITS_MAX, PRIME_CHECKS_MAX, Prime, PrimeCheck, SAFE_PRIME_BITS_MAX, Step,
    generate_prime,
};
pub use rsa::{Padding, decrypt, encrypt, is_slow};
pub use signature::{SALT_AUTO, Scheme, sign, verify};

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not a key of that kind.
    #[error("{0}")]
    Data(String),
    /// The key is one, but the operation failed.
    #[error("{0}")]
    Operation(String),
    /// More than is done in one call.
    #[error("{0}")]
    Unsupported(String),
    /// The work was told not to go on.
    #[error("the CPU time of the invocation is used up")]
    Stopped,
}

pub type Result<T> = std::result::Result<T, Error>;

fn data<T>(text: impl Into<String>) -> Result<T> {
    handle::forget_errors();
    Err(Error::Data(text.into()))
}

fn operation<T>(text: impl Into<String>) -> Result<T> {
    handle::forget_errors();
    Err(Error::Operation(text.into()))
}

fn unsupported<T>(text: impl Into<String>) -> Result<T> {
    handle::forget_errors();
    Err(Error::Unsupported(text.into()))
}
