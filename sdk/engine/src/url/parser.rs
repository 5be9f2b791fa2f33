//! The basic URL parser (URL Standard 4.4). Each of its states is a function here that takes what it reads off the front of the rest
//! of the input; their names are the standard's. A given state (the standard's "state override") parses one part for a setter.

use std::borrow::Cow;

use super::percent::{self, Set};
use super::{Url, default_port, host, is_special};

/// The part that a setter parses.
#[derive(Clone, Copy, PartialEq)]
pub enum Override {
    Scheme,
    Host,
    Hostname,
    Port,
    Path,
    OpaquePath,
    Query,
    Fragment,
}

/// None is failure.
type Outcome = Option<()>;

pub fn parse(input: &str, base: Option<&Url>) -> Option<Url> {
    let input = input.trim_matches(|character: char| character <= ' ');
    let input = without_tabs_and_newlines(input);
    let mut parser = Parser {
        url: Url::default(),
        only: None,
    };
    parser.scheme_start(&input, base)?;
    Some(parser.url)
}

/// Parses `input` as one part of a URL and puts it there; what was set before a failure stays.
pub fn modify(url: &mut Url, input: &str, part: Override) -> Outcome {
    let input = without_tabs_and_newlines(input);
    let mut parser = Parser {
        url: std::mem::take(url),
        only: Some(part),
    };
    let outcome = match part {
        Override::Scheme => parser.set_scheme(&input),
        Override::Host | Override::Hostname if parser.url.scheme == "file" => {
            parser.file_host(&input)
        }
        Override::Host | Override::Hostname => parser.host(&input),
        Override::Port => parser.port(&input),
        Override::Path => {
            parser.path_start(&input);
            Some(())
        }
        Override::OpaquePath => {
            parser.opaque_path(&input);
            Some(())
        }
        Override::Query => {
            parser.query(&input);
            Some(())
        }
        Override::Fragment => {
            parser.fragment(&input);
            Some(())
        }
    };
    *url = parser.url;
    outcome
}

fn without_tabs_and_newlines(input: &str) -> Cow<'_, str> {
    let is_removed = |character| matches!(character, '\t' | '\n' | '\r');
    match input.contains(is_removed) {
        true => Cow::Owned(input.replace(is_removed, "")),
        false => Cow::Borrowed(input),
    }
}

struct Parser {
    url: Url,
    only: Option<Override>,
}

/// The scheme that the input begins with, and what follows its colon.
fn split_scheme(input: &str) -> Option<(String, &str)> {
    let (scheme, rest) = input.split_once(':')?;
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let valid = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    (valid && scheme.bytes().all(is_scheme)).then(|| (scheme.to_ascii_lowercase(), rest))
}

impl Parser {
    fn is_slash(&self, byte: u8) -> bool {
        byte == b'/' || (byte == b'\\' && self.url.is_special())
    }

    fn starts_with_slash(&self, rest: &str) -> bool {
        rest.bytes().next().is_some_and(|byte| self.is_slash(byte))
    }

    /// Where the first of `/`, `?`, `#` (and `\` in special URLs) is, or the end.
    fn end_of_authority(&self, rest: &str) -> usize {
        let ends = |byte| self.is_slash(byte) || byte == b'?' || byte == b'#';
        rest.bytes().position(ends).unwrap_or(rest.len())
    }

    fn scheme_start(&mut self, input: &str, base: Option<&Url>) -> Outcome {
        let Some((scheme, rest)) = split_scheme(input) else {
            return self.no_scheme(input, base?);
        };
        self.url.scheme = scheme;
        let base = base.filter(|base| base.scheme == self.url.scheme);
        if self.url.scheme == "file" {
            return self.file(rest, base);
        }
        if self.url.is_special() {
            return match (rest.strip_prefix("//"), base) {
                (Some(rest), _) => self.authority_ignoring_slashes(rest),
                (None, Some(base)) => self.relative(rest, base),
                (None, None) => self.authority_ignoring_slashes(rest),
            };
        }
        if let Some(rest) = rest.strip_prefix("//") {
            return self.authority(rest);
        }
        match rest.strip_prefix('/') {
            Some(rest) => self.path(rest),
            None => self.opaque_path(rest),
        }
        Some(())
    }

    fn no_scheme(&mut self, input: &str, base: &Url) -> Outcome {
        if base.opaque {
            let fragment = input.strip_prefix('#')?;
            self.url = base.clone();
            self.fragment(fragment);
            return Some(());
        }
        self.url.scheme.clone_from(&base.scheme);
        match base.scheme == "file" {
            true => self.file(input, Some(base)),
            false => self.relative(input, base),
        }
    }

    /// For a setter: the scheme changes only to one of its kind.
    fn set_scheme(&mut self, input: &str) -> Outcome {
        let (scheme, _) = split_scheme(input)?;
        let url = &mut self.url;
        let becomes_file = scheme == "file" && (url.has_credentials() || url.port.is_some());
        let was_local_file = url.scheme == "file" && url.hostname().is_empty();
        if is_special(&scheme) != url.is_special() || becomes_file || was_local_file {
            return Some(());
        }
        url.port = url.port.filter(|port| default_port(&scheme) != Some(*port));
        url.scheme = scheme;
        Some(())
    }

