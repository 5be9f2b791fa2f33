//! Privileged: passwords, and tokens that the host signs.

use super::run_time_only;
use crate::bindings::ouro::host::identity::{self, Error as IdentityError, TokenKind};
use crate::js::{Ctx, Error, Exception, Func, Object, Result, Text, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("identityHashPassword", Func::from(hash_password))?;
    native.set("identityVerifyPassword", Func::from(verify_password))?;
    native.set("identityIssue", Func::from(issue))?;
    native.set("identityVerify", Func::from(verify))?;
    native.set("identityForget", Func::from(forget))
}

fn hash_password(ctx: Ctx<'_>, password: Text) -> Result<String> {
    run_time_only(&ctx, "hashing a password")?;
    identity::hash_password(&password.0).map_err(|error| throw(&ctx, error))
}

fn verify_password(ctx: Ctx<'_>, password: Text, hash: Text) -> Result<bool> {
    run_time_only(&ctx, "checking a password")?;
    identity::verify_password(&password.0, &hash.0).map_err(|error| throw(&ctx, error))
}

fn issue(ctx: Ctx<'_>, kind: Text, claims: Text, lifetime_seconds: u32) -> Result<String> {
    run_time_only(&ctx, "issuing a token")?;
    let kind = token_kind(&ctx, &kind.0)?;
    identity::issue(kind, &claims.0, lifetime_seconds).map_err(|error| throw(&ctx, error))
}

fn verify(ctx: Ctx<'_>, kind: Text, token: Text) -> Result<Option<String>> {
    run_time_only(&ctx, "checking a token")?;
    Ok(identity::verify(token_kind(&ctx, &kind.0)?, &token.0))
}

fn forget(ctx: Ctx<'_>) -> Result<()> {
    run_time_only(&ctx, "forgetting who was looked up")?;
    identity::forget();
    Ok(())
}

fn token_kind(ctx: &Ctx<'_>, kind: &str) -> Result<TokenKind> {
    match kind {
        "access" => Ok(TokenKind::Access),
        "refresh" => Ok(TokenKind::Refresh),
        "anon" => Ok(TokenKind::Anon),
        other => Err(Exception::throw_type(
            ctx,
            &format!("`{other}` is no kind of token"),
        )),
    }
}

fn throw(ctx: &Ctx<'_>, error: IdentityError) -> Error {
    let (code, message) = match error {
        IdentityError::Invalid(message) => ("invalid", message),
        IdentityError::Unavailable(message) => ("unavailable", message),
    };
    throw_code(ctx, code, &message)
}
