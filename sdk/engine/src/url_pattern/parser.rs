//! Pattern strings to parts (URL Pattern Standard 2.2 to 2.4), and parts to regular expressions and to normal pattern strings.

use super::Failure;
use super::tokenizer::{Kind, Token, is_name_character, tokenize};

/// What a component's text is canonicalized by.
pub type Encode<'a> = &'a dyn Fn(&str) -> Result<String, Failure>;

#[derive(Clone, Copy)]
pub struct Options {
    pub delimiter: &'static str,
    pub prefix: &'static str,
}

pub const DEFAULT: Options = Options {
    delimiter: "",
    prefix: "",
};
pub const HOSTNAME: Options = Options {
    delimiter: ".",
    prefix: "",
};
pub const PATHNAME: Options = Options {
    delimiter: "/",
    prefix: "/",
};

/// In the order in which patterns compare: the more a part says, the greater it is.
#[derive(Clone, Copy, PartialEq)]
pub enum PartKind {
    FullWildcard,
    SegmentWildcard,
    Regexp,
    FixedText,
}

/// In the order in which patterns compare.
#[derive(Clone, Copy, PartialEq)]
pub enum Modifier {
    ZeroOrMore,
    Optional,
    OneOrMore,
    None,
}

impl Modifier {
    fn text(self) -> &'static str {
        match self {
            Self::ZeroOrMore => "*",
            Self::Optional => "?",
            Self::OneOrMore => "+",
            Self::None => "",
        }
    }
}

pub struct Part {
    pub kind: PartKind,
    pub modifier: Modifier,
    pub value: String,
    pub name: String,
    pub prefix: String,
    pub suffix: String,
}

const FULL_WILDCARD: &str = ".*";

fn segment_wildcard(options: Options) -> String {
    format!("[^{}]+?", escape_regexp(options.delimiter))
}

struct Parser<'a> {
    tokens: Vec<Token>,
    index: usize,
    encode: Encode<'a>,
    segment_wildcard: String,
    parts: Vec<Part>,
    pending: String,
    unnamed: usize,
}

pub fn parse(input: &str, options: Options, encode: Encode<'_>) -> Result<Vec<Part>, Failure> {
    let input: Vec<char> = input.chars().collect();
    let mut parser = Parser {
        tokens: tokenize(&input, false)?,
        index: 0,
        encode,
        segment_wildcard: segment_wildcard(options),
        parts: Vec::new(),
        pending: String::new(),
        unnamed: 0,
    };
    while parser.index < parser.tokens.len() {
        parser.next(options)?;
    }
    Ok(parser.parts)
}

