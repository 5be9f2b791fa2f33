//! JWTs of the host's own (RFC 7519), HS256 with a key for each kind, so that one of another kind never passes.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use ouro_core::ports::identity::{Claims, IdentityError, TokenKind};

use crate::config::AuthConfig;
use crate::secrets::derive_key;

const AUDIENCE: &str = "ouro";

/// What a configured secret must have.
const SECRET_CHARACTERS_MIN: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum WeakSecret {
    #[error("`{0}` has fewer than {SECRET_CHARACTERS_MIN} characters")]
    Short(&'static str),
    #[error(
        "`auth.jwt_access_secret` and `auth.jwt_refresh_secret` are the same: a token of one kind would pass as the other"
    )]
    Same,
}

struct Key {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

pub struct Tokens {
    issuer: String,
    access: Key,
    refresh: Key,
    anon: Key,
}

impl Tokens {
    /// Keys are those of the configuration, else derived from the host's.
    ///
    /// # Errors
    /// A configured secret is no good.
    pub fn new(config: &AuthConfig, host_key: &[u8; 32], issuer: &str) -> Result<Self, WeakSecret> {
        let (access, refresh) = (&config.jwt_access_secret.0, &config.jwt_refresh_secret.0);
        if !access.is_empty() && access == refresh {
            return Err(WeakSecret::Same);
        }
        let key = |name: &'static str, secret: &str| match secret.chars().count() {
            0 => Ok(Key::new(&derive_key(host_key, name))),
            SECRET_CHARACTERS_MIN.. => Ok(Key::new(secret.as_bytes())),
            _ => Err(WeakSecret::Short(name)),
        };
        Ok(Self {
            issuer: issuer.to_owned(),
            access: key("auth.jwt_access_secret", access)?,
            refresh: key("auth.jwt_refresh_secret", refresh)?,
            anon: key("auth.jwt_secret", &config.jwt_secret.0)?,
        })
    }

    fn key(&self, kind: TokenKind) -> &Key {
        match kind {
            TokenKind::Access => &self.access,
            TokenKind::Refresh => &self.refresh,
            TokenKind::Anon => &self.anon,
        }
    }

    pub fn issue(
        &self,
        kind: TokenKind,
        mut claims: Claims,
        lifetime_s: u32,
    ) -> Result<String, IdentityError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        claims.insert("iss".into(), self.issuer.clone().into());
        claims.insert("aud".into(), AUDIENCE.into());
        claims.insert("iat".into(), now.into());
        claims.insert("exp".into(), (now + u64::from(lifetime_s)).into());
        let header = Header {
            typ: Some(typ(kind).to_owned()),
            ..Header::new(Algorithm::HS256)
        };
        encode(&header, &claims, &self.key(kind).encoding)
            .map_err(|error| IdentityError::Invalid(error.to_string()))
    }

    pub fn verify(&self, kind: TokenKind, token: &str) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        let token = decode::<Claims>(token, &self.key(kind).decoding, &validation).ok()?;
        (token.header.typ.as_deref() == Some(typ(kind))).then_some(token.claims)
    }
}

impl Key {
    fn new(secret: &[u8]) -> Self {
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
        }
    }
}

/// Of an access token, RFC 9068 2.1 says it.
fn typ(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "at+jwt",
        TokenKind::Refresh => "rt+jwt",
        TokenKind::Anon => "JWT",
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn config(access: &str, refresh: &str, anon: &str) -> AuthConfig {
        AuthConfig {
            jwt_access_secret: crate::config::SecretText(access.into()),
            jwt_refresh_secret: crate::config::SecretText(refresh.into()),
            jwt_secret: crate::config::SecretText(anon.into()),
            ..AuthConfig::default()
        }
    }

    fn tokens() -> Tokens {
        Tokens::new(&config("", "", SECRET), &[7; 32], "http://localhost").expect("keys")
    }

    fn claims(value: Value) -> Claims {
        serde_json::from_value(value).expect("an object")
    }

    /// A token with this head and these claims, signed with the anon key.
    fn forged(head: &Value, body: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(head), part(body));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
        let tag = ring::hmac::sign(&key, text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    #[test]
    fn a_token_is_good_for_its_own_kind_alone() {
        let tokens = tokens();
        let kinds = [TokenKind::Access, TokenKind::Refresh, TokenKind::Anon];
        for kind in kinds {
            let token = tokens
                .issue(kind, claims(json!({"sub": "usr_1"})), 60)
                .expect("a token");
            for other in kinds {
                let read = tokens.verify(other, &token);
                assert_eq!(read.is_some(), kind == other, "{kind:?} as {other:?}");
            }
        }
    }

    #[test]
    fn claims_cannot_name_their_own_issuer_or_end() {
        let tokens = tokens();
        let given = claims(json!({"exp": 99_999_999_999_u64, "iss": "evil", "aud": "x"}));
        let token = tokens.issue(TokenKind::Anon, given, 60).expect("a token");
        let read = tokens.verify(TokenKind::Anon, &token).expect("good");
        assert_eq!(read["iss"], "http://localhost");
        assert!(read["exp"].as_u64().is_some_and(|exp| exp < 99_999_999_999));
    }

    #[test]
    fn what_is_wrong_in_any_part_is_no_token() {
        let head = json!({"alg": "HS256", "typ": "JWT"});
        let far = 99_999_999_999_u64;
        let body = json!({"iss": "http://localhost", "aud": "ouro", "exp": far, "role": "anon"});
        let good = |head: &Value, body: &Value| {
            tokens()
                .verify(TokenKind::Anon, &forged(head, body))
                .is_some()
        };
        assert!(good(&head, &body), "the test's own forge works");
        for (name, value) in [
            ("iss", json!("http://localhost.evil")),
            ("aud", json!("other")),
            ("exp", json!(1_000_000_000)),
            ("exp", json!("never")),
            ("nbf", json!(far)),
        ] {
            let mut body = body.clone();
            body[name] = value.clone();
            assert!(!good(&head, &body), "{name} {value}");
        }
        for name in ["iss", "aud", "exp"] {
            let mut body = body.clone();
            body.as_object_mut().expect("an object").remove(name);
            assert!(!good(&head, &body), "without {name}");
        }
        for head in [
            json!({"alg": "none", "typ": "JWT"}),
            json!({"alg": "HS384", "typ": "JWT"}),
            json!({"alg": "RS256", "typ": "JWT"}),
            json!({"alg": "HS256", "typ": "at+jwt"}),
            json!({"alg": "HS256"}),
        ] {
            assert!(!good(&head, &body), "{head}");
        }
    }

    #[test]
    fn weak_secrets_stop_the_start() {
        let refused = |access, refresh, anon| {
            let tokens = Tokens::new(&config(access, refresh, anon), &[7; 32], "x");
            tokens
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert!(refused("short", "", "").contains("`auth.jwt_access_secret` has fewer than 32"));
        assert!(refused("", "", "short").contains("`auth.jwt_secret`"));
        assert!(refused(SECRET, SECRET, "").contains("are the same"));
        assert_eq!(refused(SECRET, "", SECRET), "");
    }
}
