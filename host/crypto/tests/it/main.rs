//! Keys, signatures and derivations against the vectors of their standards, and what hostile input gets.

mod numbers;
mod passphrase;

use ouro_crypto::{
    Error, Format, Hash, ITERATIONS_MAX, Key, Kind, Padding, SALT_AUTO, Scheme, decrypt, encrypt,
    export, generate, import, is_slow, pbkdf2, scrypt, shared_secret, sign, verify,
};

const CURVES: [Kind; 7] = [
    Kind::P256,
    Kind::P384,
    Kind::P521,
    Kind::Ed25519,
    Kind::X25519,
    Kind::Ed448,
    Kind::X448,
];
const F4: &[u8] = &[1, 0, 1];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter_map(|byte| (byte as char).to_digit(16).map(|digit| digit as u8))
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn keys(kind: Kind) -> (Key, Key) {
    let pair = generate(kind, 2048, F4).expect("a pair");
    let key = |der, is_private| Key {
        kind,
        is_private,
        der,
    };
    (key(pair.private, true), key(pair.public, false))
}

fn again(format: Format, key: &Key) -> Key {
    let parts = export(format, key).unwrap_or_else(|error| panic!("{format:?}: {error}"));
    import(format, Some(key.kind), &parts).unwrap_or_else(|error| panic!("{format:?}: {error}"))
}

#[test]
fn a_key_goes_there_and_back_in_every_form_that_it_has() {
    for kind in CURVES.into_iter().chain([Kind::Rsa]) {
        let (private, public) = keys(kind);
        for format in [Format::Pkcs8, Format::Parts] {
            assert_eq!(again(format, &private), private, "{kind:?} {format:?}");
        }
        for format in [Format::Spki, Format::Parts] {
            assert_eq!(again(format, &public), public, "{kind:?} {format:?}");
        }
        let spki = export(Format::Spki, &private).expect("its public half");
        assert_eq!(spki, std::slice::from_ref(&public.der));
        if kind == Kind::Rsa {
            assert_eq!(again(Format::Pkcs1, &private), private);
            assert_eq!(again(Format::Pkcs1Public, &public), public);
            assert!(export(Format::Raw, &public).is_err());
        } else {
            assert_eq!(again(Format::Raw, &public), public);
            assert_eq!(again(Format::RawPrivate, &private), private);
        }
    }
    for kind in [Kind::P256, Kind::P384, Kind::P521] {
        let (private, public) = keys(kind);
        assert_eq!(again(Format::Sec1, &private), private);
        let compressed = export(Format::RawCompressed, &public).expect("a point");
        assert_eq!(import(Format::Raw, Some(kind), &compressed), Ok(public));
    }
}

#[test]
fn signatures_verify_and_changed_ones_do_not() {
    let digest = [7; 32];
    let hash = Hash::Sha256;
    let schemes = [
        (Kind::Rsa, Scheme::RsaPkcs1(hash)),
        (Kind::Rsa, Scheme::RsaPss(hash, 0)),
        (Kind::Rsa, Scheme::RsaPss(hash, 32)),
        (Kind::Rsa, Scheme::RsaPss(hash, SALT_AUTO)),
        (Kind::P256, Scheme::Ecdsa),
        (Kind::P384, Scheme::EcdsaDer),
        (Kind::P521, Scheme::Ecdsa),
        (Kind::Ed25519, Scheme::Ed25519),
        (Kind::Ed448, Scheme::Ed448),
    ];
    for (kind, scheme) in schemes {
        let (private, public) = keys(kind);
        let mut signature = sign(scheme, &private.der, &digest).expect("signs");
        assert_eq!(verify(scheme, &public.der, &digest, &signature), Ok(true));
        assert_eq!(verify(scheme, &public.der, &[8; 32], &signature), Ok(false));
        assert_eq!(
            verify(scheme, &public.der, &digest, &signature[1..]),
            Ok(false)
        );
        assert_eq!(verify(scheme, &public.der, &digest, &[]), Ok(false));
        signature[9] ^= 1;
        assert_eq!(verify(scheme, &public.der, &digest, &signature), Ok(false));
    }
}