impl Parser<'_> {
    fn take(&mut self, kind: Kind) -> Option<String> {
        let token = self.tokens.get(self.index)?;
        if token.kind != kind {
            return None;
        }
        self.index += 1;
        Some(token.value.clone())
    }

    fn require(&mut self, kind: Kind) -> Result<(), Failure> {
        let taken = self.take(kind);
        taken.map(drop).ok_or(Failure::Syntax(
            "a brace, a modifier or a group stands where it must not",
        ))
    }

    fn next(&mut self, options: Options) -> Result<(), Failure> {
        let character = self.take(Kind::Char);
        let name = self.take(Kind::Name);
        let matcher = self.matcher(name.is_some());
        if name.is_some() || matcher.is_some() {
            let mut prefix = character.unwrap_or_default();
            if !prefix.is_empty() && prefix != options.prefix {
                self.pending.push_str(&std::mem::take(&mut prefix));
            }
            self.flush_pending()?;
            let modifier = self.modifier();
            return self.add(prefix, name, matcher, String::new(), modifier);
        }
        if let Some(fixed) = character.or_else(|| self.take(Kind::EscapedChar)) {
            self.pending.push_str(&fixed);
            return Ok(());
        }
        if self.take(Kind::Open).is_some() {
            let prefix = self.text();
            let name = self.take(Kind::Name);
            let matcher = self.matcher(name.is_some());
            let suffix = self.text();
            self.require(Kind::Close)?;
            let modifier = self.modifier();
            return self.add(prefix, name, matcher, suffix, modifier);
        }
        self.flush_pending()?;
        self.require(Kind::End)
    }

    /// The regular expression of a group, or of an asterisk that is no modifier of a name.
    fn matcher(&mut self, named: bool) -> Option<String> {
        let regexp = self.take(Kind::Regexp);
        if regexp.is_some() || named {
            return regexp;
        }
        self.take(Kind::Asterisk).map(|_| FULL_WILDCARD.to_owned())
    }

    fn modifier(&mut self) -> Modifier {
        let taken = self.take(Kind::OtherModifier);
        match taken.or_else(|| self.take(Kind::Asterisk)).as_deref() {
            Some("?") => Modifier::Optional,
            Some("+") => Modifier::OneOrMore,
            Some(_) => Modifier::ZeroOrMore,
            None => Modifier::None,
        }
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        while let Some(character) = self
            .take(Kind::Char)
            .or_else(|| self.take(Kind::EscapedChar))
        {
            text.push_str(&character);
        }
        text
    }

    fn flush_pending(&mut self) -> Result<(), Failure> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.pending);
        self.fixed(&text, Modifier::None)
    }

    fn fixed(&mut self, text: &str, modifier: Modifier) -> Result<(), Failure> {
        self.parts.push(Part {
            kind: PartKind::FixedText,
            modifier,
            value: (self.encode)(text)?,
            name: String::new(),
            prefix: String::new(),
            suffix: String::new(),
        });
        Ok(())
    }

    /// "Add a part" (2.4).
    fn add(
        &mut self,
        prefix: String,
        name: Option<String>,
        matcher: Option<String>,
        suffix: String,
        modifier: Modifier,
    ) -> Result<(), Failure> {
        if name.is_none() && matcher.is_none() {
            if modifier == Modifier::None {
                self.pending.push_str(&prefix);
                return Ok(());
            }
            self.flush_pending()?;
            return match prefix.is_empty() {
                true => Ok(()),
                false => self.fixed(&prefix, modifier),
            };
        }
        self.flush_pending()?;
        let value = matcher.unwrap_or_else(|| self.segment_wildcard.clone());
        let (kind, value) = match value.as_str() {
            FULL_WILDCARD => (PartKind::FullWildcard, String::new()),
            text if text == self.segment_wildcard => (PartKind::SegmentWildcard, String::new()),
            _ => (PartKind::Regexp, value),
        };
        let name = name.unwrap_or_else(|| {
            self.unnamed += 1;
            (self.unnamed - 1).to_string()
        });
        if self.parts.iter().any(|part| part.name == name) {
            return Err(Failure::Syntax("two groups have the same name"));
        }
        self.parts.push(Part {
            kind,
            modifier,
            value,
            name,
            prefix: (self.encode)(&prefix)?,
            suffix: (self.encode)(&suffix)?,
        });
        Ok(())
    }
}

/// "Generate a regular expression and name list" (2.5).
pub fn to_regexp(parts: &[Part], options: Options) -> (String, Vec<String>) {
    let mut out = String::from("^");
    let mut names = Vec::new();
    for part in parts {
        if part.kind == PartKind::FixedText {
            let text = escape_regexp(&part.value);
            match part.modifier {
                Modifier::None => out.push_str(&text),
                modifier => out.push_str(&format!("(?:{text}){}", modifier.text())),
            }
            continue;
        }
        names.push(part.name.clone());
        out.push_str(&group(part, options));
    }
    out.push('$');
    (out, names)
}

