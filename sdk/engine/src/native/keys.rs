//! Asymmetric keys and slow derivations, which the host does: see `wit/crypto.wit`.

use super::run_time_only;
use crate::bindings::ouro::host::crypto::{
    self as host, Cipher, Error as HostError, Format, Hash, Key, Kind, Oaep, Padding, Scheme,
};
use crate::js::{
    Array, Bytes, Ctx, Error, Func, Object, Result, Text, Value, bytes_value, throw_code,
};

mod numbers;

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("pbkdf2", Func::from(pbkdf2))?;
    native.set("scrypt", Func::from(scrypt))?;
    native.set("generateKeys", Func::from(generate_keys))?;
    native.set("importKey", Func::from(import_key))?;
    native.set("exportKey", Func::from(export_key))?;
    native.set("sign", Func::from(sign))?;
    native.set("verify", Func::from(verify))?;
    native.set("rsaEncrypt", Func::from(rsa_encrypt))?;
    native.set("rsaDecrypt", Func::from(rsa_decrypt))?;
    native.set("deriveSecret", Func::from(derive_secret))?;
    native.set("lockKey", Func::from(lock_key))?;
    native.set("unlockKey", Func::from(unlock_key))?;
    numbers::register(native)
}

type Answer<T> = std::result::Result<T, HostError>;

/// What the host answers, asked at run time alone.
fn ask<T>(ctx: &Ctx<'_>, what: &str, question: impl FnOnce() -> Answer<T>) -> Result<T> {
    run_time_only(ctx, what)?;
    question().map_err(|error| {
        let (code, message) = match error {
            HostError::Data(message) => ("data", message),
            HostError::Operation(message) => ("operation", message),
            HostError::Unsupported(message) => ("unsupported", message),
        };
        throw_code(ctx, code, &message)
    })
}

fn unknown(ctx: &Ctx<'_>, what: &str, name: &str) -> Error {
    throw_code(
        ctx,
        "unsupported",
        &format!("{what} `{name}` is not supported"),
    )
}

fn hash_of(ctx: &Ctx<'_>, name: &Text) -> Result<Hash> {
    Ok(match name.0.as_str() {
        "MD5" => Hash::Md5,
        "RIPEMD-160" => Hash::Ripemd160,
        "SHA-1" => Hash::Sha1,
        "SHA-224" => Hash::Sha224,
        "SHA-256" => Hash::Sha256,
        "SHA-384" => Hash::Sha384,
        "SHA-512" => Hash::Sha512,
        "SHA3-256" => Hash::Sha3N256,
        "SHA3-384" => Hash::Sha3N384,
        "SHA3-512" => Hash::Sha3N512,
        name => return Err(unknown(ctx, "the hash", name)),
    })
}

const KINDS: [(&str, Kind); 8] = [
    ("rsa", Kind::Rsa),
    ("P-256", Kind::P256),
    ("P-384", Kind::P384),
    ("P-521", Kind::P521),
    ("Ed25519", Kind::Ed25519),
    ("X25519", Kind::X25519),
    ("Ed448", Kind::Ed448),
    ("X448", Kind::X448),
];

fn kind_of(ctx: &Ctx<'_>, name: &Text) -> Result<Kind> {
    let found = KINDS.iter().find(|(known, _)| *known == name.0);
    found
        .map(|(_, kind)| *kind)
        .ok_or_else(|| unknown(ctx, "the kind of key", &name.0))
}

fn format_of(ctx: &Ctx<'_>, name: &Text) -> Result<Format> {
    Ok(match name.0.as_str() {
        "pkcs8" => Format::Pkcs8,
        "spki" => Format::Spki,
        "sec1" => Format::Sec1,
        "pkcs1" => Format::Pkcs1,
        "pkcs1-public" => Format::Pkcs1Public,
        "x509" => Format::X509,
        "raw" => Format::Raw,
        "raw-compressed" => Format::RawCompressed,
        "raw-private" => Format::RawPrivate,
        "parts" => Format::Parts,
        name => return Err(unknown(ctx, "the key format", name)),
    })
}

