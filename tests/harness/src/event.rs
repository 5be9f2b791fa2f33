//! Waiting for what happens elsewhere and tells nobody.

use std::time::{Duration, Instant};

/// Longest wait. Far more than needed, so that a loaded machine fails no test.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks until there is something, and answers with it.
///
/// # Panics
/// Where nothing comes within 30 seconds.
pub async fn eventually<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            Instant::now() < end,
            "{what}: did not happen within {PATIENCE:?}"
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
