//! `ouro-adapter-sqlite`.
