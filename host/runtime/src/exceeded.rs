//! The limits that an invocation can go over without being stopped on the spot, and what is counted for them.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use ouro_core::Outcome;
use ouro_core::version::Limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    RequestHeaders,
    RequestBody,
    ResponseHeaders,
    ResponseBody,
    Subrequests,
    Operations,
}

/// A limit that was gone over. Its text is for the worker, its callers and its operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    pub excess: Excess,
    /// As `limits` names it.
    pub name: &'static str,
    pub limit: u64,
}

impl Exceeded {
    pub(crate) fn new(excess: Excess, name: &'static str, limit: u64) -> Self {
        Self {
            excess,
            name,
            limit,
        }
    }

    pub(crate) fn request_body(limit: u64) -> Self {
        Self::new(Excess::RequestBody, "request_body_bytes", limit)
    }

    pub(crate) fn response_body(limit: u64) -> Self {
        Self::new(Excess::ResponseBody, "response_body_bytes", limit)
    }

    /// `None` where no instance was started.
    pub fn outcome(&self) -> Option<Outcome> {
        match self.excess {
            Excess::RequestHeaders => None,
            Excess::RequestBody => Some(Outcome::ExceededRequestBody),
            Excess::ResponseHeaders | Excess::ResponseBody => Some(Outcome::ExceededResponse),
            Excess::Subrequests => Some(Outcome::ExceededSubrequests),
            Excess::Operations => Some(Outcome::ExceededOperations),
        }
    }

    pub fn status_code(&self) -> u16 {
        match self.excess {
            // RFC 6585 5.
            Excess::RequestHeaders => 431,
            // RFC 9110 15.5.14.
            Excess::RequestBody => 413,
            _ => 500,
        }
    }

    /// The response itself is at fault, whatever the worker says of its end.
    pub(crate) fn is_of_response(&self) -> bool {
        matches!(self.excess, Excess::ResponseHeaders | Excess::ResponseBody)
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.excess {
            Excess::RequestHeaders => "the header section of the request is too large",
            Excess::RequestBody => "the body of the request is too large",
            Excess::ResponseHeaders => "the header section of the response is too large",
            Excess::ResponseBody => "the body of the response is too large",
            Excess::Subrequests => "too many subrequests by one invocation",
            Excess::Operations => "too many uses of bindings by one invocation",
        };
        write!(
            f,
            "{what} (limit: {} by `limits.{}`)",
            self.limit, self.name
        )
    }
}

/// What an invocation has asked for so far.
#[derive(Default)]
pub(crate) struct Budget {
    subrequests: AtomicU64,
    operations: AtomicU64,
    /// Made by the first subrequest.
    turns: OnceLock<Arc<Semaphore>>,
}

impl Budget {
    pub fn subrequest(&self, limits: &Limits) -> Result<(), Exceeded> {
        let limit = limits.subrequests;
        let excess = Exceeded::new(Excess::Subrequests, "subrequests", limit);
        count(&self.subrequests, limit).ok_or(excess)
    }

    pub fn operation(&self, limits: &Limits) -> Result<(), Exceeded> {
        let limit = limits.operations;
        let excess = Exceeded::new(Excess::Operations, "operations", limit);
        count(&self.operations, limit).ok_or(excess)
    }

    /// Waits until so few subrequests are under way that one more may be. In the order in which they were asked for.
    pub fn turn(
        &self,
        limits: &Limits,
    ) -> impl Future<Output = Option<OwnedSemaphorePermit>> + Send + use<> {
        let at_once = usize::try_from(limits.subrequests_at_once).unwrap_or(usize::MAX);
        let at_once = at_once.clamp(1, Semaphore::MAX_PERMITS);
        let turns = self
            .turns
            .get_or_init(|| Arc::new(Semaphore::new(at_once)))
            .clone();
        // It is never closed.
        async { turns.acquire_owned().await.ok() }
    }
}

fn count(so_far: &AtomicU64, limit: u64) -> Option<()> {
    (so_far.fetch_add(1, Relaxed) < limit).then_some(())
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn the_last_one_allowed_passes_and_the_next_one_names_the_limit() {
        let (budget, mut limits) = (Budget::default(), Limits::default());
        limits.subrequests = 2;
        limits.operations = 1;
        assert!(budget.subrequest(&limits).is_ok());
        assert!(budget.subrequest(&limits).is_ok());
        let refused = budget.subrequest(&limits).expect_err("one too many");
        let text = "too many subrequests by one invocation (limit: 2 by `limits.subrequests`)";
        assert_eq!(refused.to_string(), text);
        assert!(budget.operation(&limits).is_ok(), "they count apart");
        assert!(budget.operation(&limits).is_err());
    }

    #[test]
    fn subrequests_wait_for_their_turn_in_order() {
        let (budget, mut limits) = (Budget::default(), Limits::default());
        limits.subrequests_at_once = 1;
        let cx = &mut Context::from_waker(Waker::noop());
        let mut turns = [(); 3].map(|()| Box::pin(budget.turn(&limits)));
        let Poll::Ready(first) = turns[0].as_mut().poll(cx) else {
            panic!("nobody is before it");
        };
        assert!(turns[1].as_mut().poll(cx).is_pending());
        assert!(turns[2].as_mut().poll(cx).is_pending());
        drop(first);
        assert!(turns[2].as_mut().poll(cx).is_pending());
        assert!(turns[1].as_mut().poll(cx).is_ready());
        assert!(pin!(budget.turn(&limits)).poll(cx).is_pending());
    }
}
