//! The S3 adapter against a real S3 server, Garage, which each test starts for itself on loopback.

mod artifacts;
mod faults;
mod garage;
