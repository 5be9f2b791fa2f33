//! From a credential to a principal, and from a principal to whether a worker takes its request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, Method};
use ouro_core::id::OrganizationId;
use ouro_core::ports::identity::{
    Claims, IdentityProofs, IdentityStore, KeyRecord, SessionRecord, TokenKind, Unavailable,
};
use ouro_core::principal::EXECUTE;
use ouro_core::{Auth, Principal, WorkerVersion};
use sha2::{Digest as _, Sha256};

use super::Refusal;
use super::credential;
use super::known::Known;

/// How a worker learns who asks.
pub const PRINCIPAL: HeaderName = HeaderName::from_static("x-ouro-principal");

const KEY_BEGINNING: &str = "ouro_";
/// `ouro_` or `ouro_service_`, and 256 bits in base64url.
const KEY_LENGTHS: [usize; 2] = [48, 56];

const NOT_VALID: Refusal = Refusal::Unauthorized("the credential is not valid");

/// SHA-256 of an operator's token, so that comparing it tells nothing of the token.
#[derive(Clone)]
pub struct OperatorToken([u8; 32]);

impl OperatorToken {
    pub fn new(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    fn is(&self, digest: &[u8; 32]) -> bool {
        let difference = self
            .0
            .iter()
            .zip(digest)
            .fold(0, |all, (a, b)| all | (a ^ b));
        difference == 0
    }
}

/// Finds out who asks.
pub struct Resolver {
    proofs: Arc<dyn IdentityProofs>,
    store: Arc<dyn IdentityStore>,
    operators: Vec<OperatorToken>,
    /// Of pages that may send a session's cookie.
    origins: Vec<String>,
    keys: Known<KeyRecord>,
    sessions: Known<SessionRecord>,
    /// When keys were used last, until somebody stores it.
    uses: Mutex<HashMap<String, u64>>,
}

/// Who asks, and where they belong.
struct Resolved {
    principal: Principal,
    organizations: Vec<OrganizationId>,
}

impl Resolver {
    pub fn new(
        proofs: Arc<dyn IdentityProofs>,
        store: Arc<dyn IdentityStore>,
        operators: Vec<OperatorToken>,
        origins: Vec<String>,
    ) -> Self {
        Self {
            proofs,
            store,
            operators,
            origins,
            keys: Known::default(),
            sessions: Known::default(),
            uses: Mutex::default(),
        }
    }

    /// Lets a request through to a worker that takes it, with the principal in its head and nothing that a client says of it.
    ///
    /// # Errors
    /// The worker does not take it.
    pub async fn admit(
        &self,
        version: &WorkerVersion,
        method: &Method,
        headers: &mut HeaderMap,
    ) -> Result<(), Refusal> {
        headers.remove(PRINCIPAL);
        let principal = if version.is_management() {
            self.of_management(method, headers).await?
        } else if version.auth == Auth::Public {
            return Ok(());
        } else {
            let resolved = match credential::given(headers)? {
                Some(token) => self.resolve(token).await?,
                None => return Err(Refusal::Unauthorized(expected(version.auth))),
            };
            permit(&resolved, version)?;
            credential::take_off(headers);
            Some(resolved.principal)
        };
        if let Some(principal) = principal {
            headers.insert(PRINCIPAL, principal.to_header());
        }
        Ok(())
    }

