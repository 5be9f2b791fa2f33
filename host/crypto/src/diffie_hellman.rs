//! Diffie-Hellman over numbers modulo a prime (PKCS #3).

use aws_lc_sys as lc;

use crate::handle::{BigNumber, DhKey};
use crate::prime::{GoesOn, PRIME_CHECKS_MAX, Prime, generate_prime, is_prime_number};
use crate::{Result, data, number, operation, unsupported};

/// Big-endian numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub prime: Vec<u8>,
    pub generator: Vec<u8>,
}

/// Big-endian numbers as well.
pub struct Numbers {
    pub private: Vec<u8>,
    pub public: Vec<u8>,
}

/// What is wrong with a group, as OpenSSL tells it.
const NOT_PRIME: u32 = 1;
const NOT_SAFE: u32 = 2;
const GENERATOR_NOT_CHECKED: u32 = 4;
const GENERATOR_NOT_SUITABLE: u32 = 8;

/// The prime of that many bits that has a name (RFC 3526). Its generator is 2.
pub fn group_prime(bits: u32) -> Result<Vec<u8>> {
    let prime = match bits {
        2048 => lc::BN_get_rfc3526_prime_2048,
        3072 => lc::BN_get_rfc3526_prime_3072,
        4096 => lc::BN_get_rfc3526_prime_4096,
        6144 => lc::BN_get_rfc3526_prime_6144,
        8192 => lc::BN_get_rfc3526_prime_8192,
        _ => return unsupported(format!("no group of {bits} bits has a name")),
    };
    // SAFETY: the answer is new, and alive while it is written.
    unsafe {
        match BigNumber::of(prime(std::ptr::null_mut())) {
            Some(prime) => Ok(number::write(prime.as_ptr())),
            None => operation("out of memory"),
        }
    }
}

/// A safe prime such that 2 generates all numbers below it, and 5 too; of other generators nothing is known.
pub fn generate_group_prime(bits: u32, generator: u32, goes_on: GoesOn<'_>) -> Result<Vec<u8>> {
    let residue = match generator {
        0 | 1 => return operation("a generator is at least 2"),
        2 => (24, 11),
        5 => (10, 3),
        _ => (12, 11),
    };
    let prime = Prime {
        bits,
        is_safe: true,
        residue: Some(residue),
    };
    generate_prime(prime, goes_on)
}

/// What is wrong with a group. The primes that have names are known to be safe.
pub fn check_group(group: &Group, goes_on: GoesOn<'_>) -> Result<u32> {
    let prime = number::read(&group.prime)?;
    let generator = number::read(&group.generator)?;
    let bits = group.prime.len() as u32 * 8;
    let mut flags = generator_flags(&prime, &generator);
    if group_prime(bits).is_ok_and(|known| known == group.prime) {
        return Ok(flags);
    }
    if !is_prime_number(&prime, PRIME_CHECKS_MAX, goes_on)? {
        flags |= NOT_PRIME;
    } else if !is_prime_number(&halved(&prime)?, PRIME_CHECKS_MAX, goes_on)? {
        flags |= NOT_SAFE;
    }
    Ok(flags)
}

fn generator_flags(prime: &BigNumber, generator: &BigNumber) -> u32 {
    // SAFETY: both are alive.
    let (is_two, is_five, of_24, of_10) = unsafe {
        (
            lc::BN_is_word(generator.as_ptr(), 2) == 1,
            lc::BN_is_word(generator.as_ptr(), 5) == 1,
            lc::BN_mod_word(prime.as_ptr(), 24),
            lc::BN_mod_word(prime.as_ptr(), 10),
        )
    };
    match (is_two, is_five) {
        (true, _) if of_24 == 11 => 0,
        (_, true) if matches!(of_10, 3 | 7) => 0,
        (false, false) => GENERATOR_NOT_CHECKED,
        _ => GENERATOR_NOT_SUITABLE,
    }
}

fn halved(number: &BigNumber) -> Result<BigNumber> {
    let half = number::read(&[])?;
    // SAFETY: both are alive.
    if unsafe { lc::BN_rshift1(half.as_ptr(), number.as_ptr()) } == 1 {
        Ok(half)
    } else {
        operation("out of memory")
    }
}

/// New numbers, or the public one of a private one that is there.
pub fn generate_numbers(group: &Group, private: Option<&[u8]>) -> Result<Numbers> {
    let key = key(group, private)?;
    // SAFETY: the key is alive; both numbers are the key's.
    unsafe {
        if lc::DH_generate_key(key.as_ptr()) != 1 {
            return operation("no key was made");
        }
        Ok(Numbers {
            private: number::write(lc::DH_get0_priv_key(key.as_ptr())),
            public: number::write(lc::DH_get0_pub_key(key.as_ptr())),
        })
    }
}

/// The secret, as long as the prime. A public number that is not between 1 and the prime less 1 is refused as data.
pub fn group_secret(group: &Group, private: &[u8], public: &[u8]) -> Result<Vec<u8>> {
    let key = key(group, Some(private))?;
    if exceeds_longest(public) {
        return data("Supplied key is too large");
    }
    let public = number::read(public)?;
    check_public(&key, &public)?;
    // SAFETY: both are alive; the buffer is as long as the prime.
    unsafe {
        let mut secret = vec![0; lc::DH_size(key.as_ptr()).unsigned_abs() as usize];
        let length = lc::DH_compute_key_padded(secret.as_mut_ptr(), public.as_ptr(), key.as_ptr());
        if usize::try_from(length) == Ok(secret.len()) {
            return Ok(secret);
        }
    }
    operation("the keys share no secret")
}

fn exceeds_longest(number: &[u8]) -> bool {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.len() - zeros > number::NUMBER_BYTES_MAX
}

fn check_public(key: &DhKey, public: &BigNumber) -> Result<()> {
    let mut flags = 0;
    // SAFETY: both are alive.
    if unsafe { lc::DH_check_pub_key(key.as_ptr(), public.as_ptr(), &mut flags) } != 1 {
        return operation("the group is not one");
    }
    match flags {
        0 => Ok(()),
        flags if flags & lc::DH_CHECK_PUBKEY_TOO_SMALL != 0 => data("Supplied key is too small"),
        flags if flags & lc::DH_CHECK_PUBKEY_TOO_LARGE != 0 => data("Supplied key is too large"),
        _ => data("Supplied key is invalid"),
    }
}

fn key(group: &Group, private: Option<&[u8]>) -> Result<DhKey> {
    let prime = number::read(&group.prime)?;
    let generator = number::read(&group.generator)?;
    let private = private.map(number::read).transpose()?;
    let none = std::ptr::null_mut();
    // SAFETY: what a call takes over where it succeeds is given up at once.
    unsafe {
        let Some(key) = DhKey::of(lc::DH_new()) else {
            return operation("out of memory");
        };
        if lc::DH_set0_pqg(key.as_ptr(), prime.as_ptr(), none, generator.as_ptr()) != 1 {
            return operation("the group is not one");
        }
        std::mem::forget((prime, generator));
        if let Some(private) = private {
            if lc::DH_set0_key(key.as_ptr(), none, private.as_ptr()) != 1 {
                return operation("the private number was not taken");
            }
            std::mem::forget(private);
        }
        Ok(key)
    }
}
