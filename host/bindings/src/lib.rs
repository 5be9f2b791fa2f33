//! `ouro-bindings`.
