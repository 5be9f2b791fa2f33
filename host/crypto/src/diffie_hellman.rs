//! Diffie-Hellman over numbers modulo a prime (PKCS #3).

use std::sync::LazyLock;

use aws_lc_sys as lc;

use crate::handle::{BigNumber, DhKey};
use crate::prime::{GoesOn, Prime, PrimeCheck, generate_prime};
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

/// Lengths of the primes that have names in RFC 7919, with what is added to the digits of e in them.
const RFC_7919: [(u32, lc::BN_ULONG); 5] = [
    (2048, 560_316),
    (3072, 2_625_351),
    (4096, 5_736_041),
    (6144, 15_705_020),
    (8192, 10_965_728),
];

/// Safe primes, all with the generator 2.
static WELL_KNOWN: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let of_pi = [2048, 3072, 4096, 6144, 8192].map(group_prime);
    let of_e = RFC_7919.map(|(bits, added)| rfc_7919_prime(bits, added));
    of_pi.into_iter().chain(of_e).flatten().collect()
});

/// 2^bits - 2^(bits - 64) + ([2^(bits - 130) e] + added) 2^64 - 1, so that digits of e stand between 64 bits that are set.
fn rfc_7919_prime(bits: u32, added: lc::BN_ULONG) -> Result<Vec<u8>> {
    let middle = digits_of_e(bits as i32 - 130)?;
    // SAFETY: the number is alive.
    let digits = unsafe {
        if lc::BN_add_word(middle.as_ptr(), added - 1) != 1 {
            return operation("out of memory");
        }
        number::write(middle.as_ptr())
    };
    let ones = [0xff; 8];
    Ok([&ones[..], &digits, &ones].concat())
}

/// [2^bits e], as the sum of 1 / n!. What division loses stays within the bits that are cut off.
fn digits_of_e(bits: i32) -> Result<BigNumber> {
    const CUT_OFF_BITS: i32 = 64;
    let (term, sum) = (number::read(&[1])?, number::read(&[])?);
    // SAFETY: both are alive.
    unsafe {
        let mut done = lc::BN_lshift(term.as_ptr(), term.as_ptr(), bits + CUT_OFF_BITS) == 1;
        let mut divisor = 0;
        while done && lc::BN_is_zero(term.as_ptr()) == 0 {
            divisor += 1;
            done = lc::BN_add(sum.as_ptr(), sum.as_ptr(), term.as_ptr()) == 1
                && lc::BN_div_word(term.as_ptr(), divisor) != lc::BN_ULONG::MAX;
        }
        if done && lc::BN_rshift(sum.as_ptr(), sum.as_ptr(), CUT_OFF_BITS) == 1 {
            return Ok(sum);
        }
    }
    operation("out of memory")
}

/// What is wrong with a group. It takes long, so that it may be stopped, and goes on where it was.
#[derive(Clone, Debug)]
pub struct GroupCheck {
    flags: u32,
    /// What it means where one is not prime.
    checks: Vec<(u32, PrimeCheck)>,
}

impl GroupCheck {
    /// Of a group that has a name nothing is wrong, as OpenSSL says: its generator generates half of the numbers, which is meant. Its prime
    /// is known to be safe also beside another generator.
    pub fn new(group: &Group) -> Result<Self> {
        let prime = number::read(&group.prime)?;
        let generator = number::read(&group.generator)?;
        let flags = generator_flags(&prime, &generator);
        // SAFETY: both are alive.
        let (bytes, is_two) = unsafe {
            (
                number::write(prime.as_ptr()),
                lc::BN_is_word(generator.as_ptr(), 2) == 1,
            )
        };
        if WELL_KNOWN.contains(&bytes) {
            return Ok(Self {
                flags: if is_two { 0 } else { flags },
                checks: Vec::new(),
            });
        }
        // SAFETY: the number is alive.
        let half = unsafe { number::write(halved(&prime)?.as_ptr()) };
        let checks = vec![
            (NOT_PRIME, PrimeCheck::new(&bytes, 0)?),
            (NOT_SAFE, PrimeCheck::new(&half, 0)?),
        ];
        Ok(Self { flags, checks })
    }

    /// Flags.
    pub fn run(&mut self, goes_on: GoesOn<'_>) -> Result<u32> {
        for (flag, check) in &mut self.checks {
            if !check.run(goes_on)? {
                return Ok(self.flags | *flag);
            }
        }
        Ok(self.flags)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_of_rfc_7919_are_those_that_it_lists() {
        // What each ends in before 64 bits that are set. The digits before are those of e, as in the two that AWS-LC has.
        for (bits, end) in [
            (2048, 0x886b_4238_6128_5c97_u64),
            (3072, 0x25e4_1d2b_66c6_2e37),
            (4096, 0xc68a_007e_5e65_5f6a),
            (6144, 0xa40e_329c_d0e4_0e65),
            (8192, 0xd68c_8bb7_c5c6_424c),
        ] {
            let prime = WELL_KNOWN[5..].iter().find(|it| it.len() == bits / 8);
            let prime = prime.expect("a prime");
            let ends = &prime[prime.len() - 16..];
            assert_eq!(ends, [end.to_be_bytes(), [0xff; 8]].concat(), "{bits}");
        }
        // SAFETY: the answers are new, and alive while their primes are written.
        unsafe {
            for (of, at) in [
                (lc::DH_get_rfc7919_2048(), 5),
                (lc::DH_get_rfc7919_4096(), 7),
            ] {
                let known = DhKey::of(of).expect("a group");
                let prime = number::write(lc::DH_get0_p(known.as_ptr()));
                assert_eq!(prime, WELL_KNOWN[at]);
            }
        }
    }
}
