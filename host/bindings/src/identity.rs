//! Privileged: passwords, and tokens that the host signs.

use std::sync::Arc;

use ouro_core::ports::identity::{Claims, IdentityError, IdentityProofs, TokenKind as Kind};
use ouro_runtime::HostState;

use crate::generated::ouro::host::identity::{Error, Host, TokenKind};
use crate::grants;

fn proofs(state: &HostState) -> wasmtime::Result<Arc<dyn IdentityProofs>> {
    Ok(grants::shared(state)?.ports.identity.clone())
}

impl Host for HostState {
    async fn hash_password(&mut self, password: String) -> wasmtime::Result<Result<String, Error>> {
        let hashed = proofs(self)?.hash_password(password).await;
        Ok(hashed.map_err(Error::from))
    }

    async fn verify_password(
        &mut self,
        password: String,
        hash: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        let verified = proofs(self)?.verify_password(password, hash).await;
        Ok(verified.map_err(Error::from))
    }

    fn issue(
        &mut self,
        kind: TokenKind,
        claims: String,
        lifetime_seconds: u32,
    ) -> wasmtime::Result<Result<String, Error>> {
        let claims: Claims = match serde_json::from_str(&claims) {
            Ok(claims) => claims,
            Err(error) => return Ok(Err(Error::Invalid(format!("claims: {error}")))),
        };
        let issued = proofs(self)?.issue(kind.into(), claims, lifetime_seconds);
        Ok(issued.map_err(Error::from))
    }

    fn verify(&mut self, kind: TokenKind, token: String) -> wasmtime::Result<Option<String>> {
        let claims = proofs(self)?.verify(kind.into(), &token);
        Ok(claims.map(|claims| serde_json::Value::Object(claims).to_string()))
    }

    fn forget(&mut self) -> wasmtime::Result<()> {
        proofs(self)?.forget();
        Ok(())
    }
}

impl From<TokenKind> for Kind {
    fn from(kind: TokenKind) -> Self {
        match kind {
            TokenKind::Access => Self::Access,
            TokenKind::Refresh => Self::Refresh,
            TokenKind::Anon => Self::Anon,
        }
    }
}

impl From<IdentityError> for Error {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Invalid(text) => Self::Invalid(text),
            IdentityError::Unavailable(text) => Self::Unavailable(text),
        }
    }
}
