//! `ouro-server`.
