//! How a worker fares, judged by how its invocations of the last minutes ended.

use std::time::Duration;

use crate::execution::Outcome;
use crate::id::ExecutionId;

/// Fewer failures say nothing.
const FAILURES_LEAST: u64 = 5;

/// What is to be said of a worker in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing has ended lately.
    Idle,
    Healthy,
    /// Most invocations fail, mostly by what the worker throws.
    Failing,
    /// Most invocations are ended by the host.
    Dying,
}

impl Status {
    /// At least five invocations, and over half of them.
    pub fn of(endings: &[(Outcome, u64)]) -> Self {
        let count = |is: fn(Outcome) -> bool| {
            let those = endings.iter().filter(|(outcome, _)| is(*outcome));
            those.map(|(_, count)| count).sum::<u64>()
        };
        let all = count(|_| true);
        let prevails = |those: u64| those >= FAILURES_LEAST && those * 2 > all;
        if all == 0 {
            Self::Idle
        } else if prevails(count(Outcome::is_death)) {
            Self::Dying
        } else if prevails(count(Outcome::is_failure)) {
            Self::Failing
        } else {
            Self::Healthy
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Healthy => "healthy",
            Self::Failing => "failing",
            Self::Dying => "dying",
        }
    }
}

/// The newest failure of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub outcome: Outcome,
    /// The first line of the error, without the values of secrets.
    pub message: String,
    /// Unix time in milliseconds.
    pub ended_at_ms: u64,
    pub execution: ExecutionId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    pub status: Status,
    /// How far back it looks.
    pub window: Duration,
    /// What has ended; each outcome once, and none that nothing ended with.
    pub endings: Vec<(Outcome, u64)>,
    pub last_failure: Option<Failure>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_dying_where_the_host_ends_most_of_at_least_five() {
        use Outcome::{ExceededCpu, ExceededMemory, Exception, Ok};
        for (endings, expected) in [
            (&[][..], Status::Idle),
            (&[(Ok, 100)], Status::Healthy),
            (&[(ExceededCpu, 4)], Status::Healthy),
            (&[(ExceededCpu, 5)], Status::Dying),
            (&[(ExceededCpu, 3), (ExceededMemory, 2)], Status::Dying),
            (&[(Ok, 5), (ExceededCpu, 5)], Status::Healthy),
            (&[(Ok, 4), (ExceededCpu, 5)], Status::Dying),
            (&[(Ok, 4), (Exception, 5)], Status::Failing),
            (&[(ExceededCpu, 5), (Exception, 5)], Status::Failing),
        ] {
            assert_eq!(Status::of(endings), expected, "{endings:?}");
        }
    }
}
