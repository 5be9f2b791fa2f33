//! `ouro-adapter-filesystem`.
