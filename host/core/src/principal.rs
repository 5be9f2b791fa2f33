//! Who a request comes from, and who may call a worker (docs/decisions/0018-principals.md).

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::id::OrganizationId;

/// Who may call a worker. Each also admits what those behind it admit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// Everybody.
    #[default]
    Public,
    /// Whoever has an anon token.
    Anon,
    /// Members of the worker's organization.
    User,
    /// Keys of the worker's organization with the permission `execute:functions`.
    Key,
}

impl Auth {
    /// # Errors
    /// The text is none of the four; it is given back.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "public" => Ok(Self::Public),
            "anon" => Ok(Self::Anon),
            "user" => Ok(Self::User),
            "key" => Ok(Self::Key),
            other => Err(other.to_owned()),
        }
    }
}

/// The permission that a key needs to call a worker.
pub const EXECUTE: &str = "execute:functions";

/// Who a request comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Principal {
    Operator {
        id: &'static str,
    },
    User {
        id: String,
        session: String,
        email: String,
        name: String,
    },
    Key {
        id: String,
        organization: OrganizationId,
        scopes: Vec<String>,
    },
    Service {
        id: String,
        organization: OrganizationId,
    },
    Anon {
        id: &'static str,
        /// Of whose workers it may call; of any where it names none.
        #[serde(skip_serializing_if = "Option::is_none")]
        organization: Option<OrganizationId>,
    },
}

impl Principal {
    pub const OPERATOR: Self = Self::Operator { id: "operator" };

    /// JSON in ASCII: header values take no other text (RFC 9110 5.5).
    pub fn to_header(&self) -> HeaderValue {
        let mut text = String::new();
        for unit in serde_json::json!(self).to_string().chars() {
            if unit.is_ascii() {
                text.push(unit);
            } else {
                let mut buffer = [0; 2];
                for half in unit.encode_utf16(&mut buffer) {
                    text.push_str(&format!("\\u{half:04x}"));
                }
            }
        }
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("null"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_in_a_header_is_ascii_json_whatever_its_name_holds() {
        let user = Principal::User {
            id: "usr_1".into(),
            session: "ses_1".into(),
            email: "zoë@example.org".into(),
            name: "Zoë 🦀\r\nx-evil: 1".into(),
        };
        let header = user.to_header();
        let text = header.to_str().expect("ASCII");
        assert!(text.contains(r"Zo\u00eb \ud83e\udd80\r\nx-evil"), "{text}");
        let read: serde_json::Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(read["name"], "Zoë 🦀\r\nx-evil: 1");
        assert_eq!(read["kind"], "user");
    }

    #[test]
    fn an_unknown_rule_of_who_may_call_is_none() {
        assert_eq!(Auth::parse("user"), Ok(Auth::User));
        assert_eq!(Auth::parse("root"), Err("root".to_owned()));
    }
}
