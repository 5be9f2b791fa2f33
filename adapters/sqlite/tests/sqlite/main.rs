//! The SQLite adapter against real files: one binary, a module for each subject.

mod accounts;
mod crashes;
mod databases;
mod hostile;
mod metadata;
