//! Private keys under a passphrase, those of OpenSSL among them.

use ouro_crypto::{
    Cipher, Error, Format, ITERATIONS_MAX, Kind, import, lock, lock_pem, unlock, unlock_pem,
};

use crate::{CURVES, hex, keys};

const PASSPHRASE: &[u8] = b"secret";

/// A key of Ed25519.
const PLAIN: &str = "302e020100300506032b657004220420eac3117ca7f9f312c31163d3a3be7726fe5a787d2b82b6de7dca0ae7aa3fcab9";

/// The same by `openssl pkcs8 -topk8`.
const LOCKED: [(&str, &str); 7] = [
    (
        "AES-256 and SHA-256",
        "30819b305706092a864886f70d01050d304a302906092a864886f70d01050c301c0408fb6685b927bfa8f002020800300c06\
        082a864886f70d02090500301d060960864801650304012a0410faa5a957cf453325bc070b5603eaf70e04408c9ce9e39a10\
        3f12962e9341eb6151ea6ddcc8b46cea780137f99adbfc80540e8c8f40c692a495e0db57d177ab9d3b7eccf3264f5a8c672a\
        d3a8a1781aedef1e",
    ),
    (
        "AES-256 and SHA-1",
        "30818d304906092a864886f70d01050d303c301b06092a864886f70d01050c300e0408708d9241982bc3f202020800301d06\
        0960864801650304012a0410ad83f77431547d9e7b940b41cf41442b044045ab308bf392565fe53971b4fcbaacdafc112a59\
        796666e08acf550ad314becbcefce700aefe8202f43529d43f3bcff754e3001753f576a13603e31fbe10718b",
    ),
    (
        "AES-256 and SHA-512",
        "30819b305706092a864886f70d01050d304a302906092a864886f70d01050c301c04086229de6d473ff01502020800300c06\
        082a864886f70d020b0500301d060960864801650304012a04109a3f28577bd6fe82d5ebeeda2fc026940440edc1095cad3b\
        489fbe3e011bb6fc93dde019119d4cb69adf5af227d4dd55b7f342020659837fcd02cac4e91b4ba330465c52fc00761f1a22\
        f097786ca27f2886",
    ),
    (
        "Triple DES",
        "30818a304e06092a864886f70d01050d3041302906092a864886f70d01050c301c0408ce643d289b73415102020800300c06\
        082a864886f70d02090500301406082a864886f70d0307040832eeac96cf77e487043887baead9fc2683252ef5f2ad00ffd3\
        591d048ccc0c530636849be3a7876745101865cf5d9c4a16da9ea12a1459d36a0f1b9a4ce2c9c192ff",
    ),
    (
        "AES-128, one iteration",
        "30819a305606092a864886f70d01050d3049302806092a864886f70d01050c301b0408725c22f35030e450020101300c0608\
        2a864886f70d02090500301d06096086480165030401020410198f035ad7582da999f167e89053e2c20440988ec1d1757857\
        eafce80503074be33767ce58141400525c10ab1b5a3da1c81c6d5699a9b8bf4471741569ebb6adf61d8ee4a4676c027723df\
        0cfabcb09a2e93",
    ),
    (
        "PKCS #12",
        "3058301c060a2a864886f70d010c0103300e0408a8ec00ce897e1ab8020208000438f6ad85d917839bdf910376ea1518d721\
        10040bccf5663a28e468eb7077c1fdac51e4d553cece1bc1a5269260886af186e8f0eb486b03abaf",
    ),
    (
        "PKCS #12 and RC2",
        "3058301c060a2a864886f70d010c0106300e0408dcfb44ecad5201c60202080004381d90f520467fd40f155fe77319c4b7be\
        10a21fcfb622e7da24a23e40892188660931e964d99fe10538f71085eb06a929f5f09898a7ac9886",
    ),
];

