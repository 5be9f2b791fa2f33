//! Guests that compute for long take turns: a guest that answers quickly waits for one of them, however many there are.
//!
//! A thread that serves has one turn, which a guest needs to go on once it has used its slice of time. It is handed on when that guest has
//! used its next slice, or waits for something else. The one that gets it goes on when the thread has nothing else to do, or has looked for
//! what came in meanwhile; so the guests that compute have, together, one slice in each round.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::yield_now;

/// What a guest may compute at a time.
pub(crate) const SLICE: Duration = Duration::from_millis(1);

thread_local! {
    static OWN: Arc<Turns> = Arc::default();
    /// Where the guest that is polled has the turn from. It may have begun to wait on another thread.
    static TAKEN: RefCell<Option<Arc<Turns>>> = const { RefCell::new(None) };
    /// The guest that is polled has the turn, or has begun to wait for it.
    static IS_CONCERNED: Cell<bool> = const { Cell::new(false) };
}

#[derive(Default)]
struct Turns(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<Arc<Waiter>>,
    is_taken: bool,
}

#[derive(Default)]
struct Waiter {
    is_next: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Turns {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self) {
        self.state().is_taken = false;
        self.hand_on();
    }

    fn hand_on(&self) {
        let mut state = self.state();
        if state.is_taken {
            return;
        }
        let Some(next) = state.waiting.pop_front() else {
            return;
        };
        state.is_taken = true;
        next.is_next.store(true, Relaxed);
        drop(state);
        if let Some(waker) = next.waker().take() {
            waker.wake();
        }
    }
}

impl Waiter {
    fn waker(&self) -> MutexGuard<'_, Option<Waker>> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the turn, behind those that wait already. From inside a poll of the guest.
pub(crate) fn next() -> impl Future<Output = ()> + Send + 'static {
    let turn = Turn::new();
    async move {
        poll_fn(|cx| turn.poll_next(cx)).await;
        // A task that is woken plainly comes before what the thread has not even looked for.
        yield_now().await;
        turn.take();
    }
}

struct Turn {
    turns: Arc<Turns>,
    waiter: Arc<Waiter>,
    is_over: bool,
}

impl Turn {
    fn new() -> Self {
        let turns = OWN.with(Arc::clone);
        let waiter = Arc::<Waiter>::default();
        turns.state().waiting.push_back(waiter.clone());
        IS_CONCERNED.set(true);
        Self {
            turns,
            waiter,
            is_over: false,
        }
    }

    fn poll_next(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut waker = self.waiter.waker();
        if self.waiter.is_next.load(Relaxed) {
            return Poll::Ready(());
        }
        *waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn take(mut self) {
        TAKEN.set(Some(self.turns.clone()));
        IS_CONCERNED.set(true);
        self.is_over = true;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if self.waiter.is_next.load(Relaxed) {
            return self.turns.give_back();
        }
        let mut state = self.turns.state();
        state
            .waiting
            .retain(|other| !Arc::ptr_eq(other, &self.waiter));
    }
}

/// After each poll of a guest: its turn is over, and if it waits for one nobody may have it.
pub(crate) fn guest_was_polled() {
    if !IS_CONCERNED.replace(false) {
        return;
    }
    match TAKEN.take() {
        Some(turns) => turns.give_back(),
        None => OWN.with(|own| own.hand_on()),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Relaxed);
        }
    }

    /// A guest that has used its slice, and waits for the turn.
    struct Computing {
        turn: Pin<Box<dyn Future<Output = ()>>>,
        woken: Arc<Woken>,
    }

    impl Computing {
        fn new() -> Self {
            let mut guest = Self {
                turn: Box::pin(next()),
                woken: Arc::default(),
            };
            assert!(guest.poll().is_pending());
            guest
        }

        fn poll(&mut self) -> Poll<()> {
            let waker = self.woken.clone().into();
            self.turn.as_mut().poll(&mut Context::from_waker(&waker))
        }

        /// After the thread has looked for other things to do.
        fn goes_on(&mut self) -> bool {
            self.poll().is_pending() && self.poll().is_ready()
        }

        fn is_woken(&self) -> bool {
            self.woken.0.load(Relaxed)
        }
    }

    #[test]
    fn one_after_the_other_goes_on() {
        let mut first = Computing::new();
        guest_was_polled();
        let mut second = Computing::new();
        guest_was_polled();
        assert!(first.is_woken() && !second.is_woken());
        assert!(first.goes_on());
        // It computes for another slice.
        first = Computing::new();
        guest_was_polled();
        assert!(second.is_woken() && !first.is_woken());
        assert!(second.goes_on());
        // It ends.
        guest_was_polled();
        assert!(first.is_woken() && first.goes_on());
        guest_was_polled();
    }

    #[test]
    fn others_that_run_change_nothing() {
        let mut first = Computing::new();
        guest_was_polled();
        let second = Computing::new();
        guest_was_polled();
        guest_was_polled();
        assert!(!second.is_woken());
        assert!(first.goes_on());
        guest_was_polled();
        assert!(second.is_woken());
    }

    #[test]
    fn one_that_is_gone_leaves_its_place() {
        let first = Computing::new();
        guest_was_polled();
        let second = Computing::new();
        guest_was_polled();
        let third = Computing::new();
        guest_was_polled();
        drop(second);
        assert!(first.is_woken());
        drop(first);
        assert!(
            third.is_woken(),
            "the turn of one that is gone is handed on"
        );
    }
}
