//! The SQLite adapter against real files: one binary, a module for each port.

mod databases;
mod hostile;
mod metadata;