fn pbkdf2<'js>(
    ctx: Ctx<'js>,
    hash: Text,
    password: Bytes<'js>,
    salt: Bytes<'js>,
    iterations: u32,
    length: u32,
) -> Result<Value<'js>> {
    let hash = hash_of(&ctx, &hash)?;
    let derived = ask(&ctx, "PBKDF2", || {
        host::pbkdf2(
            hash,
            password.as_slice(),
            salt.as_slice(),
            iterations,
            length,
        )
    })?;
    bytes_value(&ctx, &derived)
}

fn scrypt<'js>(
    ctx: Ctx<'js>,
    password: Bytes<'js>,
    salt: Bytes<'js>,
    n: f64,
    r: u32,
    p: u32,
    length: u32,
) -> Result<Value<'js>> {
    let derived = ask(&ctx, "scrypt", || {
        host::scrypt(password.as_slice(), salt.as_slice(), n as u64, r, p, length)
    })?;
    bytes_value(&ctx, &derived)
}

fn generate_keys<'js>(
    ctx: Ctx<'js>,
    kind: Text,
    modulus_bits: u32,
    exponent: Bytes<'js>,
) -> Result<Array<'js>> {
    let kind = kind_of(&ctx, &kind)?;
    let pair = ask(&ctx, "making a key", || {
        host::generate(kind, modulus_bits, exponent.as_slice())
    })?;
    bytes_array(&ctx, &[pair.private, pair.public])
}

fn bytes_array<'js>(ctx: &Ctx<'js>, items: &[Vec<u8>]) -> Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    for (index, item) in items.iter().enumerate() {
        array.set(index, bytes_value(ctx, item)?)?;
    }
    Ok(array)
}

fn import_key<'js>(
    ctx: Ctx<'js>,
    format: Text,
    kind: Option<Text>,
    parts: Vec<Bytes<'js>>,
) -> Result<Object<'js>> {
    let format = format_of(&ctx, &format)?;
    let kind = kind.map(|kind| kind_of(&ctx, &kind)).transpose()?;
    let parts: Vec<&[u8]> = parts.iter().map(Bytes::as_slice).collect();
    let key = ask(&ctx, "importing an asymmetric key", || {
        host::import_key(format, kind, &parts)
    })?;
    let name = KINDS.iter().find(|(_, known)| *known == key.kind);
    let answer = Object::new(ctx.clone())?;
    answer.set("kind", name.map_or("", |(name, _)| *name))?;
    answer.set("isPrivate", key.is_private)?;
    answer.set("der", bytes_value(&ctx, &key.der)?)?;
    Ok(answer)
}

fn export_key<'js>(ctx: Ctx<'js>, format: Text, key: Object<'js>) -> Result<Array<'js>> {
    let format = format_of(&ctx, &format)?;
    let kind = kind_of(&ctx, &key.get("kind")?)?;
    let der: Bytes = key.get("der")?;
    let is_private = key.get("isPrivate")?;
    let parts = ask(&ctx, "exporting an asymmetric key", || {
        let key = Key {
            kind,
            is_private,
            der: der.as_slice().to_vec(),
        };
        host::export_key(format, &key)
    })?;
    bytes_array(&ctx, &parts)
}

fn scheme_of(ctx: &Ctx<'_>, name: &Text, hash: &Text, salt: u32) -> Result<Scheme> {
    Ok(match name.0.as_str() {
        "RSASSA-PKCS1-v1_5" => Scheme::RsaPkcs1(hash_of(ctx, hash)?),
        "RSA-PSS" => Scheme::RsaPss((hash_of(ctx, hash)?, salt)),
        "ECDSA" => Scheme::Ecdsa,
        "ECDSA-DER" => Scheme::EcdsaDer,
        "Ed25519" => Scheme::Ed25519,
        "Ed448" => Scheme::Ed448,
        name => return Err(unknown(ctx, "the signature", name)),
    })
}

fn sign<'js>(
    ctx: Ctx<'js>,
    scheme: Text,
    hash: Text,
    key: Bytes<'js>,
    data: Bytes<'js>,
    salt: u32,
) -> Result<Value<'js>> {
    let scheme = scheme_of(&ctx, &scheme, &hash, salt)?;
    let signature = ask(&ctx, "signing", || {
        host::sign(scheme, key.as_slice(), data.as_slice())
    })?;
    bytes_value(&ctx, &signature)
}

