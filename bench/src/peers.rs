//! What Ouro is compared to.

pub mod hyper;
pub mod miniflare;
pub mod workerd;
