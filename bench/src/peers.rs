//! What Ouro is compared to.

pub mod hyper;
pub mod workerd;
