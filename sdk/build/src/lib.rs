//! `ouro-build`.
