//! Encryption of secrets at rest. The key is not in the database.

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Sealed by another key, damaged, or not a sealed value at all.
    #[error("the sealed value cannot be opened with this host's key")]
    CannotOpen,
    #[error("the value cannot be sealed: no randomness from the system")]
    CannotSeal,
}

pub trait SecretBox: Send + Sync + 'static {
    /// Encrypts; the answer is base64 text, another one each time.
    fn seal(&self, plaintext: &str) -> Result<String, SecretError>;

    fn open(&self, sealed: &str) -> Result<String, SecretError>;
}
