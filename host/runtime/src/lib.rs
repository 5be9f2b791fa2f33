//! `ouro-runtime`.
