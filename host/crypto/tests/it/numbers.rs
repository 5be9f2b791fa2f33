//! Primes, and Diffie-Hellman over numbers.

use ouro_crypto::{
    Error, GoesOn, Group, GroupCheck, PRIME_BITS_MAX, Prime, PrimeCheck, SAFE_PRIME_BITS_MAX, Step,
    generate_group_prime, generate_numbers, generate_prime, group_prime, group_secret,
};

fn on(_: Step) -> bool {
    true
}

fn off(_: Step) -> bool {
    false
}

/// As in turns that are as short as they can be.
fn shortest_turn(step: Step) -> bool {
    step == Step::Within
}

fn is_prime(candidate: &[u8], checks: u32, goes_on: GoesOn<'_>) -> Result<bool, Error> {
    PrimeCheck::new(candidate, checks)?.run(goes_on)
}

fn check_group(group: &Group, goes_on: GoesOn<'_>) -> Result<u32, Error> {
    GroupCheck::new(group)?.run(goes_on)
}

/// Turns that work takes, and its answer.
fn turns<T>(mut work: impl FnMut(GoesOn<'_>) -> Result<T, Error>) -> (u32, Result<T, Error>) {
    let mut turns = 1;
    loop {
        match work(&mut shortest_turn) {
            Err(Error::Stopped) => turns += 1,
            answer => return (turns, answer),
        }
    }
}

fn number(bytes: &[u8]) -> u128 {
    bytes
        .iter()
        .fold(0, |value, byte| value << 8 | u128::from(*byte))
}

fn is_prime_by_division(value: u128) -> bool {
    let mut divisors = (2..).take_while(|it| it * it <= value);
    value > 1 && divisors.all(|it| !value.is_multiple_of(it))
}

fn small(prime: u8, generator: u8) -> Group {
    Group {
        prime: vec![prime],
        generator: vec![generator],
    }
}

fn named(bits: u32) -> Group {
    Group {
        prime: group_prime(bits).expect("a group"),
        generator: vec![2],
    }
}

fn generated(bits: u32, is_safe: bool, residue: Option<(u32, u32)>) -> Result<Vec<u8>, Error> {
    let prime = Prime {
        bits,
        is_safe,
        residue,
    };
    generate_prime(prime, &mut on)
}

#[test]
fn a_number_is_prime_or_not() {
    for value in 0..=2000_u16 {
        let found = is_prime(&value.to_be_bytes(), 0, &mut on);
        assert_eq!(found, Ok(is_prime_by_division(value.into())), "{value}");
    }
    // One of Carmichael's, one that deceives the bases 2, 3, 5 and 7, and two of Mersenne's.
    assert_eq!(is_prime(&561_u16.to_be_bytes(), 64, &mut on), Ok(false));
    let deceiving = 3_215_031_751_u64.to_be_bytes();
    assert_eq!(is_prime(&deceiving, 10, &mut on), Ok(false));
    let mersenne = ((1_u128 << 127) - 1).to_be_bytes();
    assert_eq!(is_prime(&mersenne, 64, &mut on), Ok(true));
    let mersenne = ((1_u128 << 67) - 1).to_be_bytes();
    assert_eq!(is_prime(&mersenne, 64, &mut on), Ok(false));
    assert_eq!(is_prime(&[], 0, &mut on), Ok(false));
    assert!(is_prime(&[0xff; 1025], 0, &mut on).is_err());
    assert!(is_prime(&[7], 65, &mut on).is_err());
}

#[test]
fn a_prime_is_what_was_demanded() {
    for bits in 2..=30 {
        let found = number(&generated(bits, false, None).expect("a prime"));
        assert_eq!(found.ilog2() + 1, bits, "{found}");
        assert!(is_prime_by_division(found), "{found}");
    }
    for bits in [3, 6, 7, 20, 29] {
        let found = number(&generated(bits, true, None).expect("a prime"));
        assert_eq!(found.ilog2() + 1, bits, "{found}");
        assert!(is_prime_by_division(found) && is_prime_by_division(found / 2));
    }
    for residue in [(12, 11), (24, 23), (60, 59), (24, 11), (10, 3)] {
        for is_safe in [false, true] {
            let found = number(&generated(32, is_safe, Some(residue)).expect("a prime"));
            assert_eq!(found % u128::from(residue.0), u128::from(residue.1));
            assert!(is_prime_by_division(found), "{found}");
            assert!(!is_safe || is_prime_by_division(found / 2), "{found}");
        }
    }
    let found = generated(512, true, None).expect("a prime");
    assert_eq!(found.len(), 64);
    assert_eq!(is_prime(&found, 64, &mut on), Ok(true));
}

#[test]
fn a_search_without_an_end_is_not_begun() {
    for (bits, is_safe) in [(0, false), (1, false), (2, true), (4, true), (5, true)] {
        let found = generated(bits, is_safe, None);
        assert!(matches!(found, Err(Error::Operation(_))), "{bits}");
    }
    for residue in [(0, 0), (12, 2), (9, 3), (12, 12), (12, 13), (24, 1)] {
        let found = generated(32, false, Some(residue));
        assert!(matches!(found, Err(Error::Unsupported(_))), "{residue:?}");
    }
    for (bits, is_safe) in [
        (PRIME_BITS_MAX + 1, false),
        (u32::MAX, false),
        (SAFE_PRIME_BITS_MAX + 1, true),
    ] {
        let found = generated(bits, is_safe, None);
        assert!(matches!(found, Err(Error::Unsupported(_))), "{bits}");
    }
}

#[test]
fn a_search_ends_when_it_may_not_go_on() {
    let mut steps = 0;
    let mut few = |_| {
        steps += 1;
        steps < 3
    };
    let safe = Prime {
        bits: 4096,
        is_safe: true,
        residue: None,
    };
    assert_eq!(generate_prime(safe, &mut few), Err(Error::Stopped));
    assert_eq!(steps, 3);
    let stopped = generate_group_prime(4096, 2, &mut off);
    assert_eq!(stopped, Err(Error::Stopped));
    let prime = group_prime(3072).expect("a group");
    assert_eq!(is_prime(&prime, 64, &mut off), Err(Error::Stopped));
}

#[test]
fn a_prime_is_found_also_where_its_confirmation_outlasts_a_turn() {
    for (bits, is_safe, residue) in [
        (1024, false, None),
        (256, true, None),
        (256, true, Some((24, 11))),
    ] {
        let prime = Prime {
            bits,
            is_safe,
            residue,
        };
        let (_, found) = turns(|goes_on| generate_prime(prime, goes_on));
        let found = found.expect("a prime");
        assert_eq!(found.len() as u32 * 8, bits);
        assert_eq!(is_prime(&found, 64, &mut on), Ok(true));
    }
}

#[test]
fn a_check_goes_on_where_it_was() {
    let prime = group_prime(2048).expect("a group");
    for (checks, rounds) in [(0, 64), (1, 16), (16, 16), (20, 20), (64, 64)] {
        let mut check = PrimeCheck::new(&prime, checks).expect("a number");
        let counted = turns(|goes_on| check.run(goes_on));
        assert_eq!(counted, (rounds, Ok(true)), "{checks}");
    }
    // The prime and its half have rounds of their own.
    let group = Group {
        prime: generate_group_prime(256, 2, &mut on).expect("a prime"),
        generator: vec![2],
    };
    let mut check = GroupCheck::new(&group).expect("a group");
    assert_eq!(turns(|goes_on| check.run(goes_on)), (127, Ok(0)));
}

#[test]
fn named_groups_are_those_of_rfc_3526() {
    for bits in [2048, 3072, 4096, 6144, 8192] {
        let prime = group_prime(bits).expect("a group");
        assert_eq!(prime.len() as u32, bits / 8);
        // Digits of pi stand between 64 bits that are set.
        let begin = 0xffff_ffff_ffff_ffff_c90f_daa2_2168_c234_u128.to_be_bytes();
        assert_eq!(prime[..16], begin, "{bits}");
        assert_eq!(prime[prime.len() - 8..], [0xff; 8]);
    }
    assert!(matches!(group_prime(1024), Err(Error::Unsupported(_))));
}

#[test]
fn both_sides_of_a_group_share_one_secret() {
    let group = named(2048);
    let a = generate_numbers(&group, None).expect("numbers");
    let b = generate_numbers(&group, None).expect("numbers");
    assert_ne!(a.private, b.private);
    let secret = group_secret(&group, &a.private, &b.public).expect("a secret");
    assert_eq!(secret.len(), 256);
    assert_eq!(group_secret(&group, &b.private, &a.public), Ok(secret));

    let numbers = generate_numbers(&group, Some(&[5])).expect("numbers");
    assert_eq!((numbers.private, numbers.public), (vec![5], vec![32]));
    let secret = group_secret(&group, &[5], &[3]).expect("a secret");
    assert_eq!((secret.len(), secret[255]), (256, 243));
    assert!(secret[..255].iter().all(|byte| *byte == 0));
}

#[test]
fn a_public_number_out_of_range_is_refused() {
    let group = named(2048);
    let mut last = group.prime.clone();
    last[255] -= 1;
    let told = |public: &[u8]| match group_secret(&group, &[5], public) {
        Err(Error::Data(told)) => told,
        other => panic!("{other:?}"),
    };
    for public in [&[][..], &[0], &[1], &[0, 0, 1]] {
        assert_eq!(told(public), "Supplied key is too small");
    }
    for public in [&last, &group.prime, &vec![0xff; 300], &vec![0xff; 30_000]] {
        assert_eq!(told(public), "Supplied key is too large");
    }
    assert!(group_secret(&group, &[0xff; 1025], &[5]).is_err());
}

#[test]
fn what_is_wrong_with_a_group_is_told_as_by_openssl() {
    let cases = [
        ((23, 2), 8),
        ((15, 2), 9),
        ((11, 2), 0),
        ((13, 2), 10),
        ((59, 2), 0),
        ((23, 5), 0),
        ((7, 5), 0),
        ((83, 3), 4),
    ];
    for ((prime, generator), flags) in cases {
        let found = check_group(&small(prime, generator), &mut on);
        assert_eq!(found, Ok(flags), "{prime} {generator}");
    }
    for generator in [2, 5] {
        let prime = generate_group_prime(256, generator, &mut on).expect("a prime");
        let group = Group {
            prime,
            generator: vec![generator as u8],
        };
        assert_eq!(check_group(&group, &mut on), Ok(0));
    }
}

#[test]
fn nothing_is_wrong_with_a_group_that_has_a_name_nor_computed() {
    for bits in [2048, 3072, 4096, 6144, 8192] {
        let mut group = named(bits);
        assert_eq!(check_group(&group, &mut off), Ok(0), "{bits}");
        group.generator = vec![3];
        assert_eq!(check_group(&group, &mut off), Ok(4), "{bits}");
    }
}

#[test]
fn what_is_no_group_is_refused() {
    for prime in [&[][..], &[0], &[1], &[2], &[24], &[0xff; 1025]] {
        for generator in [&[][..], &[0], &[2], &[0xff; 1024], &[0xff; 1025]] {
            let group = Group {
                prime: prime.to_vec(),
                generator: generator.to_vec(),
            };
            assert!(generate_numbers(&group, None).is_err(), "{group:?}");
            assert!(group_secret(&group, &[5], &[7]).is_err(), "{group:?}");
            let _ = check_group(&group, &mut on);
        }
    }
}
