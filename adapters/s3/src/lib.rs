//! `ouro-adapter-s3`.
