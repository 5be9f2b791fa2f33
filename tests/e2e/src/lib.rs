//! `ouro-e2e`.
