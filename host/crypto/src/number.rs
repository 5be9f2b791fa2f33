//! Big-endian numbers.

use std::ptr;

use aws_lc_sys as lc;

use crate::handle::BigNumber;
use crate::{Result, data};

/// Longest number that is read, in bytes: a modulus of 8192 bits.
pub(crate) const NUMBER_BYTES_MAX: usize = 1024;

pub(crate) fn check_length(bytes: &[u8]) -> Result<()> {
    if bytes.len() > NUMBER_BYTES_MAX {
        return data(format!(
            "a number of {} bytes is longer than {NUMBER_BYTES_MAX} bytes",
            bytes.len()
        ));
    }
    Ok(())
}

pub(crate) fn read(bytes: &[u8]) -> Result<BigNumber> {
    check_length(bytes)?;
    // SAFETY: it reads the slice and answers with a new number.
    match unsafe { BigNumber::of(lc::BN_bin2bn(bytes.as_ptr(), bytes.len(), ptr::null_mut())) } {
        Some(number) => Ok(number),
        None => data("out of memory"),
    }
}

/// Without leading zeros.
///
/// # Safety
/// The number is alive.
pub(crate) unsafe fn write(number: *const lc::BIGNUM) -> Vec<u8> {
    // SAFETY: the caller's; the buffer is as long as the number.
    unsafe {
        let mut bytes = vec![0; lc::BN_num_bytes(number) as usize];
        lc::BN_bn2bin(number, bytes.as_mut_ptr());
        bytes
    }
}

/// With leading zeros up to `length`; none where it is longer.
///
/// # Safety
/// The number is alive.
pub(crate) unsafe fn write_padded(number: *const lc::BIGNUM, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    // SAFETY: the caller's; the buffer has that length.
    (unsafe { lc::BN_bn2bin_padded(bytes.as_mut_ptr(), length, number) } == 1).then_some(bytes)
}