#[test]
fn a_salt_of_any_length_is_found_where_verifying_asks_for_that() {
    let (private, public) = keys(Kind::Rsa);
    let pss = |salt| Scheme::RsaPss(Hash::Sha256, salt);
    for salt in [0, 32, SALT_AUTO] {
        let signature = sign(pss(salt), &private.der, &[7; 32]).expect("signs");
        let right = verify(pss(SALT_AUTO), &public.der, &[7; 32], &signature);
        assert_eq!(right, Ok(true), "{salt}");
        let other = verify(pss(20), &public.der, &[7; 32], &signature);
        assert_eq!(other, Ok(false), "{salt}");
    }
}

#[test]
fn a_key_signs_as_its_kind_alone() {
    let (private, _) = keys(Kind::P256);
    for scheme in [
        Scheme::RsaPkcs1(Hash::Sha256),
        Scheme::Ed25519,
        Scheme::Ed448,
    ] {
        assert!(matches!(
            sign(scheme, &private.der, &[0; 32]),
            Err(Error::Data(_))
        ));
    }
    let (private, _) = keys(Kind::Rsa);
    let too_long = Scheme::RsaPss(Hash::Sha256, 1025);
    assert!(matches!(
        sign(too_long, &private.der, &[0; 32]),
        Err(Error::Operation(_))
    ));
    let wrong = sign(Scheme::RsaPkcs1(Hash::Sha256), &private.der, &[0; 31]);
    assert!(
        matches!(wrong, Err(Error::Operation(_))),
        "no digest of SHA-256"
    );
}

#[test]
fn ed25519_is_that_of_rfc_8032() {
    // 7.1, test 2.
    let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let key = import(Format::RawPrivate, Some(Kind::Ed25519), &[seed]).expect("a key");
    let signature = sign(Scheme::Ed25519, &key.der, &[0x72]).expect("signs");
    let expected = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                    085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    assert_eq!(signature, hex(expected));
}

#[test]
fn ed448_is_that_of_rfc_8032() {
    // 7.4, "1 octet".
    let seed = hex(
        "c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c\
         5e3bc397a659949ef8021e954e0a12274e",
    );
    let key = import(Format::RawPrivate, Some(Kind::Ed448), &[seed]).expect("a key");
    let signature = sign(Scheme::Ed448, &key.der, &[0x03]).expect("signs");
    let expected = "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7\
                    e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336\
                    c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00";
    assert_eq!(signature, hex(expected));
}

#[test]
fn x448_is_that_of_rfc_7748() {
    // 6.2.
    let own = hex(
        "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391\
         006382a6f127ab1d9ac2d8c0a598726b",
    );
    let other = hex(
        "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13c\
         a706dcb57aec3dae07bdc1c67bf33609",
    );
    let own = import(Format::RawPrivate, Some(Kind::X448), &[own]).expect("a key");
    let other = import(Format::Raw, Some(Kind::X448), &[other]).expect("a key");
    let secret = "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936\
                  521c24403085d59a449a5037514a879d";
    assert_eq!(shared_secret(&own.der, &other.der), Ok(hex(secret)));
    // Points of small order, canonical or not, share zeros with everybody.
    let mut prime = vec![0xff; 56];
    prime[28] = 0xfe;
    for small in [vec![0; 56], prime] {
        let small = import(Format::Raw, Some(Kind::X448), &[small]).expect("a key");
        let refused = shared_secret(&own.der, &small.der);
        assert!(matches!(refused, Err(Error::Operation(_))));
    }
}

