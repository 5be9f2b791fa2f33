//! Privileged: the artifact store.

use super::run_time_only;
use crate::bindings::ouro::host::artifacts::{self, Error as StoreError};
use crate::body::{self, Source};
use crate::js::{Ctx, Error, Func, Object, Result, Text, Value, throw_code};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("artifactsMissing", Func::from(missing))?;
    native.set("artifactsPut", Func::from(put))
}

fn missing(ctx: Ctx<'_>, digests: Vec<Text>) -> Result<Vec<String>> {
    run_time_only(&ctx, "asking for artifacts")?;
    let digests: Vec<&str> = digests.iter().map(|digest| digest.0.as_str()).collect();
    artifacts::missing(&digests).map_err(|error| throw(&ctx, error))
}

/// The body is a `NativeBody` or bytes.
fn put<'js>(ctx: Ctx<'js>, digest: Text, body: Value<'js>) -> Result<f64> {
    run_time_only(&ctx, "storing an artifact")?;
    let size = match body::from_value(&ctx, body)? {
        Source::Stream(body) => artifacts::put(&digest.0, body.stream),
        Source::Bytes(bytes) => artifacts::put_bytes(&digest.0, &bytes),
        Source::Empty => artifacts::put_bytes(&digest.0, &[]),
    };
    Ok(size.map_err(|error| throw(&ctx, error))? as f64)
}

fn throw(ctx: &Ctx<'_>, error: StoreError) -> Error {
    let (code, message) = match error {
        StoreError::InvalidDigest(message) => ("invalid-digest", message),
        StoreError::DigestMismatch(message) => ("digest-mismatch", message),
        StoreError::Truncated(message) => ("truncated", message),
        StoreError::TooLarge(limit) => (
            "too-large",
            format!("the artifact is over the limit of {limit} bytes"),
        ),
        StoreError::Unavailable(message) => ("unavailable", message),
    };
    throw_code(ctx, code, &message)
}
