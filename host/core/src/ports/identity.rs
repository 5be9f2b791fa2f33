//! What proves who somebody is: passwords and tokens, and the keys and sessions that the host looks up. The management worker writes these.

use async_trait::async_trait;

use crate::id::OrganizationId;

/// What a token is for. One of another kind is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Access,
    Refresh,
    Anon,
}

pub type Claims = serde_json::Map<String, serde_json::Value>;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Unavailable(String),
}

/// The host's own proofs.
#[async_trait]
pub trait IdentityProofs: Send + Sync + 'static {
    /// argon2id, as a PHC string.
    async fn hash_password(&self, password: String) -> Result<String, IdentityError>;

    async fn verify_password(&self, password: String, hash: String) -> Result<bool, IdentityError>;

    /// A signed JWT of the claims, with `iss`, `aud`, `iat` and `exp`.
    fn issue(
        &self,
        kind: TokenKind,
        claims: Claims,
        lifetime_s: u32,
    ) -> Result<String, IdentityError>;

    /// The claims of a token that is good now.
    fn verify(&self, kind: TokenKind, token: &str) -> Option<Claims>;

    /// Whatever was looked up of keys and sessions is looked up again.
    fn forget(&self);

    /// Grows whenever something is to be forgotten.
    fn generation(&self) -> u64;
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("identities: {0}")]
pub struct Unavailable(pub String);

/// A key that is good now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    pub id: String,
    pub organization: OrganizationId,
    /// A service key may do everything in its organization.
    pub is_service: bool,
    pub scopes: Vec<String>,
    /// Unix time in milliseconds.
    pub expires_at_ms: Option<u64>,
}

/// A session that is good now, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    pub user: String,
    pub email: String,
    pub name: String,
    /// Of these organizations the user is a member.
    pub organizations: Vec<OrganizationId>,
    /// Unix time in milliseconds.
    pub expires_at_ms: u64,
}

#[async_trait]
pub trait IdentityStore: Send + Sync + 'static {
    /// The key whose SHA-256 this is, in hex; `None` where there is none, or it was revoked.
    async fn key(&self, hash: &str) -> Result<Option<KeyRecord>, Unavailable>;

    /// `None` where there is none, or it was revoked.
    async fn session(&self, id: &str) -> Result<Option<SessionRecord>, Unavailable>;

    /// Grows with each change to what the above answer.
    async fn revision(&self) -> Result<i64, Unavailable>;

    /// Notes when keys were used last: ids and Unix times in milliseconds.
    async fn note_uses(&self, uses: Vec<(String, u64)>) -> Result<(), Unavailable>;
}

/// Identities in memory, for tests. They are gone with the process.
pub mod memory {
    use std::collections::HashMap;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::{IdentityStore, KeyRecord, SessionRecord, Unavailable, async_trait};

    #[derive(Default)]
    struct State {
        keys: HashMap<String, KeyRecord>,
        sessions: HashMap<String, SessionRecord>,
        uses: HashMap<String, u64>,
        revision: i64,
        lookups: u64,
        is_down: bool,
    }

    #[derive(Default)]
    pub struct MemoryIdentities(Mutex<State>);

    impl MemoryIdentities {
        fn state(&self) -> MutexGuard<'_, State> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn read<T>(&self, read: impl FnOnce(&State) -> T) -> Result<T, Unavailable> {
            let mut state = self.state();
            state.lookups += 1;
            if state.is_down {
                return Err(Unavailable("down".to_owned()));
            }
            Ok(read(&state))
        }

        pub fn set_key(&self, hash: &str, key: Option<KeyRecord>) {
            let mut state = self.state();
            state.revision += 1;
            match key {
                Some(key) => drop(state.keys.insert(hash.to_owned(), key)),
                None => drop(state.keys.remove(hash)),
            }
        }

        pub fn set_session(&self, id: &str, session: Option<SessionRecord>) {
            let mut state = self.state();
            state.revision += 1;
            match session {
                Some(session) => drop(state.sessions.insert(id.to_owned(), session)),
                None => drop(state.sessions.remove(id)),
            }
        }

        /// From now on it cannot be reached, or can be again.
        pub fn set_down(&self, is_down: bool) {
            self.state().is_down = is_down;
        }

        /// How often it was asked.
        pub fn lookups(&self) -> u64 {
            self.state().lookups
        }

        pub fn last_use(&self, key: &str) -> Option<u64> {
            self.state().uses.get(key).copied()
        }
    }

    #[async_trait]
    impl IdentityStore for MemoryIdentities {
        async fn key(&self, hash: &str) -> Result<Option<KeyRecord>, Unavailable> {
            self.read(|state| state.keys.get(hash).cloned())
        }

        async fn session(&self, id: &str) -> Result<Option<SessionRecord>, Unavailable> {
            self.read(|state| state.sessions.get(id).cloned())
        }

        async fn revision(&self) -> Result<i64, Unavailable> {
            self.read(|state| state.revision)
        }

        async fn note_uses(&self, uses: Vec<(String, u64)>) -> Result<(), Unavailable> {
            self.state().uses.extend(uses);
            Ok(())
        }
    }
}
