//! URL patterns (URL Pattern Standard): from what a worker writes to a regular expression for each component, which JavaScript's own
//! engine runs, and from what is matched to the text of each component.

mod constructor;
mod parser;
mod tokenizer;

use crate::url::{Url, canonical, default_port, is_special};
pub use parser::PartKind;
use parser::{DEFAULT, HOSTNAME, Options, PATHNAME, escape_pattern};

/// Why a pattern cannot be.
pub enum Failure {
    Syntax(&'static str),
    /// A part of a pattern or an input that no URL can have.
    Invalid(&'static str),
    /// JavaScript threw.
    Thrown(crate::js::Error),
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub enum Part {
    Protocol,
    Username,
    Password,
    Hostname,
    Port,
    Pathname,
    Search,
    Hash,
}

use Part::{Hash, Hostname, Password, Pathname, Port, Protocol, Search, Username};

pub const PARTS: [Part; 8] = [
    Protocol, Username, Password, Hostname, Port, Pathname, Search, Hash,
];

/// `URLPatternInit`.
#[derive(Default)]
pub struct Init {
    /// In the order of `PARTS`.
    pub parts: [Option<String>; 8],
    pub base_url: Option<String>,
}

pub enum Input {
    Text(String),
    Init(Init),
}

pub struct Component {
    pub pattern: String,
    pub regexp: String,
    pub names: Vec<String>,
    pub parts: Vec<parser::Part>,
}

/// Runs a regular expression on a text.
pub type Test<'a> = &'a dyn Fn(&str, &str) -> Result<bool, Failure>;

/// "Create" (1.3): the components of a pattern, in the order of `PARTS`.
pub fn create(
    input: Input,
    base_url: Option<String>,
    test: Test<'_>,
) -> Result<Vec<Component>, Failure> {
    let init = match input {
        Input::Text(text) => {
            let matches = |protocol: &str| matches_special(&compile_protocol(protocol)?, test);
            let mut init = constructor::parse(&text, &matches)?;
            if base_url.is_none() && init.parts[Protocol as usize].is_none() {
                return Err(Failure::Syntax("a relative pattern needs a base URL"));
            }
            init.base_url = base_url;
            init
        }
        Input::Init(init) if base_url.is_none() => init,
        Input::Init(_) => {
            return Err(Failure::Syntax(
                "the base URL of an object stands in the object",
            ));
        }
    };
    let mut parts =
        process(init, Kind::Pattern)?.map(|part| part.unwrap_or_else(|| "*".to_owned()));
    if default_port(&parts[Protocol as usize])
        .is_some_and(|port| port.to_string() == parts[Port as usize])
    {
        parts[Port as usize].clear();
    }
    compile_all(&parts, test)
}

fn compile_all(parts: &[String; 8], test: Test<'_>) -> Result<Vec<Component>, Failure> {
    let text = |part: Part| parts[part as usize].as_str();
    let protocol = compile_protocol(text(Protocol))?;
    let special = matches_special(&protocol, test)?;
    let hostname = match is_ipv6_pattern(text(Hostname)) {
        true => compile(text(Hostname), HOSTNAME, &ipv6_hostname)?,
        false => compile(text(Hostname), HOSTNAME, &hostname)?,
    };
    let pathname = match special {
        true => compile(text(Pathname), PATHNAME, &|path| {
            Ok(canonical::pathname(path))
        })?,
        false => compile(text(Pathname), DEFAULT, &|path| {
            Ok(canonical::opaque_path(path))
        })?,
    };
    let userinfo = |text: &str| Ok(canonical::userinfo(text));
    Ok(vec![
        protocol,
        compile(text(Username), DEFAULT, &userinfo)?,
        compile(text(Password), DEFAULT, &userinfo)?,
        hostname,
        compile(text(Port), DEFAULT, &|text| port(text, None))?,
        pathname,
        compile(text(Search), DEFAULT, &|text| Ok(canonical::search(text)))?,
        compile(text(Hash), DEFAULT, &|text| Ok(canonical::hash(text)))?,
    ])
}

fn compile(
    pattern: &str,
    options: Options,
    encode: parser::Encode<'_>,
) -> Result<Component, Failure> {
    let parts = parser::parse(pattern, options, encode)?;
    let (regexp, names) = parser::to_regexp(&parts, options);
    let pattern = parser::to_pattern(&parts, options);
    Ok(Component {
        pattern,
        regexp,
        names,
        parts,
    })
}

fn compile_protocol(pattern: &str) -> Result<Component, Failure> {
    compile(pattern, DEFAULT, &protocol)
}

fn matches_special(protocol: &Component, test: Test<'_>) -> Result<bool, Failure> {
    for scheme in ["http", "https", "ws", "wss", "ftp", "file"] {
        if test(&protocol.regexp, scheme)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is matched, as the text of each component; none where it is no URL.
pub fn input(input: Input, base_url: Option<String>) -> Result<Option<[String; 8]>, Failure> {
    match input {
        Input::Init(_) if base_url.is_some() => Err(Failure::Syntax(
            "the base URL of an object stands in the object",
        )),
        Input::Init(init) => {
            let processed = process(init, Kind::Url).ok();
            Ok(processed.map(|parts| parts.map(Option::unwrap_or_default)))
        }
        Input::Text(text) => Ok(match base_url {
            Some(base) => Url::parse(&base, None).and_then(|base| Url::parse(&text, Some(&base))),
            None => Url::parse(&text, None),
        }
        .map(|url| parts_of(&url))),
    }
}

fn parts_of(url: &Url) -> [String; 8] {
    [
        url.scheme().to_owned(),
        url.username().to_owned(),
        url.password().to_owned(),
        url.hostname().to_owned(),
        url.port(),
        url.path().to_owned(),
        url.query().unwrap_or_default().to_owned(),
        url.fragment().unwrap_or_default().to_owned(),
    ]
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Pattern,
    Url,
}

/// "Process a URLPatternInit" (3.1).
fn process(init: Init, kind: Kind) -> Result<[Option<String>; 8], Failure> {
    let mut result: [Option<String>; 8] = Default::default();
    let base = match &init.base_url {
        Some(base) => {
            Some(Url::parse(base, None).ok_or(Failure::Invalid("the base URL is not valid"))?)
        }
        None => None,
    };
    if let Some(base) = &base {
        inherit(&mut result, &init, base, kind);
    }
    for part in PARTS {
        let Some(value) = &init.parts[part as usize] else {
            continue;
        };
        let protocol = result[Protocol as usize].clone().unwrap_or_default();
        let value = match (part, &base) {
            (Pathname, Some(base)) => resolve_path(value, base, kind),
            _ => value.clone(),
        };
        result[part as usize] = Some(process_part(part, value, &protocol, kind)?);
    }
    Ok(result)
}

/// What the base URL gives: all before the first component that is there. A pattern inherits no credentials.
fn inherit(result: &mut [Option<String>; 8], init: &Init, base: &Url, kind: Kind) {
    let texts = parts_of(base);
    let mut take = |part: Part, unless: &[Part]| {
        let given = unless
            .iter()
            .any(|part| init.parts[*part as usize].is_some());
        if !given {
            result[part as usize] = Some(as_pattern(texts[part as usize].clone(), kind));
        }
    };
    take(Protocol, &[Protocol]);
    if kind == Kind::Url {
        take(Username, &[Protocol, Hostname, Port, Username]);
        take(Password, &[Protocol, Hostname, Port, Username, Password]);
    }
    take(Hostname, &[Protocol, Hostname]);
    take(Port, &[Protocol, Hostname, Port]);
    take(Pathname, &[Protocol, Hostname, Port, Pathname]);
    take(Search, &[Protocol, Hostname, Port, Pathname, Search]);
    take(Hash, &[Protocol, Hostname, Port, Pathname, Search, Hash]);
}

fn as_pattern(text: String, kind: Kind) -> String {
    match kind {
        Kind::Pattern => escape_pattern(&text),
        Kind::Url => text,
    }
}

fn resolve_path(path: &str, base: &Url, kind: Kind) -> String {
    let escaped = kind == Kind::Pattern && (path.starts_with("\\/") || path.starts_with("{/"));
    if base.has_opaque_path() || path.starts_with('/') || escaped {
        return path.to_owned();
    }
    let base = as_pattern(base.path().to_owned(), kind);
    match base.rfind('/') {
        Some(slash) => format!("{}{path}", &base[..=slash]),
        None => path.to_owned(),
    }
}

fn process_part(
    part: Part,
    value: String,
    protocol_value: &str,
    kind: Kind,
) -> Result<String, Failure> {
    let value = match part {
        Protocol => value.strip_suffix(':').unwrap_or(&value),
        Search => value.strip_prefix('?').unwrap_or(&value),
        Hash => value.strip_prefix('#').unwrap_or(&value),
        _ => &value,
    };
    if kind == Kind::Pattern {
        return Ok(value.to_owned());
    }
    Ok(match part {
        Protocol => protocol(value)?,
        Username | Password => canonical::userinfo(value),
        Hostname => hostname(value)?,
        Port => port(value, Some(protocol_value))?,
        Pathname if protocol_value.is_empty() || is_special(protocol_value) => {
            canonical::pathname(value)
        }
        Pathname => canonical::opaque_path(value),
        Search => canonical::search(value),
        Hash => canonical::hash(value),
    })
}

fn protocol(value: &str) -> Result<String, Failure> {
    canonical::protocol(value).ok_or(Failure::Invalid("the protocol is not valid"))
}

fn hostname(value: &str) -> Result<String, Failure> {
    canonical::hostname(value).ok_or(Failure::Invalid("the host name is not valid"))
}

fn port(value: &str, protocol: Option<&str>) -> Result<String, Failure> {
    canonical::port(value, protocol).ok_or(Failure::Invalid("the port is not valid"))
}

fn is_ipv6_pattern(pattern: &str) -> bool {
    ["[", "{[", "\\["]
        .iter()
        .any(|start| pattern.starts_with(start))
        && pattern.len() > 1
}

/// "Canonicalize an IPv6 hostname" (3.2): of a part of one there is no more to check.
fn ipv6_hostname(value: &str) -> Result<String, Failure> {
    let is_valid = |byte: u8| byte.is_ascii_hexdigit() || b"[]:".contains(&byte);
    match value.bytes().all(is_valid) {
        true => Ok(value.to_ascii_lowercase()),
        false => Err(Failure::Invalid("the IPv6 address is not valid")),
    }
}
