//! Reading with a check: what every store's `get` passes its bytes through.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use sha2::{Digest as _, Sha256};

use super::{ArtifactError, ByteStream};
use crate::Digest;

/// Where the stream stands: one chunk is always held back until the next one, or the end, is known.
struct Checked<F> {
    body: ByteStream,
    hasher: Sha256,
    held: Option<Bytes>,
    /// What to do when the bytes were found right; `None` once the stream has ended.
    then: Option<F>,
}

/// Passes the bytes on as they come, but for the last chunk, which is given out once all of them have the
/// digest. A reader that sees the end without an error has the whole artifact; any other gets `DigestMismatch`.
pub fn verified(expected: Digest, body: ByteStream) -> ByteStream {
    verified_then(expected, body, || ())
}

/// The same, and does something once the bytes were found right: before the last of them is given out.
pub fn verified_then(
    expected: Digest,
    body: ByteStream,
    then: impl FnOnce() + Send + 'static,
) -> ByteStream {
    let start = Checked {
        body,
        hasher: Sha256::new(),
        held: None,
        then: Some(then),
    };
    Box::pin(stream::unfold(start, move |state| step(expected, state)))
}

async fn step<F: FnOnce()>(
    expected: Digest,
    mut state: Checked<F>,
) -> Option<(Result<Bytes, ArtifactError>, Checked<F>)> {
    state.then.as_ref()?;
    loop {
        match state.body.next().await {
            Some(Ok(chunk)) if chunk.is_empty() => {}
            Some(Ok(chunk)) => {
                state.hasher.update(&chunk);
                if let Some(ready) = state.held.replace(chunk) {
                    return Some((Ok(ready), state));
                }
            }
            Some(Err(error)) => {
                state.then = None;
                return Some((Err(error), state));
            }
            None => {
                let then = state.then.take()?;
                let actual = Digest::finish(state.hasher.clone());
                if actual != expected {
                    return Some((
                        Err(ArtifactError::DigestMismatch { expected, actual }),
                        state,
                    ));
                }
                then();
                return state.held.take().map(|last| (Ok(last), state));
            }
        }
    }
}
