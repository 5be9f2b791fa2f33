//! `ouro-gateway`.
