//! Prime numbers, and how long the search for one may go on.

use std::ffi::c_void;
use std::ptr;

use aws_lc_sys as lc;

use crate::handle::{BigNumber, PrimeProgress, forget_errors};
use crate::{Error, Result, number, operation, unsupported};

/// Of the longest group for Diffie-Hellman that has a name.
pub const PRIME_BITS_MAX: u32 = 8192;
/// The most that anything asks for, also where the number may be made to deceive.
pub const PRIME_CHECKS_MAX: u32 = lc::BN_prime_checks_for_validation as u32;

/// Divisors and remainders that may be demanded. The search for a prime with others might never end.
const RESIDUES: [(u32, u32); 5] = [(12, 11), (24, 23), (60, 59), (24, 11), (10, 3)];

/// Asked between two steps, of which one may take a second or two with the longest numbers: may it go on? Where it may not, what was done
/// is lost; a search for a random number is as likely to succeed when it begins again.
pub type GoesOn<'a> = &'a mut dyn FnMut() -> bool;

/// What a prime has to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prime {
    pub bits: u32,
    /// (p - 1) / 2 is prime as well.
    pub is_safe: bool,
    /// Divided by the first, the prime leaves the second: one of the pairs that Diffie-Hellman needs.
    pub residue: Option<(u32, u32)>,
}

/// A random prime, big-endian. One with a residue is searched upwards beyond the primes that others are divided by, so that it has 13 bits
/// at least.
pub fn generate_prime(prime: Prime, goes_on: GoesOn<'_>) -> Result<Vec<u8>> {
    check(prime)?;
    let (add, remainder) = match prime.residue {
        Some((add, remainder)) => (
            Some(number::read(&add.to_be_bytes())?),
            Some(number::read(&remainder.to_be_bytes())?),
        ),
        None => (None, None),
    };
    let found = number::read(&[])?;
    // SAFETY: all are alive, or null where they may be; the size fits.
    let done = watched(goes_on, |progress| unsafe {
        lc::BN_generate_prime_ex(
            found.as_ptr(),
            prime.bits as i32,
            i32::from(prime.is_safe),
            pointer(add.as_ref()),
            pointer(remainder.as_ref()),
            progress,
        )
    })?;
    if done != 1 {
        return operation("no prime was found");
    }
    // SAFETY: the number is alive.
    Ok(unsafe { number::write(found.as_ptr()) })
}

fn check(prime: Prime) -> Result<()> {
    let Prime { bits, is_safe, .. } = prime;
    if bits > PRIME_BITS_MAX {
        return unsupported(format!(
            "a prime has at most {PRIME_BITS_MAX} bits, not {bits}"
        ));
    }
    // Both upper bits of a prime are set, which those of four and five bits that are safe lack: 11 and 23.
    if bits < 2 || (is_safe && prime.residue.is_none() && matches!(bits, 2 | 4 | 5)) {
        return operation(format!("there are no such primes of {bits} bits"));
    }
    match prime.residue {
        Some(residue) if !RESIDUES.contains(&residue) => unsupported(format!(
            "primes that leave {} when divided by {} are not searched",
            residue.1, residue.0
        )),
        _ => Ok(()),
    }
}

/// With that many rounds of Miller-Rabin, or more.
pub fn is_prime(candidate: &[u8], checks: u32, goes_on: GoesOn<'_>) -> Result<bool> {
    if checks > PRIME_CHECKS_MAX {
        return unsupported(format!(
            "{checks} checks are more than the {PRIME_CHECKS_MAX} that are done"
        ));
    }
    is_prime_number(&number::read(candidate)?, checks, goes_on)
}

pub(crate) fn is_prime_number(
    candidate: &BigNumber,
    checks: u32,
    goes_on: GoesOn<'_>,
) -> Result<bool> {
    // SAFETY: the number is alive; a context of its own is made where none is given.
    let answer = watched(goes_on, |progress| unsafe {
        lc::BN_is_prime_fasttest_ex(
            candidate.as_ptr(),
            checks as i32,
            ptr::null_mut(),
            1,
            progress,
        )
    })?;
    match answer {
        0 => Ok(false),
        1 => Ok(true),
        _ => operation("the number was not checked"),
    }
}

fn pointer(number: Option<&BigNumber>) -> *const lc::BIGNUM {
    number.map_or(ptr::null(), |number| number.as_ptr())
}

struct Watch<'a> {
    goes_on: GoesOn<'a>,
    stopped: bool,
}

/// Runs a search that asks through its progress whether it may go on.
fn watched(goes_on: GoesOn<'_>, search: impl FnOnce(*mut lc::BN_GENCB) -> i32) -> Result<i32> {
    // SAFETY: the answer is new.
    let Some(progress) = (unsafe { PrimeProgress::of(lc::BN_GENCB_new()) }) else {
        return operation("out of memory");
    };
    let mut watch = Watch {
        goes_on,
        stopped: false,
    };
    let argument: *mut Watch<'_> = &mut watch;
    // SAFETY: the progress is alive, and `watch` outlives the search, the only one to call back.
    unsafe { lc::BN_GENCB_set(progress.as_ptr(), Some(step), argument.cast::<c_void>()) };
    let answer = search(progress.as_ptr());
    if watch.stopped {
        forget_errors();
        return Err(Error::Stopped);
    }
    Ok(answer)
}

unsafe extern "C" fn step(_event: i32, _count: i32, progress: *mut lc::BN_GENCB) -> i32 {
    // SAFETY: `watched` has set the argument, which nobody else uses meanwhile.
    let watch = unsafe { &mut *lc::BN_GENCB_get_arg(progress).cast::<Watch<'_>>() };
    watch.stopped |= !(watch.goes_on)();
    i32::from(!watch.stopped)
}
