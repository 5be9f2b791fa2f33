//! The server's parts that need no workers.

mod configuration;
