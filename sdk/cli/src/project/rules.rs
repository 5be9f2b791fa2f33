//! `_headers` and `_redirects` of an assets folder, as wrangler reads them: a line that makes no sense is left out and said, the others
//! count.

use http::{HeaderName, HeaderValue};
use ouro_core::path_pattern::PathPattern;
use ouro_core::version::{HeaderRule, Redirect};

/// As many as Cloudflare takes.
const HEADER_RULES_MAX: usize = 100;
const REDIRECTS_OF_PATHS_MAX: usize = 2_000;
const REDIRECTS_OF_PATTERNS_MAX: usize = 100;
/// In bytes.
const LINE_MAX: usize = 2_000;

const STATUSES: [u16; 6] = [200, 301, 302, 303, 307, 308];
/// How the answer is delimited is the server's affair.
const NOT_TO_SET: [&str; 4] = [
    "connection",
    "content-length",
    "content-range",
    "transfer-encoding",
];

/// Rules, and a note for each line that is none.
#[derive(Debug)]
pub struct Parsed<T> {
    pub rules: Vec<T>,
    pub notes: Vec<String>,
}

impl<T> Parsed<T> {
    fn new() -> Self {
        Self {
            rules: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn leave_out(&mut self, file: &str, line: usize, reason: &str) {
        self.notes
            .push(format!("left out: `{file}` line {line} ({reason})"));
    }
}

/// Lines with their numbers, without blank ones and comments.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate();
    let trimmed = numbered.map(|(at, line)| (at + 1, line.trim()));
    trimmed.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// `_headers`: a path, and below it lines `Name: value` and `! Name`.
pub fn headers(text: &str) -> Parsed<HeaderRule> {
    const FILE: &str = "/_headers";
    let mut parsed = Parsed::new();
    // Lines below a path that is left out are left out with it, without a word of their own.
    let mut skipping = false;
    for (number, line) in lines(text) {
        let mut words = line.split_whitespace();
        let is_path = line.starts_with('/') || words.next().is_some_and(|it| it.contains("://"));
        let read = if line.len() > LINE_MAX {
            Err(format!("longer than {LINE_MAX} bytes"))
        } else if is_path {
            let rule = header_path(line, parsed.rules.len());
            skipping = rule.is_err();
            rule.map(|rule| parsed.rules.push(rule))
        } else if skipping {
            Ok(())
        } else {
            let rule = parsed.rules.last_mut();
            rule.ok_or_else(|| "a path belongs before it".to_owned())
                .and_then(|rule| header_line(rule, line))
        };
        if let Err(reason) = read {
            parsed.leave_out(FILE, number, &reason);
        }
    }
    parsed
        .rules
        .retain(|rule| !rule.set.is_empty() || !rule.unset.is_empty());
    parsed
}

fn header_path(line: &str, rules: usize) -> Result<HeaderRule, String> {
    if rules == HEADER_RULES_MAX {
        return Err(format!("more than {HEADER_RULES_MAX} rules"));
    }
    Ok(HeaderRule {
        path: PathPattern::new(line).map_err(|e| e.to_string())?,
        unset: Vec::new(),
        set: Default::default(),
    })
}

fn header_line(rule: &mut HeaderRule, line: &str) -> Result<(), String> {
    if let Some(name) = line.strip_prefix('!') {
        rule.unset.push(header_name(name)?);
        return Ok(());
    }
    let (name, value) = line
        .split_once(':')
        .ok_or("expected a path, `Name: value` or `! Name`")?;
    let (name, value) = (header_name(name)?, value.trim());
    if value.is_empty() || HeaderValue::from_str(value).is_err() {
        return Err(format!("`{value}` is not a header's value"));
    }
    // One name twice is one field with both values.
    rule.set
        .entry(name)
        .and_modify(|values| {
            values.push_str(", ");
            values.push_str(value);
        })
        .or_insert_with(|| value.to_owned());
    Ok(())
}

fn header_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let name = HeaderName::from_bytes(text.as_bytes())
        .map_err(|_| format!("`{text}` is not a header's name"))?;
    if NOT_TO_SET.contains(&name.as_str()) {
        return Err(format!("`{name}` is set by the server"));
    }
    Ok(name.to_string())
}

/// `_redirects`: from, to, and a status that may be left out.
pub fn redirects(text: &str) -> Parsed<Redirect> {
    const FILE: &str = "/_redirects";
    let mut parsed = Parsed::new();
    for (number, line) in lines(text) {
        match redirect(line).and_then(|redirect| has_room(&parsed.rules, redirect)) {
            Ok(redirect) => parsed.rules.push(redirect),
            Err(reason) => parsed.leave_out(FILE, number, &reason),
        }
    }
    parsed
}

fn redirect(line: &str) -> Result<Redirect, String> {
    if line.len() > LINE_MAX {
        return Err(format!("longer than {LINE_MAX} bytes"));
    }
    let words = line.split_whitespace();
    let words: Vec<_> = words.take_while(|word| !word.starts_with('#')).collect();
    let (from, to, status) = match words[..] {
        [from, to] => (from, to, "302"),
        [from, to, status] => (from, to, status),
        _ => return Err("expected `<from> <to> [<status>]`".to_owned()),
    };
    if !from.starts_with('/') {
        return Err(format!("`{from}` does not begin with `/`"));
    }
    let is_path = to.starts_with('/');
    if !is_path && !to.starts_with("https://") && !to.starts_with("http://") {
        return Err(format!("`{to}` is neither a path nor a URL"));
    }
    let status = status
        .parse()
        .ok()
        .filter(|status| STATUSES.contains(status))
        .ok_or_else(|| format!("`{status}` is not one of 200, 301, 302, 303, 307 and 308"))?;
    if status == 200 && !is_path {
        return Err(format!("with status 200 `{to}` has to be a path"));
    }
    if is_endless(from, to) {
        return Err("it would lead to itself".to_owned());
    }
    Ok(Redirect {
        from: PathPattern::new(from).map_err(|e| e.to_string())?,
        to: to.to_owned(),
        status,
    })
}

/// A page's canonical path has neither `.html` nor `/index`: whoever is sent to `/index.html` is sent on to `/`.
fn is_endless(from: &str, to: &str) -> bool {
    let to_index = to.starts_with('/') && (to.ends_with("/index") || to.ends_with("/index.html"));
    to_index && (from.ends_with("/*") || from.ends_with('/')) || from == to
}

fn has_room(rules: &[Redirect], redirect: Redirect) -> Result<Redirect, String> {
    if rules.iter().any(|other| other.from == redirect.from) {
        return Err(format!("`{}` is redirected above", redirect.from));
    }
    let literal = redirect.from.is_literal();
    let same = rules
        .iter()
        .filter(|other| other.from.is_literal() == literal);
    let (max, what) = if literal {
        (REDIRECTS_OF_PATHS_MAX, "plain paths")
    } else {
        (REDIRECTS_OF_PATTERNS_MAX, "patterns")
    };
    if same.count() == max {
        return Err(format!("more than {max} {what}"));
    }
    Ok(redirect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_frameworks_write_them() {
        let parsed = headers(
            "\n# generated\n/_app/*\n  X-Robots-Tag: noindex\n\tCache-Control: no-cache\n\
             /_app/immutable/*\n  ! Cache-Control\n\tCache-Control: public, immutable, max-age=31536000\n\
             https://a.example/*\n  X-A: 1\n  X-A: 2\n",
        );
        assert!(parsed.notes.is_empty(), "{:?}", parsed.notes);
        let [app, immutable, host] = &parsed.rules[..] else {
            panic!("{:?}", parsed.rules);
        };
        assert_eq!(app.path.as_str(), "/_app/*");
        assert_eq!(app.set["x-robots-tag"], "noindex");
        assert_eq!(app.set["cache-control"], "no-cache");
        assert_eq!(immutable.unset, ["cache-control"]);
        assert_eq!(
            immutable.set["cache-control"],
            "public, immutable, max-age=31536000"
        );
        assert_eq!(host.set["x-a"], "1, 2");
    }

    #[test]
    fn a_line_of_headers_that_makes_no_sense_is_left_out_and_said() {
        let parsed = headers(
            "X-A: 1\n/a\n  nonsense\n  X B: 1\n  Content-Length: 3\n/*/*\n  X-C: 1\n/d\n  X-D: 1\n",
        );
        assert_eq!(
            parsed.notes,
            [
                "left out: `/_headers` line 1 (a path belongs before it)",
                "left out: `/_headers` line 3 (expected a path, `Name: value` or `! Name`)",
                "left out: `/_headers` line 4 (`X B` is not a header's name)",
                "left out: `/_headers` line 5 (`content-length` is set by the server)",
                "left out: `/_headers` line 6 (`/*/*` has more than one `*`)",
            ]
        );
        assert_eq!(parsed.rules.len(), 1);
        assert_eq!(parsed.rules[0].set["x-d"], "1");
    }

    #[test]
    fn redirects_have_two_or_three_words() {
        let parsed = redirects("/a /b\n/c/* https://c.example/:splat 301 # moved\n/d /e 200\n");
        assert!(parsed.notes.is_empty(), "{:?}", parsed.notes);
        let read: Vec<_> = parsed
            .rules
            .iter()
            .map(|r| (r.from.as_str(), r.to.as_str(), r.status))
            .collect();
        assert_eq!(
            read,
            [
                ("/a", "/b", 302),
                ("/c/*", "https://c.example/:splat", 301),
                ("/d", "/e", 200),
            ]
        );
    }

    #[test]
    fn a_redirect_that_makes_no_sense_is_left_out_and_said() {
        let text = "/a\n/a /b 404\n/a /b\n/a /c\n/* /index.html 200\n/x https://a.example 200\n";
        let parsed = redirects(text);
        assert_eq!(
            parsed.notes,
            [
                "left out: `/_redirects` line 1 (expected `<from> <to> [<status>]`)",
                "left out: `/_redirects` line 2 (`404` is not one of 200, 301, 302, 303, 307 and 308)",
                "left out: `/_redirects` line 4 (`/a` is redirected above)",
                "left out: `/_redirects` line 5 (it would lead to itself)",
                "left out: `/_redirects` line 6 (with status 200 `https://a.example` has to be a path)",
            ]
        );
        assert_eq!(parsed.rules.len(), 1);
    }
}