/// The same by schemes that are not read.
const LOCKED_OTHERWISE: [(&str, &str); 2] = [
    (
        "scrypt",
        "308193304f06092a864886f70d01050d3042302106092b06010401da47040b30140408016e20fc57f8e4d502024000020108\
        020101301d060960864801650304012a0410af6256afee219e31c5e7b4b6859a447704404bb5bca717b4bc49871e7481db23\
        8e8c2e9525cc0d65f5d4d6d56a09e71a004a12aab7e4932577346cc8b98c8a8d81e92c533715ad89d391a371f388f540f3bb",
    ),
    (
        "MD5 and DES",
        "3057301b06092a864886f70d010503300e040817e24ee4f708f02e0202080004382c2ea139f9364da4dece85f1bff02d8ea8\
        3824927844960f8f706e731084aeec75981752de0d7c4caaf1a1a84515eb75b0c1fa2676117fc5",
    ),
];

/// A key of P-256 (RFC 5915), and the same by `openssl ec -aes256` and its like.
const EC_PLAIN: &str = "307702010104200849471a6be42e8bf319a4dd499b781c5bca4a825965432b2bd6d770296d8e82a00a06082a8648ce3d0301\
    07a14403420004bb002701b0c561f1a305a2b69f6e1c4d82ac69f8b3d0875acac731f597ff85d7970269bdb7acc0d21d537f\
    50d522b43dd3ff9c8449eb8d6ec65372360746a902";
const EC_LOCKED: [(Cipher, &str, &str); 3] = [
    (
        Cipher::Aes256,
        "ad69b260fd56a13d432b93e718d10dac",
        "e422abf2bab03d65f6d00306c4420efb3e63bf833be03a3ca0adbb68990738941e8476659c8062850791298ba8b586d44f3c\
        3de382f7d34e14e7f0c887a1b0b2e9b0ff7f41e2ee7b3450a5bc99d660c6a5c11395060c7ecc065dcdb89d1e7fcdc2e4daf6\
        2bb131adca7a6b61c5b56729d6f5df20db33d31bd4cd773b096795d2",
    ),
    (
        Cipher::TripleDes,
        "d4d109aa74d23b97",
        "a36ee00de1599b02ec062fce5c9a7b8966fe0701f6a2950d35a62d0dcc31f104723638958bba654a1d94004f9a9d8fbda7aa\
        b7327638cfb2ea81eee3fcc8d089be2704c7bf815c1944a4261697d4bc98db31c3849a2b34cea362746469f4b2a6958796c0\
        25e9d4b897c3d8bd4cc89ca8c560127bb094830590e2c2b93f537805",
    ),
    (
        Cipher::Des,
        "382d8921546609fc",
        "8ddb77f727db0575b47d5048490516a7090d64f559db6cb6de360914d48a5ab4d55d73a2269053ccd86e44a2600cce465bcd\
        db3dc359ccf392eb56be388af90865ccea137f44e123313bed406606f5638c93ba9eeb6785eb00464edba475d3dd6c3ebfec\
        da0862c53c3deaed62fb0de7b671c5f8f79f861cc744dc8852531fa4",
    ),
];

#[test]
fn a_key_that_openssl_has_locked_is_unlocked_by_its_passphrase_alone() {
    for (how, locked) in LOCKED {
        let locked = hex(locked);
        assert_eq!(unlock(PASSPHRASE, &locked), Ok(hex(PLAIN)), "{how}");
        assert_ne!(unlock(b"another", &locked), Ok(hex(PLAIN)), "{how}");
    }
    for (cipher, vector, locked) in EC_LOCKED {
        let (vector, locked) = (hex(vector), hex(locked));
        let unlocked = unlock_pem(cipher, &vector, PASSPHRASE, &locked);
        assert_eq!(unlocked, Ok(hex(EC_PLAIN)), "{cipher:?}");
        let again = lock_pem(cipher, &vector, PASSPHRASE, &hex(EC_PLAIN));
        assert_eq!(again, Ok(locked), "{cipher:?}");
    }
}

