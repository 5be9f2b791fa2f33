//! Turns of slow work beside the connections' threads: so many at once, and so many of one worker. A worker that has none running comes
//! before one that has, so that nobody keeps all of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ouro_core::id::WorkerId;
use tokio::sync::oneshot;

/// Operations of one worker that wait.
const WAITING_MAX: usize = 64;

pub struct Turns {
    max: usize,
    per_worker_max: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Vec<WorkerId>,
    waiting: VecDeque<(WorkerId, oneshot::Sender<Turn>)>,
}

impl State {
    fn running_of(&self, worker: &WorkerId) -> usize {
        self.running.iter().filter(|it| *it == worker).count()
    }
}

/// Runs until it is dropped.
pub struct Turn {
    turns: Arc<Turns>,
    worker: WorkerId,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{WAITING_MAX} slow operations of this worker wait already, which is the limit")]
pub struct Crowded;

impl Turns {
    pub fn new(max: usize, per_worker_max: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            per_worker_max,
            state: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// Too many of the worker wait already.
    pub async fn take(self: &Arc<Self>, worker: &WorkerId) -> Result<Turn, Crowded> {
        let receiver = {
            let mut state = self.state();
            let has_room = state.running_of(worker) < self.per_worker_max;
            if state.running.len() < self.max && has_room {
                state.running.push(worker.clone());
                return Ok(self.turn(worker.clone()));
            }
            state.waiting.retain(|(_, sender)| !sender.is_closed());
            let own = state.waiting.iter().filter(|(it, _)| it == worker);
            if own.count() >= WAITING_MAX {
                return Err(Crowded);
            }
            let (sender, receiver) = oneshot::channel();
            state.waiting.push_back((worker.clone(), sender));
            receiver
        };
        // A turn that ends is handed on, so that the sender is never just dropped.
        receiver.await.map_err(|_| Crowded)
    }

    fn turn(self: &Arc<Self>, worker: WorkerId) -> Turn {
        Turn {
            turns: self.clone(),
            worker,
        }
    }

    /// Ends a turn of this worker, and begins that of whoever comes next.
    fn next(&self, ended: &WorkerId) -> Option<(WorkerId, oneshot::Sender<Turn>)> {
        let mut state = self.state();
        if let Some(at) = state.running.iter().position(|worker| worker == ended) {
            state.running.swap_remove(at);
        }
        state.waiting.retain(|(_, sender)| !sender.is_closed());
        let first = |running_max| {
            let mut waiting = state.waiting.iter();
            waiting.position(|(it, _)| state.running_of(it) < running_max)
        };
        let at = first(1).or_else(|| first(self.per_worker_max))?;
        let next = state.waiting.remove(at)?;
        state.running.push(next.0.clone());
        Some(next)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some((worker, sender)) = self.turns.next(&self.worker) {
            // Where nobody waits for it any more, the turn ends with this line and goes to the next one.
            drop(sender.send(self.turns.turn(worker)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn is_taken(
        future: std::pin::Pin<&mut impl Future<Output = Result<Turn, Crowded>>>,
    ) -> Option<Turn> {
        match poll(future) {
            Poll::Ready(turn) => Some(turn.expect("not crowded")),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_worker_that_has_none_running_comes_before_one_that_has() {
        let turns = Turns::new(2, 2);
        let (greedy, other) = (WorkerId::random(), WorkerId::random());
        let first = is_taken(pin!(turns.take(&greedy))).expect("a free turn");
        let second = is_taken(pin!(turns.take(&greedy))).expect("a free turn");
        let mut third = pin!(turns.take(&greedy));
        assert!(is_taken(third.as_mut()).is_none());
        let mut waits = pin!(turns.take(&other));
        assert!(is_taken(waits.as_mut()).is_none());
        drop(first);
        assert!(is_taken(third.as_mut()).is_none());
        let others = is_taken(waits.as_mut()).expect("its turn");
        drop(second);
        assert!(is_taken(third.as_mut()).is_some());
        drop(others);
    }

    #[test]
    fn one_that_waits_no_more_is_passed_over() {
        let turns = Turns::new(1, 1);
        let worker = WorkerId::random();
        let running = is_taken(pin!(turns.take(&worker))).expect("a free turn");
        {
            let mut gone = pin!(turns.take(&worker));
            assert!(is_taken(gone.as_mut()).is_none());
        }
        let mut next = pin!(turns.take(&worker));
        assert!(is_taken(next.as_mut()).is_none());
        drop(running);
        assert!(is_taken(next.as_mut()).is_some());
        assert!(
            is_taken(pin!(turns.take(&worker))).is_some(),
            "it is free again"
        );
    }

    #[test]
    fn one_worker_has_its_part_alone_though_nobody_else_asks() {
        let turns = Turns::new(3, 2);
        let (greedy, other) = (WorkerId::random(), WorkerId::random());
        let first = is_taken(pin!(turns.take(&greedy))).expect("a free turn");
        let _second = is_taken(pin!(turns.take(&greedy))).expect("a free turn");
        let mut third = pin!(turns.take(&greedy));
        assert!(is_taken(third.as_mut()).is_none());
        let others = is_taken(pin!(turns.take(&other))).expect("a free turn");
        drop(others);
        assert!(is_taken(third.as_mut()).is_none());
        drop(first);
        assert!(is_taken(third.as_mut()).is_some());
    }

    #[test]
    fn what_waits_of_one_worker_is_bounded() {
        let turns = Turns::new(1, 1);
        let (worker, other) = (WorkerId::random(), WorkerId::random());
        let _running = is_taken(pin!(turns.take(&worker))).expect("a free turn");
        let mut waiting: Vec<_> = (0..WAITING_MAX)
            .map(|_| Box::pin(turns.take(&worker)))
            .collect();
        assert!(waiting.iter_mut().all(|it| is_taken(it.as_mut()).is_none()));
        assert!(matches!(
            poll(pin!(turns.take(&worker))),
            Poll::Ready(Err(Crowded))
        ));
        assert!(poll(pin!(turns.take(&other))).is_pending());
    }
}
