//! Who is let through to whom, over a store in memory.

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use ouro_core::id::{OrganizationId, VersionId, WorkerId};
use ouro_core::ports::identity::memory::MemoryIdentities;
use ouro_core::ports::identity::{
    Claims, IdentityError, IdentityProofs, KeyRecord, SessionRecord, TokenKind,
};
use ouro_core::{Auth, Digest, VersionConfig, WorkerVersion};
use serde_json::{Value, json};
use sha2::Digest as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{OperatorToken, PRINCIPAL, Refusal, Resolver};

const OPERATOR: &str = "the-operators-own-token-of-64-digits";
const FAR_MS: u64 = 99_999_999_999_999;

/// Tokens that say what they are: `kind.claims.`, the claims in hex.
#[derive(Default)]
struct Plain(AtomicU64);

#[async_trait]
impl IdentityProofs for Plain {
    async fn hash_password(&self, _password: String) -> Result<String, IdentityError> {
        unreachable!("the gateway hashes no password")
    }

    async fn verify_password(
        &self,
        _password: String,
        _hash: String,
    ) -> Result<bool, IdentityError> {
        unreachable!("the gateway checks no password")
    }

    fn issue(
        &self,
        kind: TokenKind,
        claims: Claims,
        _lifetime_s: u32,
    ) -> Result<String, IdentityError> {
        let text = Value::Object(claims).to_string();
        Ok(format!("{kind:?}.{}.", hex::encode(text)))
    }

    fn verify(&self, kind: TokenKind, token: &str) -> Option<Claims> {
        let (prefix, rest) = token.split_once('.')?;
        let text = hex::decode(rest.strip_suffix('.')?).ok()?;
        (prefix == format!("{kind:?}")).then(|| serde_json::from_slice(&text).ok())?
    }

    fn forget(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn generation(&self) -> u64 {
        1 + self.0.load(Ordering::Relaxed)
    }
}

struct Gate {
    proofs: Arc<Plain>,
    store: Arc<MemoryIdentities>,
    resolver: Resolver,
}

fn gate() -> Gate {
    let (proofs, store) = (Arc::<Plain>::default(), Arc::<MemoryIdentities>::default());
    let origins = vec!["http://localhost:8080".to_owned()];
    let operators = vec![OperatorToken::new("another"), OperatorToken::new(OPERATOR)];
    let resolver = Resolver::new(proofs.clone(), store.clone(), operators, origins);
    Gate {
        proofs,
        store,
        resolver,
    }
}

fn worker(name: &str, auth: Auth) -> WorkerVersion {
    WorkerVersion {
        worker: WorkerId::random(),
        worker_name: name.to_owned(),
        organization: OrganizationId::from("org_a"),
        auth,
        version: VersionId::random(),
        component: Digest::of(b""),
        config: VersionConfig::default(),
    }
}

impl Gate {
    fn token(&self, kind: TokenKind, claims: Value) -> String {
        let claims = serde_json::from_value(claims).expect("an object");
        self.proofs.issue(kind, claims, 60).expect("a token")
    }

    fn key(&self, letter: char, organization: &str, is_service: bool, scopes: &[&str]) -> String {
        let beginning = if is_service { "ouro_service_" } else { "ouro_" };
        let key = format!("{beginning}{}", String::from(letter).repeat(43));
        self.store
            .set_key(&hash(&key), Some(record(organization, is_service, scopes)));
        key
    }

    fn session(&self, organizations: &[&str]) -> String {
        let organizations = organizations
            .iter()
            .map(|id| OrganizationId::from(*id))
            .collect();
        let record = SessionRecord {
            user: "usr_1".into(),
            email: "ada@example.org".into(),
            name: "Ada".into(),
            organizations,
            expires_at_ms: FAR_MS,
        };
        self.store.set_session("ses_1", Some(record));
        self.token(TokenKind::Access, json!({"sub": "usr_1", "sid": "ses_1"}))
    }

    /// The principal that a worker sees, or the refusal; and the head that is left.
    async fn ask(
        &self,
        version: &WorkerVersion,
        method: Method,
        fields: &[(&str, &str)],
    ) -> (Result<Value, Refusal>, HeaderMap) {
        let mut headers: HeaderMap = fields
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::try_from(*name).expect("a name");
                (name, HeaderValue::from_str(value).expect("a value"))
            })
            .collect();
        let admitted = self.resolver.admit(version, &method, &mut headers).await;
        let seen = headers.get(PRINCIPAL).map_or(Value::Null, |value| {
            serde_json::from_slice(value.as_bytes()).expect("JSON")
        });
        (admitted.map(|()| seen), headers)
    }

    async fn bearer(&self, version: &WorkerVersion, token: &str) -> Result<Value, Refusal> {
        let value = format!("Bearer {token}");
        self.ask(version, Method::POST, &[("authorization", &value)])
            .await
            .0
    }

    /// 200, or the status of the refusal, for each rule in turn: public, anon, user, key.
    async fn statuses(&self, token: &str) -> [u16; 4] {
        let mut statuses = [200; 4];
        for (status, auth) in
            statuses
                .iter_mut()
                .zip([Auth::Public, Auth::Anon, Auth::User, Auth::Key])
        {
            *status = match self.bearer(&worker("hello", auth), token).await {
                Ok(_) => 200,
                Err(Refusal::Unauthorized(_)) => 401,
                Err(Refusal::Forbidden(_)) => 403,
                Err(Refusal::Unavailable) => 503,
            };
        }
        statuses
    }
}

