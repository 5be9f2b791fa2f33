//! Who a request comes from, and whether the worker takes it: settled before anything is instantiated (docs/decisions/0018-principals.md).

mod credential;
mod known;
mod refusal;
mod resolver;

#[cfg(test)]
mod tests;

pub use refusal::Refusal;
pub use resolver::{OperatorToken, PRINCIPAL, Resolver};
