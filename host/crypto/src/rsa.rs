//! Encryption with RSA.

use std::ptr;

use aws_lc_sys as lc;

use crate::handle::{Pkey, PkeyContext};
use crate::key::{Kind, kind_of, private, public};
use crate::{Hash, Result, data, operation};

/// No label is this long in earnest; it is hashed in every call.
const LABEL_BYTES_MAX: usize = 1 << 20;
/// DER of a private key with a modulus of 2048 bits or less is shorter, since it has all its numbers. So is that of every public key that
/// is taken; they are quick to use.
const QUICK_KEY_BYTES: usize = 1300;
/// Hashing more takes a while.
const QUICK_DATA_BYTES: usize = 128 << 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Padding {
    /// RFC 8017 7.1, with this label; the mask generation uses the same hash.
    Oaep(Hash, Vec<u8>),
    /// RFC 8017 7.2.
    Pkcs1,
    None,
}

impl Padding {
    /// What is hashed beside the data.
    pub fn label_bytes(&self) -> usize {
        match self {
            Self::Oaep(_, label) => label.len(),
            Self::Pkcs1 | Self::None => 0,
        }
    }
}

/// Whether reading a key of this many bytes, or using it with this much data, takes more than a millisecond or so.
pub fn is_slow(key_bytes: usize, data_bytes: usize) -> bool {
    key_bytes > QUICK_KEY_BYTES || data_bytes > QUICK_DATA_BYTES
}

pub fn encrypt(padding: &Padding, key: &[u8], text: &[u8]) -> Result<Vec<u8>> {
    let key = public(key)?;
    run(
        &key,
        padding,
        text,
        lc::EVP_PKEY_encrypt_init,
        lc::EVP_PKEY_encrypt,
    )
}

/// Why it fails is not told: whoever asks with made-up texts would learn the plain one.
pub fn decrypt(padding: &Padding, key: &[u8], text: &[u8]) -> Result<Vec<u8>> {
    let key = private(key)?;
    run(
        &key,
        padding,
        text,
        lc::EVP_PKEY_decrypt_init,
        lc::EVP_PKEY_decrypt,
    )
}

type Init = unsafe extern "C" fn(*mut lc::EVP_PKEY_CTX) -> i32;
type Apply =
    unsafe extern "C" fn(*mut lc::EVP_PKEY_CTX, *mut u8, *mut usize, *const u8, usize) -> i32;

fn run(key: &Pkey, padding: &Padding, text: &[u8], init: Init, apply: Apply) -> Result<Vec<u8>> {
    if kind_of(key)? != Kind::Rsa {
        return data("not an RSA key");
    }
    // SAFETY: all are alive; the buffer is as long as the modulus, which is the longest answer.
    let done = unsafe {
        PkeyContext::of(lc::EVP_PKEY_CTX_new(key.as_ptr(), ptr::null_mut())).and_then(|context| {
            if init(context.as_ptr()) != 1 || !set_padding(&context, padding) {
                return None;
            }
            let mut out = vec![0; lc::EVP_PKEY_size(key.as_ptr()) as usize];
            let mut length = out.len();
            let done = apply(
                context.as_ptr(),
                out.as_mut_ptr(),
                &mut length,
                text.as_ptr(),
                text.len(),
            );
            out.truncate(length);
            (done == 1).then_some(out)
        })
    };
    match done {
        Some(out) => Ok(out),
        None => operation("the operation failed"),
    }
}

fn set_padding(context: &PkeyContext, padding: &Padding) -> bool {
    let it = context.as_ptr();
    // SAFETY: the context is alive; the label is a copy that it takes over where it says so.
    unsafe {
        match padding {
            Padding::Pkcs1 => lc::EVP_PKEY_CTX_set_rsa_padding(it, lc::RSA_PKCS1_PADDING) == 1,
            Padding::None => lc::EVP_PKEY_CTX_set_rsa_padding(it, lc::RSA_NO_PADDING) == 1,
            Padding::Oaep(_, label) if label.len() > LABEL_BYTES_MAX => false,
            Padding::Oaep(hash, label) => {
                lc::EVP_PKEY_CTX_set_rsa_padding(it, lc::RSA_PKCS1_OAEP_PADDING) == 1
                    && lc::EVP_PKEY_CTX_set_rsa_oaep_md(it, hash.as_ptr()) == 1
                    && lc::EVP_PKEY_CTX_set_rsa_mgf1_md(it, hash.as_ptr()) == 1
                    && (label.is_empty() || set_label(context, label))
            }
        }
    }
}

fn set_label(context: &PkeyContext, label: &[u8]) -> bool {
    // SAFETY: the copy is the context's from the moment that it takes it, and freed here where it does not.
    unsafe {
        let copy = lc::OPENSSL_memdup(label.as_ptr().cast(), label.len()).cast::<u8>();
        if copy.is_null() {
            return false;
        }
        let taken = lc::EVP_PKEY_CTX_set0_rsa_oaep_label(context.as_ptr(), copy, label.len()) == 1;
        if !taken {
            lc::OPENSSL_free(copy.cast());
        }
        taken
    }
}
