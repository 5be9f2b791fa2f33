//! DNS: what the owner of a domain has published.
//!
//! It leaves out where requests for a domain go; that is for the gateway. Nothing is cached: who has just added a record asks again.

mod domains;

pub use domains::DnsProofs;