#[test]
fn every_kind_of_key_is_locked_and_unlocked() {
    let ciphers = [
        Cipher::Aes128,
        Cipher::Aes192,
        Cipher::Aes256,
        Cipher::TripleDes,
    ];
    for kind in CURVES.into_iter().chain([Kind::Rsa]) {
        let (private, _) = keys(kind);
        for cipher in ciphers {
            let locked = lock(cipher, PASSPHRASE, &private.der).expect("locks");
            assert_ne!(lock(cipher, PASSPHRASE, &private.der), Ok(locked.clone()));
            let unlocked = unlock(PASSPHRASE, &locked).expect("unlocks");
            assert_eq!(
                import(Format::Pkcs8, None, &[unlocked]),
                Ok(private.clone())
            );
        }
    }
    let der = lock(Cipher::Des, PASSPHRASE, &hex(PLAIN));
    assert!(matches!(der, Err(Error::Unsupported(_))));
}

/// With another number in the place of 2048 iterations. What is around it gets longer by as much.
fn with_iterations(locked: &[u8], iterations: &[u8]) -> Vec<u8> {
    let at = (0..locked.len())
        .find(|at| locked[*at..].starts_with(&[2, 2, 8, 0]))
        .expect("2048 iterations");
    let added = (iterations.len() - 2) as u8;
    let mut head = locked[..at].to_vec();
    let mut next = 0;
    while next < head.len() {
        let [tag, length] = [head[next], head[next + 1]];
        let is_long = length == 0x81;
        if tag == 0x30 {
            head[next + 1 + usize::from(is_long)] += added;
            next += 2 + usize::from(is_long);
        } else {
            next += 2 + usize::from(length);
        }
    }
    let number = [&[2, iterations.len() as u8], iterations].concat();
    [&head, &number, &locked[at + 4..]].concat()
}

#[test]
fn more_iterations_than_one_call_does_are_refused() {
    let most = u32::try_from(ITERATIONS_MAX).expect("fits");
    let mut tried = 0;
    for (how, locked) in LOCKED {
        let locked = hex(locked);
        if !locked.windows(4).any(|bytes| bytes == [2, 2, 8, 0]) {
            continue;
        }
        tried += 1;
        for iterations in [most + 1, i32::MAX as u32] {
            let locked = with_iterations(&locked, &iterations.to_be_bytes());
            let refused = unlock(PASSPHRASE, &locked);
            assert!(
                matches!(refused, Err(Error::Unsupported(_))),
                "{how} {refused:?}"
            );
        }
        let endless = with_iterations(&locked, &[0x7f; 8]);
        assert!(matches!(unlock(PASSPHRASE, &endless), Err(Error::Data(_))));
    }
    assert!(tried > 4, "of PBES2 and of PKCS #12");
}

#[test]
fn a_scheme_that_is_not_read_is_told_from_a_wrong_passphrase() {
    let is_refused = |locked: &[u8]| match unlock(PASSPHRASE, locked) {
        Err(Error::Unsupported(told)) => told.contains("the scheme"),
        _ => false,
    };
    for (how, locked) in LOCKED_OTHERWISE {
        assert!(is_refused(&hex(locked)), "{how}");
    }
    // Another hash, and another cipher.
    for (known, unknown) in [
        ("2a864886f70d0209", "2a864886f70d020f"),
        ("60864801650304012a", "60864801650304012c"),
    ] {
        assert!(is_refused(&hex(&LOCKED[0].1.replace(known, unknown))));
    }
    let wrong = unlock(b"another", &hex(LOCKED[5].1));
    assert!(matches!(wrong, Err(Error::Operation(_))), "{wrong:?}");
}

#[test]
fn no_bytes_are_mistaken_for_a_locked_key() {
    for (_, locked) in LOCKED {
        let locked = hex(locked);
        for length in 0..locked.len() {
            assert!(unlock(PASSPHRASE, &locked[..length]).is_err());
        }
        for at in 0..locked.len() {
            let mut changed = locked.clone();
            changed[at] ^= 0x55;
            let _ = unlock(PASSPHRASE, &changed);
        }
    }
    assert!(unlock(PASSPHRASE, &vec![0x30; 1 << 20]).is_err());
    assert!(unlock(&[b'a'; 1025], &hex(LOCKED[0].1)).is_err());
    for vector in [&[1; 7][..], &[1; 8]] {
        assert!(unlock_pem(Cipher::Aes256, vector, PASSPHRASE, &[0; 32]).is_err());
    }
    assert!(unlock_pem(Cipher::Aes256, &[1; 16], PASSPHRASE, &[]).is_err());
}
