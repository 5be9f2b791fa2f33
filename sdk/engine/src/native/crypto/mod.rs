//! What every request may use: hashes, HMAC, HKDF and AES, by RustCrypto's primitives. Keys of two halves and slow derivations are the
//! host's (`keys.rs`). The prelude checks parameters; what is wrong here is an `OperationError`.

mod aes;
mod cipher;
mod gcm;
mod hash;

use subtle::ConstantTimeEq;

use crate::js::{
    Bytes, Class, Ctx, Error, Exception, Func, Object, Opt, Result, Text, This, Value, bytes_value,
    native_class,
};

use cipher::Cipher;
use hash::Hash;
#[cfg(feature = "standalone")]
pub use hash::pbkdf2;

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("digest", Func::from(digest))?;
    native.set("hmac", Func::from(hmac))?;
    native.set("createHash", Func::from(create_hash))?;
    native.set("timingSafeEqual", Func::from(timing_safe_equal))?;
    native.set("aesEncrypt", Func::from(aes_encrypt))?;
    native.set("aesDecrypt", Func::from(aes_decrypt))?;
    native.set("createCipher", Func::from(create_cipher))?;
    native.set("hkdf", Func::from(hkdf))
}

/// What Web Crypto calls an OperationError.
pub fn failed(ctx: &Ctx<'_>) -> Error {
    Exception::throw_message(ctx, "OperationError")
}

fn answer<'js>(ctx: &Ctx<'js>, result: Option<Vec<u8>>) -> Result<Value<'js>> {
    match result {
        Some(bytes) => bytes_value(ctx, &bytes),
        None => Err(failed(ctx)),
    }
}

fn known(ctx: &Ctx<'_>, hash: Option<Hash>, name: &str) -> Result<Hash> {
    hash.ok_or_else(|| Exception::throw_message(ctx, &format!("`{name}` is not a known hash")))
}

fn digest<'js>(ctx: Ctx<'js>, name: Text, data: Bytes<'js>) -> Result<Value<'js>> {
    let mut hash = known(&ctx, Hash::new(&name.0), &name.0)?;
    hash.update(data.as_slice());
    bytes_value(&ctx, &hash.finish())
}

fn hmac<'js>(ctx: Ctx<'js>, name: Text, key: Bytes<'js>, data: Bytes<'js>) -> Result<Value<'js>> {
    let mut hash = known(&ctx, Hash::keyed(&name.0, key.as_slice()), &name.0)?;
    hash.update(data.as_slice());
    bytes_value(&ctx, &hash.finish())
}

fn timing_safe_equal(a: Bytes<'_>, b: Bytes<'_>) -> bool {
    a.as_slice().ct_eq(b.as_slice()).into()
}

fn hkdf<'js>(
    ctx: Ctx<'js>,
    name: Text,
    key: Bytes<'js>,
    salt: Bytes<'js>,
    info: Bytes<'js>,
    length: usize,
) -> Result<Value<'js>> {
    let derived = hash::hkdf(
        &name.0,
        key.as_slice(),
        salt.as_slice(),
        info.as_slice(),
        length,
    );
    answer(&ctx, derived)
}

/// `NativeHash` in `sdk/js/src/native.ts`. None once its digest is taken.
struct NativeHash(Option<Hash>);

native_class!(NativeHash, "NativeHash", |prototype| {
    prototype.set("update", Func::from(hash_update))?;
    prototype.set("digest", Func::from(hash_digest))?;
    prototype.set("copy", Func::from(hash_copy))?;
});

type ThisHash<'js> = This<Class<'js, NativeHash>>;

fn create_hash<'js>(
    ctx: Ctx<'js>,
    name: Text,
    key: Opt<Bytes<'js>>,
) -> Result<Option<Class<'js, NativeHash>>> {
    let hash = match &key.0 {
        Some(key) => Hash::keyed(&name.0, key.as_slice()),
        None => Hash::new(&name.0),
    };
    hash.map(|hash| Class::instance(ctx, NativeHash(Some(hash))))
        .transpose()
}

fn taken(ctx: &Ctx<'_>) -> Error {
    Exception::throw_message(ctx, "the digest was taken already")
}

