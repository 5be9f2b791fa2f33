//! The host's proofs of who somebody is: passwords hashed beside the threads that serve, and tokens signed by keys that are not in the database.

mod passwords;
mod tokens;
mod watch;

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use ouro_core::ports::identity::{Claims, IdentityError, IdentityProofs, TokenKind};

use passwords::Passwords;
pub use tokens::Tokens;
pub use watch::Watch;

pub struct HostProofs {
    passwords: Passwords,
    tokens: Tokens,
    generation: AtomicU64,
}

impl HostProofs {
    pub fn new(tokens: Tokens) -> Self {
        Self {
            passwords: Passwords::default(),
            tokens,
            // What is known begins at 0.
            generation: AtomicU64::new(1),
        }
    }
}

#[async_trait]
impl IdentityProofs for HostProofs {
    async fn hash_password(&self, password: String) -> Result<String, IdentityError> {
        self.passwords.hash(password).await
    }

    async fn verify_password(&self, password: String, hash: String) -> Result<bool, IdentityError> {
        self.passwords.verify(password, hash).await
    }

    fn issue(
        &self,
        kind: TokenKind,
        claims: Claims,
        lifetime_s: u32,
    ) -> Result<String, IdentityError> {
        self.tokens.issue(kind, claims, lifetime_s)
    }

    fn verify(&self, kind: TokenKind, token: &str) -> Option<Claims> {
        self.tokens.verify(kind, token)
    }

    fn forget(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
}
