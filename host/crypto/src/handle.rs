//! Owners of what AWS-LC allocates, and what crosses to it.

use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use aws_lc_sys as lc;

/// A type that owns a pointer of AWS-LC and frees it once.
macro_rules! owner {
    ($name:ident, $raw:ident, $free:ident) => {
        pub(crate) struct $name(NonNull<lc::$raw>);

        impl $name {
            /// Takes over a pointer that an allocating function answered with; none where it failed.
            ///
            /// # Safety
            /// The pointer is null, or nobody else frees it.
            pub unsafe fn of(pointer: *mut lc::$raw) -> Option<Self> {
                NonNull::new(pointer).map(Self)
            }

            pub fn as_ptr(&self) -> *mut lc::$raw {
                self.0.as_ptr()
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: see `of`.
                unsafe { lc::$free(self.0.as_ptr()) };
            }
        }
    };
}

owner!(Pkey, EVP_PKEY, EVP_PKEY_free);
owner!(PkeyContext, EVP_PKEY_CTX, EVP_PKEY_CTX_free);
owner!(DigestContext, EVP_MD_CTX, EVP_MD_CTX_free);
owner!(RsaKey, RSA, RSA_free);
owner!(EcKey, EC_KEY, EC_KEY_free);
owner!(EcPoint, EC_POINT, EC_POINT_free);
owner!(EcdsaSignature, ECDSA_SIG, ECDSA_SIG_free);
owner!(Certificate, X509, X509_free);
owner!(CipherContext, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free);
owner!(DhKey, DH, DH_free);
owner!(PrimeProgress, BN_GENCB, BN_GENCB_free);
owner!(NumberContext, BN_CTX, BN_CTX_free);
owner!(Montgomery, BN_MONT_CTX, BN_MONT_CTX_free);
// What is freed may be a secret, so it is overwritten first.
owner!(BigNumber, BIGNUM, BN_clear_free);

/// A reader of bytes. It must not outlive them.
pub(crate) fn reader(bytes: &[u8]) -> lc::CBS {
    lc::CBS {
        data: bytes.as_ptr(),
        len: bytes.len(),
    }
}

/// The bytes that `write` writes; none where it fails.
///
/// # Safety
/// `write` only appends to the writer that it is given.
pub(crate) unsafe fn written(write: impl FnOnce(*mut lc::CBB) -> i32) -> Option<Vec<u8>> {
    let mut writer = MaybeUninit::<lc::CBB>::zeroed();
    // SAFETY: the writer is initialised by CBB_init before any other use, and given up by CBB_finish or CBB_cleanup.
    unsafe {
        if lc::CBB_init(writer.as_mut_ptr(), 256) != 1 {
            return None;
        }
        let (mut bytes, mut length) = (ptr::null_mut(), 0);
        if write(writer.as_mut_ptr()) != 1
            || lc::CBB_finish(writer.as_mut_ptr(), &mut bytes, &mut length) != 1
        {
            lc::CBB_cleanup(writer.as_mut_ptr());
            return None;
        }
        Some(taken(bytes, length))
    }
}

/// Copies a buffer of AWS-LC and frees it.
///
/// # Safety
/// The buffer has that length and nobody else frees it.
pub(crate) unsafe fn taken(bytes: *mut u8, length: usize) -> Vec<u8> {
    if bytes.is_null() {
        return Vec::new();
    }
    // SAFETY: the caller's. OPENSSL_free overwrites what it frees.
    unsafe {
        let copy = std::slice::from_raw_parts(bytes, length).to_vec();
        lc::OPENSSL_free(bytes.cast());
        copy
    }
}

/// AWS-LC notes why it fails in a queue of the thread; nobody reads it.
pub(crate) fn forget_errors() {
    // SAFETY: it takes nothing.
    unsafe { lc::ERR_clear_error() };
}