    fn relative(&mut self, rest: &str, base: &Url) -> Outcome {
        if self.starts_with_slash(rest) {
            return self.relative_slash(&rest[1..], base);
        }
        self.take_authority(base);
        self.url.path.clone_from(&base.path);
        match rest.bytes().next() {
            None => self.url.query.clone_from(&base.query),
            Some(b'?') => self.query(&rest[1..]),
            Some(b'#') => {
                self.url.query.clone_from(&base.query);
                self.fragment(&rest[1..]);
            }
            Some(_) => {
                self.shorten_path();
                self.path(rest);
            }
        }
        Some(())
    }

    fn relative_slash(&mut self, rest: &str, base: &Url) -> Outcome {
        if self.starts_with_slash(rest) {
            return match self.url.is_special() {
                true => self.authority_ignoring_slashes(&rest[1..]),
                false => self.authority(&rest[1..]),
            };
        }
        self.take_authority(base);
        self.path(rest);
        Some(())
    }

    fn take_authority(&mut self, base: &Url) {
        self.url.username.clone_from(&base.username);
        self.url.password.clone_from(&base.password);
        self.url.host.clone_from(&base.host);
        self.url.port = base.port;
    }

    fn authority_ignoring_slashes(&mut self, rest: &str) -> Outcome {
        self.authority(rest.trim_start_matches(['/', '\\']))
    }

