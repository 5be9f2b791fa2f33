//! How many invocations of one worker run at once on this node. The others wait in a bounded queue, for a bounded time.
//!
//! A gate outlives the versions that pass through it, so that a switch of versions does not double what runs. It is found by the text of an
//! id: another fence, such as one around all workers of an organization, is a gate by another id that an invocation passes as well.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long an invocation waits for its turn. As many wait as may run.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// All gates that something passes through.
#[derive(Default)]
pub(crate) struct Gates(Mutex<HashMap<String, Weak<Gate>>>);

impl Gates {
    /// Asked when a version is loaded, not when it is invoked.
    pub fn of(&self, id: &str) -> Arc<Gate> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gate) = gates.get(id).and_then(Weak::upgrade) {
            return gate;
        }
        gates.retain(|_, gate| gate.strong_count() > 0);
        let gate = Arc::default();
        gates.insert(id.to_owned(), Arc::downgrade(&gate));
        gate
    }
}

#[derive(Default)]
pub(crate) struct Gate(Mutex<State>);

#[derive(Default)]
struct State {
    running: u64,
    /// With the limit of its version, which may be another than that of those that run.
    waiting: VecDeque<(u64, oneshot::Sender<Passed>)>,
}

/// Inside until it is dropped.
pub(crate) struct Passed(Arc<Gate>);

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` where so many are inside, and as many wait or the wait was too long.
    pub async fn pass(self: &Arc<Self>, limit: u64) -> Option<Passed> {
        self.pass_within(limit, WAIT_MAX).await
    }

    async fn pass_within(self: &Arc<Self>, limit: u64, wait: Duration) -> Option<Passed> {
        let turn = {
            let mut state = self.state();
            if state.running < limit && state.waiting.is_empty() {
                state.running += 1;
                return Some(Passed(self.clone()));
            }
            state.waiting.retain(|(_, sender)| !sender.is_closed());
            if state.waiting.len() as u64 >= limit {
                return None;
            }
            let (sender, turn) = oneshot::channel();
            state.waiting.push_back((limit, sender));
            turn
        };
        timeout(wait, turn).await.ok()?.ok()
    }

    /// One leaves: its place goes to the first that waits.
    fn next(&self) -> Option<oneshot::Sender<Passed>> {
        let mut state = self.state();
        state.waiting.retain(|(_, sender)| !sender.is_closed());
        match state.waiting.front() {
            Some((limit, _)) if state.running <= *limit => {
                state.waiting.pop_front().map(|(_, sender)| sender)
            }
            _ => {
                state.running -= 1;
                None
            }
        }
    }
}

impl Drop for Passed {
    fn drop(&mut self) {
        if let Some(sender) = self.0.next() {
            // Where it waits no more, the place is dropped with this line and goes to the next one.
            drop(sender.send(Passed(self.0.clone())));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use super::*;

    type Waits = Pin<Box<dyn Future<Output = Option<Passed>>>>;

    fn waits(gate: &Arc<Gate>, limit: u64) -> Waits {
        let gate = gate.clone();
        let mut waits: Waits = Box::pin(async move { gate.pass(limit).await });
        assert!(poll(&mut waits).is_pending());
        waits
    }

    fn poll(waits: &mut Waits) -> Poll<Option<Passed>> {
        waits.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    /// What is answered without waiting.
    fn now(gate: &Arc<Gate>, limit: u64) -> Option<Passed> {
        let passed = pin!(gate.pass(limit)).poll(&mut Context::from_waker(Waker::noop()));
        match passed {
            Poll::Ready(passed) => passed,
            Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn who_waits_too_long_is_refused() {
        let gate = Gates::default().of("wrk_1");
        let inside = now(&gate, 1).expect("there is room");
        assert!(gate.pass_within(1, Duration::ZERO).await.is_none());
        drop(inside);
        assert!(now(&gate, 1).is_some());
    }

    #[tokio::test]
    async fn those_that_wait_come_in_order_and_are_bounded() {
        let gate = Gates::default().of("wrk_1");
        let mut inside = vec![now(&gate, 2).expect("room"), now(&gate, 2).expect("room")];
        let (mut first, mut second) = (waits(&gate, 2), waits(&gate, 2));
        assert!(gate.pass(2).await.is_none(), "the queue is full");
        inside.pop();
        assert!(poll(&mut second).is_pending());
        assert!(matches!(poll(&mut first), Poll::Ready(Some(_))));
        // The first has left at once.
        assert!(matches!(poll(&mut second), Poll::Ready(Some(_))));
        drop(inside);
        assert!(now(&gate, 2).is_some());
        assert_eq!(gate.state().running, 0);
    }

    #[tokio::test]
    async fn one_that_waits_no_more_is_passed_over() {
        let gate = Gates::default().of("wrk_1");
        let inside = [now(&gate, 2), now(&gate, 2)];
        drop(waits(&gate, 2));
        let mut next = waits(&gate, 2);
        drop(inside);
        assert!(matches!(poll(&mut next), Poll::Ready(Some(_))));
        assert_eq!(gate.state().running, 0);
    }

    #[tokio::test]
    async fn versions_share_the_gate_and_a_lower_limit_is_reached_in_time() {
        let gates = Gates::default();
        let old = gates.of("wrk_1");
        let mut inside: Vec<_> = (0..3).filter_map(|_| now(&old, 3)).collect();
        assert_eq!(inside.len(), 3);
        let new = gates.of("wrk_1");
        assert!(Arc::ptr_eq(&old, &new));
        let mut next = waits(&new, 1);
        inside.truncate(1);
        assert!(poll(&mut next).is_pending());
        inside.clear();
        assert!(matches!(poll(&mut next), Poll::Ready(Some(_))));
        assert!(now(&gates.of("wrk_2"), 1).is_some());
    }
}