fn hash(key: &str) -> String {
    hex::encode(sha2::Sha256::digest(key))
}

fn record(organization: &str, is_service: bool, scopes: &[&str]) -> KeyRecord {
    KeyRecord {
        id: "key_1".into(),
        organization: OrganizationId::from(organization),
        is_service,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        expires_at_ms: None,
    }
}

#[tokio::test]
async fn each_rule_takes_who_it_names_and_those_behind() {
    let gate = gate();
    let anon = |claims| gate.token(TokenKind::Anon, claims);
    for (token, expected) in [
        (anon(json!({"role": "anon"})), [200, 200, 403, 403]),
        (
            anon(json!({"role": "anon", "org": "org_a"})),
            [200, 200, 403, 403],
        ),
        (
            anon(json!({"role": "anon", "org": "org_b"})),
            [200, 401, 401, 401],
        ),
        (anon(json!({"role": "admin"})), [200, 401, 401, 401]),
        (
            gate.key('a', "org_a", false, &["execute:functions"]),
            [200, 200, 200, 200],
        ),
        (
            gate.key('b', "org_a", false, &["workers:read"]),
            [200, 403, 403, 403],
        ),
        (
            gate.key('c', "org_b", false, &["execute:functions"]),
            [200, 401, 401, 401],
        ),
        (gate.key('d', "org_a", true, &[]), [200, 200, 200, 200]),
        (gate.key('e', "org_b", true, &[]), [200, 401, 401, 401]),
        (OPERATOR.to_owned(), [200, 200, 200, 200]),
        ("guess".to_owned(), [200, 401, 401, 401]),
        (format!("ouro_{}", "x".repeat(43)), [200, 401, 401, 401]),
        ("ouro_short".to_owned(), [200, 401, 401, 401]),
    ] {
        assert_eq!(gate.statuses(&token).await, expected, "{token}");
    }
    assert_eq!(
        gate.statuses(&gate.session(&["org_a"])).await,
        [200, 200, 200, 403]
    );
}

#[tokio::test]
async fn a_user_of_another_organization_is_nobody() {
    let gate = gate();
    assert_eq!(
        gate.statuses(&gate.session(&["org_b"])).await,
        [200, 401, 401, 401]
    );
}

#[tokio::test]
async fn a_token_of_another_kind_is_none() {
    let gate = gate();
    gate.session(&["org_a"]);
    let claims = json!({"sub": "usr_1", "sid": "ses_1", "role": "anon"});
    let refresh = gate.token(TokenKind::Refresh, claims.clone());
    assert_eq!(gate.statuses(&refresh).await, [200, 401, 401, 401]);
    for claims in [
        json!({"sub": "usr_2", "sid": "ses_1"}),
        json!({"sub": "usr_1"}),
        json!({"sub": "usr_1", "sid": "ses_2"}),
    ] {
        let token = gate.token(TokenKind::Access, claims);
        assert_eq!(gate.statuses(&token).await, [200, 401, 401, 401], "{token}");
    }
}

#[tokio::test]
async fn a_worker_sees_who_asks_and_not_by_what() {
    let gate = gate();
    let key = gate.key('a', "org_a", false, &["execute:functions"]);
    let forged = r#"{"kind":"operator","id":"operator"}"#;
    let fields = [
        ("x-api-key", key.as_str()),
        ("x-ouro-principal", forged),
        ("x-mine", "1"),
    ];
    let (seen, head) = gate
        .ask(&worker("hello", Auth::Anon), Method::GET, &fields)
        .await;
    let expected = json!({"kind": "key", "id": "key_1", "organization": "org_a", "scopes": ["execute:functions"]});
    assert_eq!(seen, Ok(expected));
    assert!(!head.contains_key("x-api-key") && head.contains_key("x-mine"));
}

