//! `ouro-bench`.