fn hash_update<'js>(this: ThisHash<'js>, ctx: Ctx<'js>, data: Bytes<'js>) -> Result<()> {
    let mut this = this.0.borrow_mut();
    let hash = this.0.as_mut().ok_or_else(|| taken(&ctx))?;
    hash.update(data.as_slice());
    Ok(())
}

fn hash_digest<'js>(this: ThisHash<'js>, ctx: Ctx<'js>) -> Result<Value<'js>> {
    let hash = this.0.borrow_mut().0.take().ok_or_else(|| taken(&ctx))?;
    bytes_value(&ctx, &hash.finish())
}

fn hash_copy<'js>(this: ThisHash<'js>, ctx: Ctx<'js>) -> Result<Class<'js, NativeHash>> {
    let copy = this.0.borrow().0.clone().ok_or_else(|| taken(&ctx))?;
    Class::instance(ctx, NativeHash(Some(copy)))
}

fn aes_encrypt<'js>(
    ctx: Ctx<'js>,
    mode: Text,
    key: Bytes<'js>,
    iv: Bytes<'js>,
    data: Bytes<'js>,
    additional: Option<Bytes<'js>>,
    bits: u32,
) -> Result<Value<'js>> {
    let [key, iv, data] = [&key, &iv, &data].map(Bytes::as_slice);
    let additional = additional.as_ref().map_or(&[][..], Bytes::as_slice);
    let text = cipher::whole(&mode.0, true, key, iv, data, additional, bits);
    answer(&ctx, text)
}

fn aes_decrypt<'js>(
    ctx: Ctx<'js>,
    mode: Text,
    key: Bytes<'js>,
    iv: Bytes<'js>,
    data: Bytes<'js>,
    additional: Option<Bytes<'js>>,
    bits: u32,
) -> Result<Value<'js>> {
    let [key, iv, data] = [&key, &iv, &data].map(Bytes::as_slice);
    let additional = additional.as_ref().map_or(&[][..], Bytes::as_slice);
    let text = cipher::whole(&mode.0, false, key, iv, data, additional, bits);
    answer(&ctx, text)
}

/// `NativeCipher` in `sdk/js/src/native.ts`.
struct NativeCipher(Cipher);

native_class!(NativeCipher, "NativeCipher", |prototype| {
    prototype.set("additional", Func::from(cipher_additional))?;
    prototype.set("update", Func::from(cipher_update))?;
    prototype.set("finish", Func::from(cipher_finish))?;
    prototype.set("tag", Func::from(cipher_tag))?;
});

type ThisCipher<'js> = This<Class<'js, NativeCipher>>;

fn create_cipher<'js>(
    ctx: Ctx<'js>,
    mode: Text,
    encrypt: bool,
    key: Bytes<'js>,
    iv: Bytes<'js>,
) -> Result<Option<Class<'js, NativeCipher>>> {
    let cipher = Cipher::new(&mode.0, encrypt, key.as_slice(), iv.as_slice());
    cipher
        .map(|cipher| Class::instance(ctx, NativeCipher(cipher)))
        .transpose()
}

fn cipher_additional<'js>(this: ThisCipher<'js>, data: Bytes<'js>) {
    this.0.borrow_mut().0.additional(data.as_slice());
}

fn cipher_update<'js>(
    this: ThisCipher<'js>,
    ctx: Ctx<'js>,
    data: Bytes<'js>,
) -> Result<Value<'js>> {
    let out = this.0.borrow_mut().0.update(data.as_slice());
    bytes_value(&ctx, &out)
}

fn cipher_finish<'js>(
    this: ThisCipher<'js>,
    ctx: Ctx<'js>,
    padding: bool,
    tag: Option<Bytes<'js>>,
) -> Result<Value<'js>> {
    let tag = tag.as_ref().map(Bytes::as_slice);
    let out = this.0.borrow_mut().0.finish(padding, tag);
    answer(&ctx, out)
}

fn cipher_tag<'js>(this: ThisCipher<'js>, ctx: Ctx<'js>) -> Result<Value<'js>> {
    let tag = this.0.borrow().0.tag();
    answer(&ctx, tag.map(|tag| tag.to_vec()))
}
