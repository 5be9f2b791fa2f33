//! Single components of URLs in the form that they have inside one ("canonicalize ..." of the URL Pattern Standard 3.2).

use super::Url;
use super::parser::{self, Override};
use super::percent::{self, Set};

/// A URL to try a component on.
fn dummy() -> Url {
    Url {
        scheme: "https".to_owned(),
        host: Some("dummy.invalid".to_owned()),
        ..Url::default()
    }
}

/// None where it is not valid.
pub fn protocol(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some(String::new());
    }
    Url::parse(&format!("{value}://dummy.invalid/"), None).map(|url| url.scheme)
}

pub fn userinfo(value: &str) -> String {
    percent::encode(value, Set::USERINFO)
}

/// None where it is not valid.
pub fn hostname(value: &str) -> Option<String> {
    if value.is_empty() {
        return Some(String::new());
    }
    let mut url = dummy();
    parser::modify(&mut url, value, Override::Hostname)?;
    url.host
}

/// None where it is not valid; empty where it is the default of the protocol.
pub fn port(value: &str, protocol: Option<&str>) -> Option<String> {
    if value.is_empty() {
        return Some(String::new());
    }
    let mut url = dummy();
    // A scheme without a default port.
    url.scheme = protocol.unwrap_or("").to_owned();
    parser::modify(&mut url, value, Override::Port)?;
    Some(url.port())
}

pub fn pathname(value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let absolute = value.starts_with('/');
    let mut url = dummy();
    // The standard's way to keep the first segment where no slash stands before it.
    url.set_pathname(&if absolute {
        value.to_owned()
    } else {
        format!("/-{value}")
    });
    match absolute {
        true => url.path,
        false => url.path[2..].to_owned(),
    }
}

pub fn opaque_path(value: &str) -> String {
    let mut url = Url {
        opaque: true,
        ..Url::default()
    };
    parser::modify(&mut url, value, Override::OpaquePath);
    url.path
}

pub fn search(value: &str) -> String {
    let mut url = dummy();
    parser::modify(&mut url, value, Override::Query);
    url.query.unwrap_or_default()
}

pub fn hash(value: &str) -> String {
    let mut url = dummy();
    parser::modify(&mut url, value, Override::Fragment);
    url.fragment.unwrap_or_default()
}