#[tokio::test]
async fn a_principal_that_a_client_names_is_taken_off_everywhere() {
    let gate = gate();
    let forged = [("x-ouro-principal", r#"{"kind":"operator","id":"operator"}"#)];
    for version in [
        worker("hello", Auth::Public),
        worker("management", Auth::Public),
    ] {
        let (seen, _) = gate.ask(&version, Method::GET, &forged).await;
        assert_eq!(seen, Ok(Value::Null), "{}", version.worker_name);
    }
}

#[tokio::test]
async fn a_public_worker_keeps_its_own_headers() {
    let gate = gate();
    let fields = [("authorization", "Basic abc"), ("x-api-key", "its-own")];
    let (seen, head) = gate
        .ask(&worker("hello", Auth::Public), Method::GET, &fields)
        .await;
    assert_eq!(seen, Ok(Value::Null));
    assert!(head.contains_key("authorization") && head.contains_key("x-api-key"));
    assert_eq!(gate.store.lookups(), 0);
}

#[tokio::test]
async fn management_takes_who_is_known_and_lets_nobody_in_as_nobody() {
    let gate = gate();
    let management = worker("management", Auth::Public);
    let kind = |seen: Result<Value, Refusal>| seen.map(|seen| seen["kind"].clone());
    let service = gate.key('d', "org_b", true, &[]);
    assert_eq!(
        kind(gate.bearer(&management, OPERATOR).await),
        Ok(json!("operator"))
    );
    assert_eq!(
        kind(gate.bearer(&management, &service).await),
        Ok(json!("service"))
    );
    assert_eq!(
        kind(gate.bearer(&management, &gate.session(&[])).await),
        Ok(json!("user"))
    );
    assert_eq!(
        gate.ask(&management, Method::GET, &[]).await.0,
        Ok(Value::Null)
    );
    let anon = gate.token(TokenKind::Anon, json!({"role": "anon"}));
    for token in [anon.as_str(), "guess"] {
        let refused = gate.bearer(&management, token).await;
        assert!(matches!(refused, Err(Refusal::Unauthorized(_))), "{token}");
    }
}

#[tokio::test]
async fn a_session_s_cookie_is_for_management_and_for_pages_of_ours() {
    let gate = gate();
    let management = worker("management", Auth::Public);
    let cookie = format!("ouro_access={}", gate.session(&["org_a"]));
    let with = |origin| [("cookie", cookie.as_str()), ("origin", origin)];
    let ours = with("http://localhost:8080");
    let evil = with("http://evil.example");
    assert_eq!(
        gate.ask(&management, Method::POST, &ours)
            .await
            .0
            .expect("let through")["id"],
        "usr_1"
    );
    assert_eq!(
        gate.ask(&management, Method::POST, &evil).await.0,
        Ok(Value::Null)
    );
    assert_eq!(
        gate.ask(&management, Method::GET, &evil[..1])
            .await
            .0
            .expect("let through")["id"],
        "usr_1"
    );
    let (seen, _) = gate
        .ask(&worker("hello", Auth::User), Method::GET, &ours)
        .await;
    assert!(matches!(seen, Err(Refusal::Unauthorized(_))));
    // Browsers send an old one by themselves, also to where one signs in anew.
    let old = [("cookie", "ouro_access=Access.00.")];
    assert_eq!(
        gate.ask(&management, Method::GET, &old).await.0,
        Ok(Value::Null)
    );
}

#[tokio::test]
async fn what_was_looked_up_is_known_until_it_is_to_be_forgotten() {
    let gate = gate();
    let key = gate.key('a', "org_a", true, &[]);
    let version = worker("hello", Auth::Key);
    for _ in 0..3 {
        assert!(gate.bearer(&version, &key).await.is_ok());
    }
    assert_eq!(gate.store.lookups(), 1);
    gate.store.set_key(&hash(&key), None);
    gate.proofs.forget();
    for _ in 0..3 {
        assert!(gate.bearer(&version, &key).await.is_err());
    }
    assert_eq!(gate.store.lookups(), 2, "that it is gone is known, too");
}

#[tokio::test]
async fn a_key_that_has_expired_is_refused_though_it_is_known() {
    let gate = gate();
    let key = gate.key('a', "org_a", true, &[]);
    let expired = KeyRecord {
        expires_at_ms: Some(1),
        ..record("org_a", true, &[])
    };
    gate.store.set_key(&hash(&key), Some(expired));
    assert!(
        gate.bearer(&worker("hello", Auth::Key), &key)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn without_its_store_the_gate_is_closed() {
    let gate = gate();
    let key = gate.key('a', "org_a", true, &[]);
    gate.store.set_down(true);
    let refused = gate.bearer(&worker("hello", Auth::Key), &key).await;
    assert_eq!(refused, Err(Refusal::Unavailable));
    // The operator must get in then.
    assert!(
        gate.bearer(&worker("management", Auth::Public), OPERATOR)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_last_use_of_a_key_is_noted() {
    let gate = gate();
    let key = gate.key('a', "org_a", true, &[]);
    assert!(gate.bearer(&worker("hello", Auth::Key), &key).await.is_ok());
    gate.resolver.store_uses().await;
    assert!(
        gate.store
            .last_use("key_1")
            .is_some_and(|at| at > 1_700_000_000_000)
    );
}
