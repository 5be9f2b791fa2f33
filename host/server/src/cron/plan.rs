//! Which due times of a cron run, now that it is this late.

use ouro_core::cron::{CronError, Schedule};
use ouro_core::ports::crons::{DueCron, Missed, Step, WAITING_MAX};

/// A due time that is older was missed: a node that is up is never so late.
pub const LATE_MS_MAX: i64 = 10_000;

/// # Errors
/// The store has an expression that is none.
pub fn step(cron: &DueCron, now_ms: i64) -> Result<Step, CronError> {
    let schedule = Schedule::parse(&cron.expression, &cron.time_zone, cron.weekdays)?;
    let next_at_ms = schedule.next(now_ms);
    let Some(first_ms) = cron.next_at_ms else {
        return Ok(Step {
            next_at_ms,
            ..Step::default()
        });
    };
    let due = schedule.last_between(first_ms, now_ms, WAITING_MAX);
    let last_ms = due.last().copied();
    let is_missed = last_ms.is_some_and(|last_ms| now_ms - last_ms > LATE_MS_MAX);
    let (runs_at_ms, missed_at_ms) = match cron.missed {
        Missed::Skip if is_missed => (Vec::new(), last_ms),
        // One run stands for all that are due, and tells of the last of them.
        Missed::Skip | Missed::Once => (last_ms.into_iter().collect(), None),
        Missed::All => (due, None),
    };
    Ok(Step {
        next_at_ms,
        runs_at_ms,
        missed_at_ms,
    })
}

#[cfg(test)]
mod tests {
    use ouro_core::cron::Weekdays;

    use super::*;

    const MINUTE: i64 = 60_000;

    /// One that is due each minute, from the first on.
    fn planned(missed: Missed, now_ms: i64) -> Step {
        let cron = DueCron {
            id: "crn_1".into(),
            expression: "* * * * *".to_owned(),
            time_zone: "UTC".to_owned(),
            weekdays: Weekdays::Posix,
            missed,
            next_at_ms: Some(MINUTE),
            updated_at_ms: 0,
        };
        step(&cron, now_ms).expect("a valid expression")
    }

    fn with_runs(next_at_ms: i64, runs_at_ms: impl Into<Vec<i64>>) -> Step {
        Step {
            next_at_ms: Some(next_at_ms),
            runs_at_ms: runs_at_ms.into(),
            missed_at_ms: None,
        }
    }

    #[test]
    fn what_is_due_now_runs_whatever_the_policy() {
        for missed in [Missed::Skip, Missed::Once, Missed::All] {
            let step = planned(missed, MINUTE + 900);
            assert_eq!(step, with_runs(2 * MINUTE, [MINUTE]), "{missed:?}");
        }
    }

    #[test]
    fn what_was_missed_is_skipped_and_told_of() {
        let step = planned(Missed::Skip, 5 * MINUTE + LATE_MS_MAX + 1);
        let expected = Step {
            missed_at_ms: Some(5 * MINUTE),
            ..with_runs(6 * MINUTE, Vec::<i64>::new())
        };
        assert_eq!(step, expected);
    }

    #[test]
    fn one_run_catches_up_with_all_that_was_missed() {
        let step = planned(Missed::Once, 5 * MINUTE + 30_000);
        assert_eq!(step, with_runs(6 * MINUTE, [5 * MINUTE]));
    }

    #[test]
    fn each_due_time_that_was_missed_runs_up_to_a_bound() {
        let step = planned(Missed::All, 3 * MINUTE + 30_000);
        let each = [MINUTE, 2 * MINUTE, 3 * MINUTE];
        assert_eq!(step, with_runs(4 * MINUTE, each));
        let step = planned(Missed::All, 5_000 * MINUTE);
        assert_eq!(step.runs_at_ms.len(), WAITING_MAX);
        assert_eq!(step.runs_at_ms.last(), Some(&(5_000 * MINUTE)));
        assert_eq!(step.runs_at_ms.first(), Some(&(4_901 * MINUTE)));
    }
}
