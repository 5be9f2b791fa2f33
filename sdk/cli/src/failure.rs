//! How a command fails: a message, a hint, and whose fault it is, which is the exit status.

use std::fmt;

pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Exit status 1 or 2. Documented in `docs/guides/cli.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// What the user can mend: arguments, files, the worker's code, a server that does not run, a refused request.
    User = 1,
    /// What the user can't: the server answered with a fault of its own, or this program has one.
    Ours = 2,
}

#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
    pub hint: Option<String>,
}

pub fn user(message: impl Into<String>) -> Failure {
    Failure {
        exit: Exit::User,
        message: message.into(),
        hint: None,
    }
}

pub fn ours(message: impl Into<String>) -> Failure {
    Failure {
        exit: Exit::Ours,
        ..user(message)
    }
}

impl Failure {
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}