fn group(part: &Part, options: Options) -> String {
    let regexp = match part.kind {
        PartKind::SegmentWildcard => segment_wildcard(options),
        PartKind::FullWildcard => FULL_WILDCARD.to_owned(),
        _ => part.value.clone(),
    };
    let modifier = part.modifier.text();
    let once = matches!(part.modifier, Modifier::None | Modifier::Optional);
    if part.prefix.is_empty() && part.suffix.is_empty() {
        return match once {
            true => format!("({regexp}){modifier}"),
            false => format!("((?:{regexp}){modifier})"),
        };
    }
    let (prefix, suffix) = (escape_regexp(&part.prefix), escape_regexp(&part.suffix));
    if once {
        return format!("(?:{prefix}({regexp}){suffix}){modifier}");
    }
    let optional = if part.modifier == Modifier::ZeroOrMore {
        "?"
    } else {
        ""
    };
    format!("(?:{prefix}((?:{regexp})(?:{suffix}{prefix}(?:{regexp}))*){suffix}){optional}")
}

/// "Generate a pattern string" (2.6).
pub fn to_pattern(parts: &[Part], options: Options) -> String {
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        let previous = index.checked_sub(1).map(|index| &parts[index]);
        push_part(&mut out, part, previous, parts.get(index + 1), options);
    }
    out
}

fn push_part(
    out: &mut String,
    part: &Part,
    previous: Option<&Part>,
    next: Option<&Part>,
    options: Options,
) {
    let modifier = part.modifier.text();
    if part.kind == PartKind::FixedText {
        let text = escape_pattern(&part.value);
        match part.modifier {
            Modifier::None => out.push_str(&text),
            _ => out.push_str(&format!("{{{text}}}{modifier}")),
        }
        return;
    }
    let custom_name = !begins_with_digit(&part.name);
    let grouped = needs_grouping(part, previous, next, options);
    if grouped {
        out.push('{');
    }
    out.push_str(&escape_pattern(&part.prefix));
    if custom_name {
        out.push(':');
        out.push_str(&part.name);
    }
    match part.kind {
        PartKind::Regexp => out.push_str(&format!("({})", part.value)),
        PartKind::SegmentWildcard if !custom_name => {
            out.push_str(&format!("({})", segment_wildcard(options)));
        }
        PartKind::FullWildcard => {
            let stands_alone = previous.is_none_or(|previous| {
                previous.kind == PartKind::FixedText || previous.modifier != Modifier::None
            });
            let plain = !custom_name && (stands_alone || grouped || !part.prefix.is_empty());
            out.push_str(if plain { "*" } else { "(.*)" });
        }
        _ => {}
    }
    // The name would go on into the suffix.
    let runs_on = part
        .suffix
        .starts_with(|first| is_name_character(first, false));
    if part.kind == PartKind::SegmentWildcard && custom_name && runs_on {
        out.push('\\');
    }
    out.push_str(&escape_pattern(&part.suffix));
    if grouped {
        out.push('}');
    }
    out.push_str(modifier);
}

fn needs_grouping(
    part: &Part,
    previous: Option<&Part>,
    next: Option<&Part>,
    options: Options,
) -> bool {
    if !part.suffix.is_empty() || (!part.prefix.is_empty() && part.prefix != options.prefix) {
        return true;
    }
    let bare_name = !begins_with_digit(&part.name)
        && part.kind == PartKind::SegmentWildcard
        && part.modifier == Modifier::None;
    let next = next.filter(|next| bare_name && next.prefix.is_empty() && next.suffix.is_empty());
    let runs_on = next.is_some_and(|next| match next.kind {
        PartKind::FixedText => next
            .value
            .starts_with(|first| is_name_character(first, false)),
        _ => begins_with_digit(&next.name),
    });
    let takes_prefix = part.prefix.is_empty()
        && !options.prefix.is_empty()
        && previous.is_some_and(|previous| {
            previous.kind == PartKind::FixedText && previous.value.ends_with(options.prefix)
        });
    runs_on || takes_prefix
}

fn begins_with_digit(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_digit())
}

fn escape(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if special.contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

fn escape_regexp(text: &str) -> String {
    escape(text, ".+*?^${}()[]|/\\")
}

pub fn escape_pattern(text: &str) -> String {
    escape(text, "+*?:{}()\\")
}
