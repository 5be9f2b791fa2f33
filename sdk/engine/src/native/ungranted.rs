//! What a self-contained component does not have, because other hosts know none of Ouro's interfaces: bindings, asymmetric keys, Brotli.

use super::crypto::{failed, pbkdf2 as derive};
use crate::js::{
    Bytes, Ctx, Error, Exception, Func, Object, Result, Text, Value, bytes_value, throw_code,
};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("openDatabase", Func::from(refuse))?;
    native.set("assetsFetch", Func::from(refuse))?;
    for name in INTL {
        native.set(name, Func::from(no_intl))?;
    }
    native.set("service", Func::from(refuse))?;
    for name in ["cacheMatch", "cachePut", "cacheDelete"] {
        native.set(name, Func::from(no_cache))?;
    }
    native.set("acceptSocket", Func::from(refuse_socket))?;
    native.set("connectSocket", Func::from(refuse_socket))?;
    for name in KEYS {
        native.set(name, Func::from(refuse_keys))?;
    }
    native.set("createCoder", Func::from(refuse_coder))?;
    native.set("pbkdf2", Func::from(pbkdf2))
}

fn refuse_coder(ctx: Ctx<'_>) -> Result<()> {
    Err(throw_code(
        &ctx,
        "limit",
        "Brotli and Zstandard are the host's: a standalone component has neither",
    ))
}

/// `wasi:http@0.2` has no upgrade.
fn refuse_socket(ctx: Ctx<'_>) -> Result<()> {
    Err(Exception::throw_type(
        &ctx,
        "a standalone component has no WebSockets: wasi:http cannot upgrade a connection",
    ))
}

/// What `keys.rs` asks the host for.
const KEYS: [&str; 9] = [
    "scrypt",
    "generateKeys",
    "importKey",
    "exportKey",
    "sign",
    "verify",
    "rsaEncrypt",
    "rsaDecrypt",
    "deriveSecret",
];

fn refuse_keys(ctx: Ctx<'_>) -> Result<()> {
    Err(throw_code(
        &ctx,
        "unsupported",
        "asymmetric keys and scrypt are the host's: a standalone component has none of them",
    ))
}

fn pbkdf2<'js>(
    ctx: Ctx<'js>,
    hash: Text,
    password: Bytes<'js>,
    salt: Bytes<'js>,
    iterations: u32,
    length: usize,
) -> Result<Value<'js>> {
    let derived = derive(
        &hash.0,
        password.as_slice(),
        salt.as_slice(),
        iterations,
        length,
    );
    bytes_value(&ctx, &derived.ok_or_else(|| failed(&ctx))?)
}

/// What `Intl` asks of a host of Ouro.
const INTL: [&str; 9] = [
    "intlBestLocale",
    "intlCanonicalLocale",
    "intlIsSupported",
    "intlTimeZone",
    "intlTimeZones",
    "intlResolve",
    "intlFormat",
    "intlCompare",
    "intlSegments",
];

fn no_intl(ctx: Ctx<'_>) -> Result<()> {
    let message =
        "`Intl` formats with data of the host, which a standalone component does not have";
    Err(Exception::throw_message(&ctx, message))
}

fn refuse(ctx: Ctx<'_>, binding: Text) -> Result<()> {
    Err(not_granted(&ctx, &binding.0))
}

fn no_cache(ctx: Ctx<'_>) -> Result<()> {
    let message = "a standalone component has no cache: it belongs to Ouro's host";
    Err(throw_code(&ctx, "not-granted", message))
}

fn not_granted(ctx: &Ctx<'_>, binding: &str) -> Error {
    throw_code(
        ctx,
        "not-granted",
        &format!("no binding `{binding}`: a standalone component has no bindings of Ouro"),
    )
}