#[test]
fn x25519_is_that_of_rfc_7748() {
    // 6.1.
    let own = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    let other = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    let own = import(Format::RawPrivate, Some(Kind::X25519), &[own]).expect("a key");
    let other = import(Format::Raw, Some(Kind::X25519), &[other]).expect("a key");
    let secret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    assert_eq!(shared_secret(&own.der, &other.der), Ok(hex(secret)));
    // A point of small order shares zeros with everybody.
    let zero = import(Format::Raw, Some(Kind::X25519), &[vec![0; 32]]).expect("a key");
    assert!(matches!(
        shared_secret(&own.der, &zero.der),
        Err(Error::Operation(_))
    ));
}

#[test]
fn both_sides_share_one_secret() {
    for kind in [Kind::P256, Kind::P384, Kind::P521, Kind::X25519, Kind::X448] {
        let ((a, a_public), (b, b_public)) = (keys(kind), keys(kind));
        let secret = shared_secret(&a.der, &b_public.der).expect("a secret");
        assert_eq!(shared_secret(&b.der, &a_public.der), Ok(secret));
    }
    let ((own, _), (_, other)) = (keys(Kind::P256), keys(Kind::P384));
    assert!(matches!(
        shared_secret(&own.der, &other.der),
        Err(Error::Operation(_))
    ));
}

#[test]
fn rsa_opens_what_it_sealed_with_the_same_label() {
    let (private, public) = keys(Kind::Rsa);
    let padding = |label: &[u8]| Padding::Oaep(Hash::Sha384, label.to_vec());
    for padding in [padding(b""), padding(b"label"), Padding::Pkcs1] {
        let sealed = encrypt(&padding, &public.der, b"secret").expect("seals");
        assert_eq!(
            decrypt(&padding, &private.der, &sealed),
            Ok(b"secret".to_vec())
        );
    }
    let sealed = encrypt(&padding(b"a"), &public.der, b"secret").expect("seals");
    assert!(matches!(
        decrypt(&padding(b"b"), &private.der, &sealed),
        Err(Error::Operation(_))
    ));
    assert!(
        encrypt(&padding(b""), &public.der, &[0; 256]).is_err(),
        "no room"
    );
}

#[test]
fn derivations_are_those_of_their_rfcs() {
    // RFC 6070, RFC 7914 12.
    let key = pbkdf2(Hash::Sha1, b"password", b"salt", 4096, 20);
    assert_eq!(key, Ok(hex("4b007901b765489abead49d926f721d065a429c1")));
    let key = scrypt(b"password", b"NaCl", 1024, 8, 16, 64).expect("a key");
    assert_eq!(key[..8], hex("fdbabe1c9d347200"));
}

#[test]
fn what_would_take_too_long_is_refused() {
    let iterations = u32::try_from(ITERATIONS_MAX).expect("fits") + 1;
    let refused = |answer: Result<Vec<u8>, Error>| matches!(answer, Err(Error::Unsupported(_)));
    assert!(refused(pbkdf2(Hash::Sha256, b"", b"", iterations, 32)));
    assert!(refused(pbkdf2(
        Hash::Sha256,
        b"",
        b"",
        iterations / 2 + 1,
        64
    )));
    assert!(refused(pbkdf2(Hash::Sha256, b"", b"", 1, 2 << 20)));
    assert!(refused(scrypt(b"", b"", 1 << 20, 8, 1, 32)));
    assert!(refused(scrypt(b"", b"", u64::MAX, u32::MAX, u32::MAX, 32)));
    for (bits, exponent) in [
        (512, F4),
        (2047, F4),
        (8192, F4),
        (2048, &[1][..]),
        (2048, &[]),
    ] {
        assert!(
            generate(Kind::Rsa, bits, exponent).is_err(),
            "{bits} {exponent:?}"
        );
    }
}

