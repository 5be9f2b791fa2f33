//! Whose a domain is: what its owner alone can put into the DNS.

use async_trait::async_trait;

/// Label before a domain at which the TXT record stands (RFC 8552: an underscored name, which no host has).
pub const CHALLENGE: &str = "_ouro-challenge";

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// The record is not there, or holds something else.
    #[error("{0}")]
    Unproven(String),
    /// No DNS server has answered.
    #[error("{0}")]
    Unavailable(String),
}

#[async_trait]
pub trait DomainProofs: Send + Sync + 'static {
    /// Whether the operator asks for proof.
    fn required(&self) -> bool;

    /// Succeeds where a TXT record of `_ouro-challenge.<name>` is the token.
    async fn check(&self, name: &str, token: &str) -> Result<(), DomainError>;
}

/// Where the operator asks for no proof.
pub struct NoProof;

#[async_trait]
impl DomainProofs for NoProof {
    fn required(&self) -> bool {
        false
    }

    async fn check(&self, _name: &str, _token: &str) -> Result<(), DomainError> {
        Ok(())
    }
}
