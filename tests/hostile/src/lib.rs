//! Hostile programs, clients and upstreams, and what has to be left of a node that meets them. The programs are in `programs`, those who send
//! them in `tests/it`.
