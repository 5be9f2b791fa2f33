//! Encryption at rest under a key that is not in the database.

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("cannot seal the secret: {0}")]
    Seal(String),
    /// Sealed under another key, or damaged.
    #[error("cannot open the sealed secret: {0}")]
    Open(String),
}

pub trait SecretSealer: Send + Sync + 'static {
    /// Encrypts; the answer is base64 text, another one on each call.
    fn seal(&self, plaintext: &str) -> Result<String, SealError>;

    /// Decrypts what `seal` made.
    fn open(&self, sealed: &str) -> Result<String, SealError>;
}
