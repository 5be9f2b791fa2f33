//! Has the management API delete for good what organizations leave whose grace is over.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::routing::Router;

const EVERY: Duration = Duration::from_secs(3600);
/// A node that starts has other things to do, and one that is restarted often must get to it.
const FIRST_AFTER: Duration = Duration::from_secs(60);
const PATH: &str = "/api/v1/admin/purge";

/// Looks soon after the start and each hour, until it is stopped.
pub async fn run(router: Arc<Router>, stop: CancellationToken) {
    let first = tokio::time::Instant::now() + FIRST_AFTER;
    let mut ticks = tokio::time::interval_at(first, EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        while !stop.is_cancelled() && purge(&router).await {}
    }
}

/// Deletes some. True where there are more.
async fn purge(router: &Router) -> bool {
    let answer = router.ask_management(http::Request::post(PATH)).await;
    let reason = match answer {
        Ok((http::StatusCode::OK, body)) => {
            let answer: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            return answer["more"] == true;
        }
        Ok((status, _)) => format!("status {}", status.as_u16()),
        Err(reason) => reason,
    };
    tracing::error!(%reason, "organizations that are to be deleted stay for another hour");
    false
}