#[test]
fn no_bytes_are_mistaken_for_a_key() {
    let all = [
        Format::Pkcs8,
        Format::Spki,
        Format::Sec1,
        Format::Pkcs1,
        Format::Pkcs1Public,
        Format::X509,
        Format::Raw,
        Format::RawPrivate,
        Format::Parts,
    ];
    let garbage = [
        vec![],
        vec![0; 33],
        vec![0xff; 97],
        vec![0x30; 6000],
        vec![4; 65],
    ];
    for format in all {
        for kind in CURVES
            .into_iter()
            .chain([Kind::Rsa])
            .map(Some)
            .chain([None])
        {
            for bytes in &garbage {
                let parts = vec![bytes.clone(); 2];
                assert!(
                    import(format, kind, &parts[..1]).is_err(),
                    "{format:?} {kind:?}"
                );
                assert!(import(format, kind, &parts).is_err(), "{format:?} {kind:?}");
                assert!(import(format, kind, &[]).is_err(), "{format:?} {kind:?}");
            }
        }
    }
}

#[test]
fn halves_that_do_not_belong_together_are_refused() {
    for kind in CURVES {
        let ((one, _), (_, other)) = (keys(kind), keys(kind));
        let mut parts = export(Format::Parts, &other).expect("parts");
        parts.extend(export(Format::RawPrivate, &one).expect("a scalar"));
        assert!(
            matches!(
                import(Format::Parts, Some(kind), &parts),
                Err(Error::Data(_))
            ),
            "{kind:?}"
        );
    }
    let (private, _) = keys(Kind::Rsa);
    let mut parts = export(Format::Parts, &private).expect("parts");
    parts[3][0] ^= 1;
    assert!(matches!(
        import(Format::Parts, Some(Kind::Rsa), &parts),
        Err(Error::Data(_))
    ));
}

#[test]
fn bytes_after_a_key_are_refused() {
    let (private, public) = keys(Kind::P256);
    for (format, key) in [(Format::Pkcs8, private), (Format::Spki, public)] {
        let mut der = key.der;
        der.push(0);
        assert!(matches!(import(format, None, &[der]), Err(Error::Data(_))));
    }
}

/// DER (X.690) of a value, whose length has as few bytes as it can: one key in some hundred has a number shorter than the others.
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len() as u16;
    let length = match length.to_be_bytes() {
        [0, low] if low < 0x80 => vec![low],
        [0, low] => vec![0x81, low],
        [high, low] => vec![0x82, high, low],
    };
    [&[tag], &length[..], value].concat()
}

/// A non-negative integer.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if bytes[0] < 0x80 { &[] } else { &[0] };
    der(2, &[sign, bytes].concat())
}

#[test]
fn an_rsa_private_key_without_its_primes_is_refused() {
    let (private, _) = keys(Kind::Rsa);
    let numbers = export(Format::Parts, &private).expect("its numbers");
    let zero = integer(&[0]);
    let (n, d) = (integer(&numbers[0]), integer(&numbers[2]));
    let inner = [&zero, &n, &zero, &d, &zero, &zero, &zero, &zero, &zero];
    let key = der(0x30, &inner.map(|part| &part[..]).concat());
    let error = import(Format::Pkcs1, None, &[key]).expect_err("is refused");
    assert!(error.to_string().contains("primes"), "{error}");
}

#[test]
fn the_parts_of_a_key_are_counted_before_they_are_read() {
    let parts = vec![Vec::new(); 100_000];
    let error = import(Format::Parts, Some(Kind::Rsa), &parts).expect_err("is refused");
    assert!(error.to_string().contains("at most 8 parts"), "{error}");
}

#[test]
fn what_is_slow_is_told_by_the_key_and_the_data() {
    let (private, public) = keys(Kind::Rsa);
    assert!(!is_slow(private.der.len(), 1_000));
    assert!(!is_slow(public.der.len(), 1_000));
    assert!(is_slow(public.der.len(), 1 << 20));
    let larger = generate(Kind::Rsa, 2432, F4).expect("a pair");
    assert!(is_slow(larger.private.len(), 0));
}
