//! Prime numbers, and how long the search for one may go on.

use std::ffi::c_void;
use std::ptr;

use aws_lc_sys as lc;

use crate::handle::{BigNumber, Montgomery, NumberContext, PrimeProgress, forget_errors};
use crate::{Error, Result, number, operation, unsupported};

/// Of the longest group for Diffie-Hellman that has a name.
pub const PRIME_BITS_MAX: u32 = 8192;
/// Of a safe prime. AWS-LC confirms one of that length in 4 s, and a longer one in more than a turn should take; nor is one found in a
/// time that anybody waits.
pub const SAFE_PRIME_BITS_MAX: u32 = 4096;
/// Enough for a number that is made to deceive.
pub const PRIME_CHECKS_MAX: u32 = lc::BN_prime_checks_for_validation as u32;
/// AWS-LC does no fewer.
const PRIME_CHECKS_MIN: u32 = 16;

/// Divisors and remainders that may be demanded. The search for a prime with others might never end.
const RESIDUES: [(u32, u32); 5] = [(12, 11), (24, 23), (60, 59), (24, 11), (10, 3)];

/// Where work asks whether it may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is lost where it stops, and some of the work is done: it goes on, or is as likely to succeed, when it is begun again.
    Between,
    /// What was done for one number is lost. Up to the next step a number of 8192 bits takes 0.3 s, one of 4096 bits that has to be a safe
    /// prime 1.3 s.
    Within,
}

pub type GoesOn<'a> = &'a mut dyn FnMut(Step) -> bool;

/// What a prime has to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prime {
    pub bits: u32,
    /// (p - 1) / 2 is prime as well.
    pub is_safe: bool,
    /// Divided by the first, the prime leaves the second: one of the pairs that Diffie-Hellman needs.
    pub residue: Option<(u32, u32)>,
}

/// A random prime, big-endian, which is confirmed by as many rounds as a random number needs. One with a residue is searched upwards beyond the primes that others are divided by, so that it has 13 bits
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
    let (kind, most) = match is_safe {
        true => ("safe prime", SAFE_PRIME_BITS_MAX),
        false => ("prime", PRIME_BITS_MAX),
    };
    if bits > most {
        return unsupported(format!("a {kind} has at most {most} bits, not {bits}"));
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

/// A number that is checked, and how many rounds of Miller-Rabin it has still to pass: a check that was stopped goes on where it was.
#[derive(Clone, Debug)]
pub struct PrimeCheck {
    candidate: Vec<u8>,
    rounds: u32,
}

impl PrimeCheck {
    /// With that many rounds, or more; 0 stands for as many as a number needs of which nothing is known.
    pub fn new(candidate: &[u8], checks: u32) -> Result<Self> {
        if checks > PRIME_CHECKS_MAX {
            return unsupported(format!(
                "{checks} checks are more than the {PRIME_CHECKS_MAX} that are done"
            ));
        }
        number::check_length(candidate)?;
        Ok(Self {
            candidate: candidate.to_vec(),
            rounds: match checks {
                0 => PRIME_CHECKS_MAX,
                checks => checks.max(PRIME_CHECKS_MIN),
            },
        })
    }

    pub fn run(&mut self, goes_on: GoesOn<'_>) -> Result<bool> {
        let candidate = number::read(&self.candidate)?;
        if let Some(is_prime) = told_by_division(&candidate)? {
            return Ok(is_prime);
        }
        let test = MillerRabin::new(&candidate)?;
        while self.rounds > 0 {
            if !test.passes()? {
                return Ok(false);
            }
            self.rounds -= 1;
            if self.rounds > 0 && !goes_on(Step::Between) {
                return Err(Error::Stopped);
            }
        }
        Ok(true)
    }
}

/// Whether a number is prime, where small primes tell: AWS-LC divides by them before the first step.
fn told_by_division(candidate: &BigNumber) -> Result<Option<bool>> {
    // SAFETY: the number is alive; a context of its own is made where none is given.
    let answer = watched(&mut |_| false, |progress| unsafe {
        lc::BN_is_prime_fasttest_ex(candidate.as_ptr(), 1, ptr::null_mut(), 1, progress)
    });
    match answer {
        Err(Error::Stopped) => Ok(None),
        Ok(0) => Ok(Some(false)),
        Ok(1) => Ok(Some(true)),
        Ok(_) => operation("the number was not checked"),
        Err(error) => Err(error),
    }
}

/// Rounds of FIPS 186-4 C.3.1 for an odd number above 3, one at a time, as AWS-LC does at least 16.
struct MillerRabin<'a> {
    candidate: &'a BigNumber,
    /// The candidate less 1, which is `odd` times 2 to the power of `twos`.
    last: BigNumber,
    odd: BigNumber,
    twos: i32,
    montgomery: Montgomery,
    context: NumberContext,
}

impl<'a> MillerRabin<'a> {
    fn new(candidate: &'a BigNumber) -> Result<Self> {
        let (last, odd) = (number::read(&[])?, number::read(&[])?);
        // SAFETY: all are alive; the answers are new.
        unsafe {
            let context = NumberContext::of(lc::BN_CTX_new());
            let Some(context) = context else {
                return operation("out of memory");
            };
            let montgomery = Montgomery::of(lc::BN_MONT_CTX_new_consttime(
                candidate.as_ptr(),
                context.as_ptr(),
            ));
            let Some(montgomery) = montgomery else {
                return operation("the number was not checked");
            };
            let is_last = lc::BN_sub(last.as_ptr(), candidate.as_ptr(), lc::BN_value_one()) == 1;
            let twos = lc::BN_count_low_zero_bits(last.as_ptr());
            if !is_last || lc::BN_rshift(odd.as_ptr(), last.as_ptr(), twos) != 1 {
                return operation("out of memory");
            }
            Ok(Self {
                candidate,
                last,
                odd,
                twos,
                montgomery,
                context,
            })
        }
    }

    /// One round, with a random base.
    fn passes(&self) -> Result<bool> {
        let power = number::read(&[])?;
        let (it, modulus, context) = (
            power.as_ptr(),
            self.candidate.as_ptr(),
            self.context.as_ptr(),
        );
        // SAFETY: all are alive; the base is below the modulus.
        unsafe {
            if lc::BN_rand_range_ex(it, 2, self.last.as_ptr()) != 1
                || lc::BN_mod_exp_mont_consttime(
                    it,
                    it,
                    self.odd.as_ptr(),
                    modulus,
                    context,
                    self.montgomery.as_ptr(),
                ) != 1
            {
                return operation("the number was not checked");
            }
            let is_last = || lc::BN_cmp(it, self.last.as_ptr()) == 0;
            if lc::BN_is_one(it) == 1 || is_last() {
                return Ok(true);
            }
            for _ in 1..self.twos {
                if lc::BN_mod_sqr(it, it, modulus, context) != 1 {
                    return operation("the number was not checked");
                }
                if is_last() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
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

/// Before a search has tested its first number it is not between two, or it would never get on where turns are short.
fn step_of(event: i32, count: i32) -> Step {
    if event == lc::BN_GENCB_GENERATED && count > 0 {
        Step::Between
    } else {
        Step::Within
    }
}

unsafe extern "C" fn step(event: i32, count: i32, progress: *mut lc::BN_GENCB) -> i32 {
    // SAFETY: `watched` has set the argument, which nobody else uses meanwhile.
    let watch = unsafe { &mut *lc::BN_GENCB_get_arg(progress).cast::<Watch<'_>>() };
    watch.stopped |= !(watch.goes_on)(step_of(event, count));
    i32::from(!watch.stopped)
}