fn verify<'js>(
    ctx: Ctx<'js>,
    scheme: Text,
    hash: Text,
    key: Bytes<'js>,
    data: Bytes<'js>,
    signature: Bytes<'js>,
    salt: u32,
) -> Result<bool> {
    let scheme = scheme_of(&ctx, &scheme, &hash, salt)?;
    ask(&ctx, "verifying a signature", || {
        host::verify(
            scheme,
            key.as_slice(),
            data.as_slice(),
            signature.as_slice(),
        )
    })
}

type Crypt = fn(Padding<'_>, &[u8], &[u8]) -> Answer<Vec<u8>>;

fn rsa_encrypt<'js>(
    ctx: Ctx<'js>,
    padding: Text,
    hash: Text,
    key: Bytes<'js>,
    data: Bytes<'js>,
    label: Bytes<'js>,
) -> Result<Value<'js>> {
    rsa(&ctx, host::encrypt, &padding, &hash, &key, &data, &label)
}

fn rsa_decrypt<'js>(
    ctx: Ctx<'js>,
    padding: Text,
    hash: Text,
    key: Bytes<'js>,
    data: Bytes<'js>,
    label: Bytes<'js>,
) -> Result<Value<'js>> {
    rsa(&ctx, host::decrypt, &padding, &hash, &key, &data, &label)
}

fn rsa<'js>(
    ctx: &Ctx<'js>,
    crypt: Crypt,
    padding: &Text,
    hash: &Text,
    key: &Bytes<'js>,
    data: &Bytes<'js>,
    label: &Bytes<'js>,
) -> Result<Value<'js>> {
    let padding = match padding.0.as_str() {
        "OAEP" => Padding::Oaep(Oaep {
            hash: hash_of(ctx, hash)?,
            label: label.as_slice(),
        }),
        "PKCS1" => Padding::Pkcs1,
        "NONE" => Padding::None,
        name => return Err(unknown(ctx, "the padding", name)),
    };
    let text = ask(ctx, "RSA", || {
        crypt(padding, key.as_slice(), data.as_slice())
    })?;
    bytes_value(ctx, &text)
}

fn derive_secret<'js>(
    ctx: Ctx<'js>,
    private: Bytes<'js>,
    public: Bytes<'js>,
) -> Result<Value<'js>> {
    let secret = ask(&ctx, "deriving a secret", || {
        host::derive(private.as_slice(), public.as_slice())
    })?;
    bytes_value(&ctx, &secret)
}

fn cipher_of(ctx: &Ctx<'_>, name: &Text) -> Result<Cipher> {
    Ok(match name.0.as_str() {
        "aes-128-cbc" => Cipher::Aes128,
        "aes-192-cbc" => Cipher::Aes192,
        "aes-256-cbc" => Cipher::Aes256,
        "des-cbc" => Cipher::Des,
        "des-ede3-cbc" => Cipher::TripleDes,
        name => return Err(unknown(ctx, "the cipher", name)),
    })
}

fn lock_key<'js>(
    ctx: Ctx<'js>,
    cipher: Text,
    vector: Option<Bytes<'js>>,
    passphrase: Bytes<'js>,
    der: Bytes<'js>,
) -> Result<Value<'js>> {
    let cipher = cipher_of(&ctx, &cipher)?;
    let vector = vector.as_ref().map(Bytes::as_slice);
    let locked = ask(&ctx, "encrypting a key", || {
        host::lock_key(cipher, vector, passphrase.as_slice(), der.as_slice())
    })?;
    bytes_value(&ctx, &locked)
}

fn unlock_key<'js>(
    ctx: Ctx<'js>,
    cipher: Option<Text>,
    vector: Option<Bytes<'js>>,
    passphrase: Bytes<'js>,
    der: Bytes<'js>,
) -> Result<Value<'js>> {
    let cipher = cipher.map(|cipher| cipher_of(&ctx, &cipher)).transpose()?;
    let vector = vector.as_ref().map(Bytes::as_slice);
    let unlocked = ask(&ctx, "decrypting a key", || {
        host::unlock_key(cipher.zip(vector), passphrase.as_slice(), der.as_slice())
    })?;
    bytes_value(&ctx, &unlocked)
}
