//! URLs (URL Standard): the record, its parts as the API gives them, and its setters. The parser is in `parser`, hosts in `host`.

pub mod canonical;
mod host;
mod parser;
mod percent;

use parser::Override;
use percent::Set;
pub use percent::{parse_form, serialize_form};

#[derive(Clone, Default)]
pub struct Url {
    scheme: String,
    username: String,
    password: String,
    host: Option<String>,
    port: Option<u16>,
    /// Opaque, else empty or `/` and a segment, repeated.
    path: String,
    opaque: bool,
    query: Option<String>,
    fragment: Option<String>,
}

/// Schemes with a meaning of their own and their default ports (4.2); 0 for none.
const SPECIAL: [(&str, u16); 6] = [
    ("http", 80),
    ("https", 443),
    ("ws", 80),
    ("wss", 443),
    ("ftp", 21),
    ("file", 0),
];

pub fn is_special(scheme: &str) -> bool {
    SPECIAL.iter().any(|(special, _)| *special == scheme)
}

pub fn default_port(scheme: &str) -> Option<u16> {
    let found = SPECIAL.iter().find(|(special, _)| *special == scheme);
    found.map(|(_, port)| *port).filter(|port| *port != 0)
}

impl Url {
    /// The URL parser (4.4); none for failure.
    pub fn parse(input: &str, base: Option<&Url>) -> Option<Url> {
        parser::parse(input, base)
    }

    fn is_special(&self) -> bool {
        is_special(&self.scheme)
    }

    fn has_credentials(&self) -> bool {
        !self.username.is_empty() || !self.password.is_empty()
    }

    fn cannot_have_credentials_or_port(&self) -> bool {
        self.host.as_deref().unwrap_or("").is_empty() || self.scheme == "file"
    }

    /// The URL serializer (4.5).
    pub fn href(&self) -> String {
        let mut out = String::with_capacity(self.scheme.len() + self.path.len() + 64);
        out.push_str(&self.scheme);
        out.push(':');
        if let Some(host) = &self.host {
            out.push_str("//");
            self.push_credentials(&mut out);
            out.push_str(host);
            self.push_port(&mut out);
        } else if !self.opaque && self.path.starts_with("//") {
            // Without it the path would read as a host.
            out.push_str("/.");
        }
        out.push_str(&self.path);
        push_part(&mut out, '?', &self.query);
        push_part(&mut out, '#', &self.fragment);
        out
    }

    fn push_credentials(&self, out: &mut String) {
        if !self.has_credentials() {
            return;
        }
        out.push_str(&self.username);
        if !self.password.is_empty() {
            out.push(':');
            out.push_str(&self.password);
        }
        out.push('@');
    }

    fn push_port(&self, out: &mut String) {
        if let Some(port) = self.port {
            out.push(':');
            out.push_str(&port.to_string());
        }
    }

    /// The serialization of the origin (4.7): `null` where it is opaque.
    pub fn origin(&self) -> String {
        match self.scheme.as_str() {
            "blob" => {
                let inner = Url::parse(&self.path, None);
                let inner = inner.filter(|url| url.scheme == "http" || url.scheme == "https");
                inner.map_or_else(|| "null".to_owned(), |url| url.origin())
            }
            "file" => "null".to_owned(),
            _ if self.is_special() => format!("{}://{}", self.scheme, self.host()),
            _ => "null".to_owned(),
        }
    }

    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    pub fn username(&self) -> &str {
        &self.username
    }

    pub fn password(&self) -> &str {
        &self.password
    }

    /// With the port.
    pub fn host(&self) -> String {
        let mut out = self.hostname().to_owned();
        self.push_port(&mut out);
        out
    }

    pub fn hostname(&self) -> &str {
        self.host.as_deref().unwrap_or("")
    }

    pub fn port(&self) -> String {
        self.port.map_or_else(String::new, |port| port.to_string())
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn has_opaque_path(&self) -> bool {
        self.opaque
    }

    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    pub fn fragment(&self) -> Option<&str> {
        self.fragment.as_deref()
    }

    /// Replaces it, for the list of a URLSearchParams; without a question mark.
    pub fn replace_query(&mut self, query: Option<String>) {
        self.query = query;
    }

    // The setters (6.1) ignore what the parser refuses.

    pub fn set_protocol(&mut self, value: &str) {
        parser::modify(self, &format!("{value}:"), Override::Scheme);
    }

    pub fn set_username(&mut self, value: &str) {
        if !self.cannot_have_credentials_or_port() {
            self.username = percent::encode(value, Set::USERINFO);
        }
    }

    pub fn set_password(&mut self, value: &str) {
        if !self.cannot_have_credentials_or_port() {
            self.password = percent::encode(value, Set::USERINFO);
        }
    }

    pub fn set_host(&mut self, value: &str) {
        if !self.opaque {
            parser::modify(self, value, Override::Host);
        }
    }

    pub fn set_hostname(&mut self, value: &str) {
        if !self.opaque {
            parser::modify(self, value, Override::Hostname);
        }
    }

    pub fn set_port(&mut self, value: &str) {
        if self.cannot_have_credentials_or_port() {
            return;
        }
        match value {
            "" => self.port = None,
            _ => _ = parser::modify(self, value, Override::Port),
        }
    }

    pub fn set_pathname(&mut self, value: &str) {
        if !self.opaque {
            self.path.clear();
            parser::modify(self, value, Override::Path);
        }
    }

    pub fn set_search(&mut self, value: &str) {
        match value {
            "" => self.query = None,
            _ => {
                _ = parser::modify(
                    self,
                    value.strip_prefix('?').unwrap_or(value),
                    Override::Query,
                )
            }
        }
    }

    pub fn set_hash(&mut self, value: &str) {
        match value {
            "" => self.fragment = None,
            _ => {
                let value = value.strip_prefix('#').unwrap_or(value);
                parser::modify(self, value, Override::Fragment);
            }
        }
    }
}

fn push_part(out: &mut String, mark: char, part: &Option<String>) {
    if let Some(part) = part {
        out.push(mark);
        out.push_str(part);
    }
}
