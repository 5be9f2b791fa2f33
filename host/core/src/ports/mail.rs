//! Mail to people.

use async_trait::async_trait;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    #[error("no mail is configured")]
    NotConfigured,
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Unavailable(String),
}

#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Sends plain text to one address, and returns when a server has taken it over.
    async fn send(&self, to: String, subject: String, text: String) -> Result<(), MailError>;
}

/// Where the operator has configured none.
pub struct NoMail;

#[async_trait]
impl Mailer for NoMail {
    async fn send(&self, _to: String, _subject: String, _text: String) -> Result<(), MailError> {
        Err(MailError::NotConfigured)
    }
}