    fn authority(&mut self, rest: &str) -> Outcome {
        let end = self.end_of_authority(rest);
        let Some(at) = rest[..end].rfind('@') else {
            return self.host(rest);
        };
        let (username, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
        self.url.username = percent::encode(username, Set::USERINFO);
        self.url.password = percent::encode(password, Set::USERINFO);
        // Credentials belong to a host.
        if at + 1 == end {
            return None;
        }
        self.host(&rest[at + 1..])
    }

    fn host(&mut self, rest: &str) -> Outcome {
        let end = self.end_of_authority(rest);
        let colon = colon_outside_brackets(&rest[..end]);
        let name = &rest[..colon.unwrap_or(end)];
        let missing = name.is_empty() && (colon.is_some() || self.url.is_special());
        let orphans = self.only.is_some()
            && name.is_empty()
            && (self.url.has_credentials() || self.url.port.is_some());
        if missing || orphans || (colon.is_some() && self.only == Some(Override::Hostname)) {
            return None;
        }
        self.url.host = Some(host::parse(name, self.url.is_special())?);
        match colon {
            Some(colon) => self.port(&rest[colon + 1..]),
            None if self.only.is_some() => Some(()),
            None => {
                self.path_start(&rest[end..]);
                Some(())
            }
        }
    }

    fn port(&mut self, rest: &str) -> Outcome {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let stops_well = digits == self.end_of_authority(rest);
        if !stops_well && self.only.is_none() {
            return None;
        }
        if digits > 0 {
            let significant = rest[..digits].trim_start_matches('0');
            let port: u16 = match significant {
                "" => 0,
                _ => significant.parse().ok()?,
            };
            self.url.port = Some(port).filter(|port| default_port(&self.url.scheme) != Some(*port));
        } else if self.only.is_some() {
            return None;
        }
        if self.only.is_none() {
            self.path_start(&rest[digits..]);
        }
        Some(())
    }

    /// `base` is the base URL where that is a file too.
    fn file(&mut self, rest: &str, base: Option<&Url>) -> Outcome {
        self.url.host = Some(String::new());
        if self.starts_with_slash(rest) {
            return self.file_slash(&rest[1..], base);
        }
        let Some(base) = base else {
            self.path(rest);
            return Some(());
        };
        self.url.host.clone_from(&base.host);
        self.url.path.clone_from(&base.path);
        match rest.bytes().next() {
            None => self.url.query.clone_from(&base.query),
            Some(b'?') => self.query(&rest[1..]),
            Some(b'#') => {
                self.url.query.clone_from(&base.query);
                self.fragment(&rest[1..]);
            }
            Some(_) => {
                match starts_with_drive_letter(rest) {
                    true => self.url.path.clear(),
                    false => self.shorten_path(),
                }
                self.path(rest);
            }
        }
        Some(())
    }

    fn file_slash(&mut self, rest: &str, base: Option<&Url>) -> Outcome {
        if self.starts_with_slash(rest) {
            return self.file_host(&rest[1..]);
        }
        if let Some(base) = base {
            self.url.host.clone_from(&base.host);
            let first = base.path.split('/').nth(1).unwrap_or("");
            if !starts_with_drive_letter(rest) && is_normalized_drive_letter(first) {
                self.url.path = format!("/{first}");
            }
        }
        self.path(rest);
        Some(())
    }

    fn file_host(&mut self, rest: &str) -> Outcome {
        let end = self.end_of_authority(rest);
        let name = &rest[..end];
        if self.only.is_none() && is_drive_letter(name) {
            // `file://c:/` has no host.
            self.path(rest);
            return Some(());
        }
        let mut parsed = match name {
            "" => String::new(),
            _ => host::parse(name, true)?,
        };
        if parsed == "localhost" {
            parsed.clear();
        }
        self.url.host = Some(parsed);
        if self.only.is_none() {
            self.path_start(&rest[end..]);
        }
        Some(())
    }

    fn path_start(&mut self, rest: &str) {
        let setting = self.only.is_some();
        if self.starts_with_slash(rest) {
            self.path(&rest[1..]);
        } else if self.url.is_special() {
            self.path(rest);
        } else if rest.is_empty() {
            // A path that cannot be told from none is kept where there is no host.
            if setting && self.url.host.is_none() {
                self.url.path.push('/');
            }
        } else if !setting && rest.starts_with('?') {
            self.query(&rest[1..]);
        } else if !setting && rest.starts_with('#') {
            self.fragment(&rest[1..]);
        } else {
            self.path(rest);
        }
    }

    /// The path state, after the slash that it begins with.
    fn path(&mut self, rest: &str) {
        let mut rest = rest;
        loop {
            let ends = |byte| {
                self.is_slash(byte) || (self.only.is_none() && (byte == b'?' || byte == b'#'))
            };
            let end = rest.bytes().position(ends).unwrap_or(rest.len());
            let more = self.starts_with_slash(&rest[end..]);
            self.segment(&rest[..end], more);
            if !more {
                return self.after_path(&rest[end..]);
            }
            rest = &rest[end + 1..];
        }
    }

    fn segment(&mut self, segment: &str, more: bool) {
        if is_dots(segment, 2) {
            self.shorten_path();
            if !more {
                self.url.path.push('/');
            }
        } else if is_dots(segment, 1) {
            if !more {
                self.url.path.push('/');
            }
        } else if self.url.scheme == "file" && self.url.path.is_empty() && is_drive_letter(segment)
        {
            self.url.path.push('/');
            self.url.path.push_str(&segment[..1]);
            self.url.path.push(':');
        } else {
            self.url.path.push('/');
            percent::encode_to(&mut self.url.path, segment, Set::PATH);
        }
    }

    fn after_path(&mut self, rest: &str) {
        if let Some(query) = rest.strip_prefix('?') {
            self.query(query);
        } else if let Some(fragment) = rest.strip_prefix('#') {
            self.fragment(fragment);
        }
    }

    /// "Shorten a URL's path" (4.2): a drive letter stays.
    fn shorten_path(&mut self) {
        let path = &mut self.url.path;
        let Some(slash) = path.rfind('/') else { return };
        if slash == 0 && self.url.scheme == "file" && is_normalized_drive_letter(&path[1..]) {
            return;
        }
        path.truncate(slash);
    }

    fn opaque_path(&mut self, rest: &str) {
        self.url.opaque = true;
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let path = &rest[..end];
        // A space at the end of a URL would be stripped by the next parser.
        let last_space = end < rest.len() && path.ends_with(' ');
        let plain = if last_space {
            &path[..path.len() - 1]
        } else {
            path
        };
        percent::encode_to(&mut self.url.path, plain, Set::C0_CONTROL);
        if last_space {
            self.url.path.push_str("%20");
        }
        self.after_path(&rest[end..]);
    }

    fn query(&mut self, rest: &str) {
        let (query, fragment) = match self.only {
            None => rest
                .split_once('#')
                .map_or((rest, None), |(query, fragment)| (query, Some(fragment))),
            Some(_) => (rest, None),
        };
        let set = if self.url.is_special() {
            Set::SPECIAL_QUERY
        } else {
            Set::QUERY
        };
        self.url.query = Some(percent::encode(query, set));
        if let Some(fragment) = fragment {
            self.fragment(fragment);
        }
    }

    fn fragment(&mut self, rest: &str) {
        self.url.fragment = Some(percent::encode(rest, Set::FRAGMENT));
    }
}

fn colon_outside_brackets(authority: &str) -> Option<usize> {
    let mut inside = false;
    authority.bytes().position(|byte| {
        match byte {
            b'[' => inside = true,
            b']' => inside = false,
            _ => {}
        }
        byte == b':' && !inside
    })
}

/// One or two dots, each of which may be percent-encoded.
fn is_dots(segment: &str, count: usize) -> bool {
    let mut rest = segment;
    for _ in 0..count {
        let encoded = rest
            .get(..3)
            .is_some_and(|dot| dot.eq_ignore_ascii_case("%2e"));
        rest = match (rest.strip_prefix('.'), encoded) {
            (Some(rest), _) => rest,
            (None, true) => &rest[3..],
            (None, false) => return false,
        };
    }
    rest.is_empty()
}

fn is_drive_letter(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':' | b'|'] if letter.is_ascii_alphabetic())
}

fn is_normalized_drive_letter(text: &str) -> bool {
    is_drive_letter(text) && text.ends_with(':')
}

fn starts_with_drive_letter(text: &str) -> bool {
    let letter = text.get(..2).is_some_and(is_drive_letter);
    letter
        && matches!(
            text.as_bytes().get(2),
            None | Some(b'/' | b'\\' | b'?' | b'#')
        )
}
