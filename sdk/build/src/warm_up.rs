//! Requests that a build sends to the worker before it takes the snapshot. Libraries do much of their work at first use (routers, schemas,
//! templates); done here it is done once. They run as a part of the top level, under its rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub const REQUESTS_MAX: usize = 16;

/// Where the requests seem to come for.
const ORIGIN: &str = "http://localhost";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmUp {
    #[serde(default = "get")]
    pub method: String,
    /// With the query.
    pub path: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: String,
}

fn get() -> String {
    "GET".to_owned()
}

/// What is wrong with the requests, where something is.
///
/// # Errors
/// The first mistake, in words.
pub fn check(requests: &[WarmUp]) -> Result<(), String> {
    if requests.len() > REQUESTS_MAX {
        let count = requests.len();
        return Err(format!(
            "{count} warm-up requests; the limit is {REQUESTS_MAX}"
        ));
    }
    requests
        .iter()
        .find_map(WarmUp::mistake)
        .map_or(Ok(()), Err)
}

impl WarmUp {
    pub fn get(path: &str) -> Self {
        Self {
            method: get(),
            path: path.to_owned(),
            headers: BTreeMap::new(),
            body: String::new(),
        }
    }

    /// As messages name it.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// What makes it no request, where something does.
    fn mistake(&self) -> Option<String> {
        let is_token = |text: &str| !text.is_empty() && text.bytes().all(is_token_byte);
        if !is_token(&self.method) {
            return Some(format!("`{}` is not a method", self.method.escape_debug()));
        }
        if !self.path.starts_with('/') || !self.path.bytes().all(|byte| byte.is_ascii_graphic()) {
            let path = self.path.escape_debug();
            return Some(format!("`{path}` is not a path that begins with `/`"));
        }
        if !self.body.is_empty() && matches!(self.method.as_str(), "GET" | "HEAD") {
            return Some(format!("{} takes no body", self.name()));
        }
        let header = self.headers.iter().find(|(name, value)| {
            !is_token(name)
                || value
                    .bytes()
                    .any(|byte| byte.is_ascii_control() && byte != b'\t')
        });
        header.map(|(name, _)| format!("the header `{}` is not valid", name.escape_debug()))
    }

    /// As the engine reads it (`sdk/engine/src/builder.rs`): a line `method URL`, a line for each header, an empty line, the body.
    pub fn message(&self) -> Vec<u8> {
        let mut message = format!("{} {ORIGIN}{}\n", self.method, self.path);
        for (name, value) in &self.headers {
            message.push_str(&format!("{}:{value}\n", name.to_ascii_lowercase()));
        }
        message.push('\n');
        message.push_str(&self.body);
        message.into_bytes()
    }
}

/// RFC 9110 5.6.2
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_is_named() {
        let with = |change: fn(&mut WarmUp)| {
            let mut request = WarmUp::get("/a?b=c");
            change(&mut request);
            request.mistake()
        };
        assert_eq!(with(|_| ()), None);
        assert!(with(|it| it.method = "GET /".into()).is_some());
        assert!(with(|it| it.path = "a".into()).is_some());
        assert!(with(|it| it.path = "/\nx".into()).is_some());
        assert!(with(|it| it.body = "{}".into()).is_some());
        let header = with(|it| drop(it.headers.insert("a".into(), "b\nc: d".into())));
        assert_eq!(header.as_deref(), Some("the header `a` is not valid"));
    }

    #[test]
    fn the_message_has_a_line_for_each_header() {
        let mut request = WarmUp::get("/a");
        request.method = "POST".into();
        request
            .headers
            .insert("Content-Type".into(), "text/plain".into());
        request.body = "hello\n\n".into();
        let message = b"POST http://localhost/a\ncontent-type:text/plain\n\nhello\n\n";
        assert_eq!(request.message(), message);
    }
}
