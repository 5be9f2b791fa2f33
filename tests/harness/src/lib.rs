//! `ouro-test-harness`.
