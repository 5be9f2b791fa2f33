//! Primes, and Diffie-Hellman over numbers.

use super::{ask, bytes_array};
use crate::bindings::ouro::host::crypto::{self as host, Group};
use crate::js::{Array, Bytes, Ctx, Func, Object, Result, Value, bytes_value};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("generatePrime", Func::from(generate_prime))?;
    native.set("isPrime", Func::from(is_prime))?;
    native.set("groupPrime", Func::from(group_prime))?;
    native.set("generateGroupPrime", Func::from(generate_group_prime))?;
    native.set("checkGroup", Func::from(check_group))?;
    native.set("generateNumbers", Func::from(generate_numbers))?;
    native.set("groupSecret", Func::from(group_secret))
}

fn generate_prime<'js>(
    ctx: Ctx<'js>,
    bits: u32,
    is_safe: bool,
    divisor: u32,
    remainder: u32,
) -> Result<Value<'js>> {
    let residue = (divisor != 0).then_some((divisor, remainder));
    let prime = ask(&ctx, "searching a prime", || {
        host::generate_prime(bits, is_safe, residue)
    })?;
    bytes_value(&ctx, &prime)
}

fn is_prime<'js>(ctx: Ctx<'js>, candidate: Bytes<'js>, checks: u32) -> Result<bool> {
    ask(&ctx, "checking a prime", || {
        host::is_prime(candidate.as_slice(), checks)
    })
}

fn group_prime<'js>(ctx: Ctx<'js>, bits: u32) -> Result<Value<'js>> {
    let prime = ask(&ctx, "Diffie-Hellman", || host::group_prime(bits))?;
    bytes_value(&ctx, &prime)
}

fn generate_group_prime<'js>(ctx: Ctx<'js>, bits: u32, generator: u32) -> Result<Value<'js>> {
    let prime = ask(&ctx, "searching a prime", || {
        host::generate_group_prime(bits, generator)
    })?;
    bytes_value(&ctx, &prime)
}

fn group<'a>(prime: &'a Bytes<'_>, generator: &'a Bytes<'_>) -> Group<'a> {
    Group {
        prime: prime.as_slice(),
        generator: generator.as_slice(),
    }
}

fn check_group<'js>(ctx: Ctx<'js>, prime: Bytes<'js>, generator: Bytes<'js>) -> Result<u32> {
    ask(&ctx, "Diffie-Hellman", || {
        host::check_group(group(&prime, &generator))
    })
}

fn generate_numbers<'js>(
    ctx: Ctx<'js>,
    prime: Bytes<'js>,
    generator: Bytes<'js>,
    private: Option<Bytes<'js>>,
) -> Result<Array<'js>> {
    let private = private.as_ref().map(Bytes::as_slice);
    let numbers = ask(&ctx, "Diffie-Hellman", || {
        host::generate_numbers(group(&prime, &generator), private)
    })?;
    bytes_array(&ctx, &[numbers.private, numbers.public])
}

fn group_secret<'js>(
    ctx: Ctx<'js>,
    prime: Bytes<'js>,
    generator: Bytes<'js>,
    private: Bytes<'js>,
    public: Bytes<'js>,
) -> Result<Value<'js>> {
    let secret = ask(&ctx, "Diffie-Hellman", || {
        host::group_secret(
            group(&prime, &generator),
            private.as_slice(),
            public.as_slice(),
        )
    })?;
    bytes_value(&ctx, &secret)
}