    /// Some of its routes are open, so who brings nothing is let through.
    async fn of_management(
        &self,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Option<Principal>, Refusal> {
        if let Some(token) = credential::given(headers)? {
            let principal = self.resolve(token).await?.principal;
            return match principal {
                Principal::Anon { .. } => Err(Refusal::Unauthorized(
                    "an anon token is good for calling workers alone",
                )),
                principal => Ok(Some(principal)),
            };
        }
        let Some(token) = credential::cookie(method, headers, &self.origins) else {
            return Ok(None);
        };
        match self.session(token).await {
            Ok(resolved) => Ok(resolved.map(|resolved| resolved.principal)),
            Err(Unavailable(_)) => Err(Refusal::Unavailable),
        }
    }

    async fn resolve(&self, token: &str) -> Result<Resolved, Refusal> {
        if token.starts_with(KEY_BEGINNING) {
            return self.key(token).await;
        }
        if token.bytes().filter(|byte| *byte == b'.').count() == 2 {
            return self.jwt(token).await;
        }
        let digest = Sha256::digest(token).into();
        // All of them are looked at, whichever it is.
        let known = self.operators.iter().filter(|it| it.is(&digest)).count();
        if known == 0 {
            return Err(NOT_VALID);
        }
        Ok(of(Principal::OPERATOR))
    }

    async fn key(&self, token: &str) -> Result<Resolved, Refusal> {
        if !KEY_LENGTHS.contains(&token.len()) {
            return Err(NOT_VALID);
        }
        let hash = hex::encode(Sha256::digest(token));
        let generation = self.proofs.generation();
        let record = match self.keys.get(generation, &hash) {
            Some(known) => known,
            None => {
                let record = self.store.key(&hash).await.map_err(unavailable)?;
                self.keys.keep(generation, hash, record.clone());
                record
            }
        };
        let now = now_ms();
        let record = record.filter(|key| key.expires_at_ms.is_none_or(|at| at > now));
        let Some(KeyRecord {
            id,
            organization,
            is_service,
            scopes,
            ..
        }) = record
        else {
            return Err(NOT_VALID);
        };
        self.note_use(&id, now);
        Ok(of(if is_service {
            Principal::Service { id, organization }
        } else {
            Principal::Key {
                id,
                organization,
                scopes,
            }
        }))
    }

    async fn jwt(&self, token: &str) -> Result<Resolved, Refusal> {
        match self.session(token).await {
            Ok(Some(resolved)) => return Ok(resolved),
            Ok(None) => {}
            Err(error) => return Err(unavailable(error)),
        }
        let claims = self
            .proofs
            .verify(TokenKind::Anon, token)
            .ok_or(NOT_VALID)?;
        if text(&claims, "role") != Some("anon") {
            return Err(NOT_VALID);
        }
        let organization = text(&claims, "org").map(OrganizationId::from);
        Ok(of(Principal::Anon {
            id: "anon",
            organization,
        }))
    }

    /// Whose access token it is; `None` where it is none, or its session is over.
    async fn session(&self, token: &str) -> Result<Option<Resolved>, Unavailable> {
        let Some(claims) = self.proofs.verify(TokenKind::Access, token) else {
            return Ok(None);
        };
        let (Some(user), Some(session)) = (text(&claims, "sub"), text(&claims, "sid")) else {
            return Ok(None);
        };
        let generation = self.proofs.generation();
        let record = match self.sessions.get(generation, session) {
            Some(known) => known,
            None => {
                let record = self.store.session(session).await?;
                self.sessions
                    .keep(generation, session.to_owned(), record.clone());
                record
            }
        };
        let record = record.filter(|it| it.user == user && it.expires_at_ms > now_ms());
        Ok(record.map(|record| Resolved {
            principal: Principal::User {
                id: record.user,
                session: session.to_owned(),
                email: record.email,
                name: record.name,
            },
            organizations: record.organizations,
        }))
    }

    fn note_use(&self, key: &str, now_ms: u64) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        match uses.get_mut(key) {
            Some(at) => *at = now_ms,
            None => drop(uses.insert(key.to_owned(), now_ms)),
        }
    }

    /// Stores when keys were used last. What cannot be stored is forgotten: it is a hint for their owners.
    pub async fn store_uses(&self) {
        let uses = std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner));
        if uses.is_empty() {
            return;
        }
        if let Err(error) = self.store.note_uses(uses.into_iter().collect()).await {
            tracing::warn!(%error, "when keys were used last could not be stored");
        }
    }
}

fn of(principal: Principal) -> Resolved {
    Resolved {
        principal,
        organizations: Vec::new(),
    }
}

/// Does a worker take requests of this principal? What belongs to another organization is as good as nothing.
fn permit(resolved: &Resolved, version: &WorkerVersion) -> Result<(), Refusal> {
    let ours = |organization: &OrganizationId| *organization == version.organization;
    let strangers =
        Refusal::Unauthorized("the credential is of another organization than the worker");
    match &resolved.principal {
        Principal::Operator { .. } => Ok(()),
        Principal::Service { organization, .. } | Principal::Key { organization, .. }
            if !ours(organization) =>
        {
            Err(strangers)
        }
        Principal::Service { .. } => Ok(()),
        Principal::Key { scopes, .. } if scopes.iter().any(|scope| scope == EXECUTE) => Ok(()),
        Principal::Key { .. } => Err(Refusal::Forbidden(
            "the key does not have the scope `execute:functions`",
        )),
        Principal::User { .. } if !resolved.organizations.iter().any(ours) => Err(strangers),
        Principal::User { .. } if version.auth == Auth::Key => {
            Err(Refusal::Forbidden("the worker takes keys alone"))
        }
        Principal::User { .. } => Ok(()),
        Principal::Anon {
            organization: Some(organization),
            ..
        } if !ours(organization) => Err(strangers),
        Principal::Anon { .. } if version.auth == Auth::Anon => Ok(()),
        Principal::Anon { .. } => Err(Refusal::Forbidden("the worker does not take anon tokens")),
    }
}

fn expected(auth: Auth) -> &'static str {
    match auth {
        Auth::Public => "",
        Auth::Anon => "the worker takes requests with an anon token, an access token or a key",
        Auth::User => "the worker takes requests with an access token or a key",
        Auth::Key => "the worker takes requests with a key",
    }
}

fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

fn unavailable(error: Unavailable) -> Refusal {
    tracing::error!(%error, "a credential could not be looked up");
    Refusal::Unavailable
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_millis() as u64
}
