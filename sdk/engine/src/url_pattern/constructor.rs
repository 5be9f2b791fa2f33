//! Patterns in one string, such as `https://*.example.com/:id` (URL Pattern Standard 1.6).

use super::tokenizer::{Kind, Token, tokenize};
use super::{Failure, Init, Part};

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum State {
    Init,
    Protocol,
    Authority,
    Username,
    Password,
    Hostname,
    Port,
    Pathname,
    Search,
    Hash,
    Done,
}

impl State {
    fn part(self) -> Option<Part> {
        Some(match self {
            Self::Protocol => Part::Protocol,
            Self::Username => Part::Username,
            Self::Password => Part::Password,
            Self::Hostname => Part::Hostname,
            Self::Port => Part::Port,
            Self::Pathname => Part::Pathname,
            Self::Search => Part::Search,
            Self::Hash => Part::Hash,
            Self::Init | Self::Authority | Self::Done => return None,
        })
    }
}

/// Answers whether a pattern of the protocol matches a special scheme.
pub type MatchesSpecial<'a> = &'a dyn Fn(&str) -> Result<bool, Failure>;

struct Parser<'a> {
    input: &'a [char],
    tokens: Vec<Token>,
    result: Init,
    state: State,
    start: usize,
    index: usize,
    increment: usize,
    special: bool,
}

pub fn parse(input: &str, matches_special: MatchesSpecial<'_>) -> Result<Init, Failure> {
    let input: Vec<char> = input.chars().collect();
    let mut parser = Parser {
        input: &input,
        tokens: tokenize(&input, true)?,
        result: Init::default(),
        state: State::Init,
        start: 0,
        index: 0,
        increment: 1,
        special: false,
    };
    let (mut groups, mut brackets) = (0_usize, 0_isize);
    while parser.index < parser.tokens.len() {
        parser.increment = 1;
        match parser.tokens[parser.index].kind {
            Kind::End => {
                if !parser.end() {
                    break;
                }
            }
            Kind::Open => groups += 1,
            Kind::Close if groups > 0 => groups -= 1,
            _ if groups > 0 => {}
            _ => parser.step(matches_special, &mut brackets)?,
        }
        parser.index += parser.increment;
    }
    let Init { parts, .. } = &mut parser.result;
    if parts[Part::Hostname as usize].is_some() {
        parts[Part::Port as usize].get_or_insert_default();
    }
    Ok(parser.result)
}

impl Parser<'_> {
    /// At the end of the input; false once all is done.
    fn end(&mut self) -> bool {
        match self.state {
            // Without a protocol it is a relative pattern.
            State::Init => {
                self.rewind();
                if self.is_hash_prefix() {
                    self.change(State::Hash, 1);
                } else if self.is_search_prefix() {
                    self.change(State::Search, 1);
                } else {
                    self.change(State::Pathname, 0);
                }
                true
            }
            State::Authority => {
                self.rewind();
                self.state = State::Hostname;
                true
            }
            _ => {
                self.change(State::Done, 0);
                false
            }
        }
    }

    fn step(
        &mut self,
        matches_special: MatchesSpecial<'_>,
        brackets: &mut isize,
    ) -> Result<(), Failure> {
        match self.state {
            State::Init if self.is_plain(":") => {
                self.rewind();
                self.state = State::Protocol;
            }
            State::Protocol if self.is_plain(":") => {
                self.special = matches_special(&self.component())?;
                let slashes =
                    self.is_plain_at(self.index + 1, "/") && self.is_plain_at(self.index + 2, "/");
                match (slashes, self.special) {
                    (true, _) => self.change(State::Authority, 3),
                    (false, true) => self.change(State::Authority, 1),
                    (false, false) => self.change(State::Pathname, 1),
                }
            }
            State::Authority if self.is_plain("@") => {
                self.rewind();
                self.state = State::Username;
            }
            State::Authority
                if self.is_plain("/") || self.is_search_prefix() || self.is_hash_prefix() =>
            {
                self.rewind();
                self.state = State::Hostname;
            }
            State::Username if self.is_plain(":") => self.change(State::Password, 1),
            State::Username | State::Password if self.is_plain("@") => {
                self.change(State::Hostname, 1)
            }
            State::Hostname if self.is_plain("[") => *brackets += 1,
            State::Hostname if self.is_plain("]") => *brackets -= 1,
            State::Hostname if self.is_plain(":") && *brackets == 0 => self.change(State::Port, 1),
            State::Hostname | State::Port if self.is_plain("/") => self.change(State::Pathname, 0),
            State::Hostname | State::Port | State::Pathname if self.is_search_prefix() => {
                self.change(State::Search, 1)
            }
            State::Hostname | State::Port | State::Pathname | State::Search
                if self.is_hash_prefix() =>
            {
                self.change(State::Hash, 1);
            }
            _ => {}
        }
        Ok(())
    }

    /// "Change state" (1.6): components that are passed over are empty.
    fn change(&mut self, next: State, skip: usize) {
        let state = self.state;
        if let Some(part) = state.part() {
            self.result.parts[part as usize] = Some(self.component());
        }
        if state != State::Init && next != State::Done {
            let parts = &mut self.result.parts;
            if state < State::Hostname && next >= State::Port {
                parts[Part::Hostname as usize].get_or_insert_default();
            }
            if state < State::Pathname && next >= State::Search {
                let path = if self.special { "/" } else { "" };
                parts[Part::Pathname as usize].get_or_insert_with(|| path.to_owned());
            }
            if state < State::Search && next == State::Hash {
                parts[Part::Search as usize].get_or_insert_default();
            }
        }
        self.state = next;
        self.index += skip;
        self.start = self.index;
        self.increment = 0;
    }

    fn rewind(&mut self) {
        self.index = self.start;
        self.increment = 0;
    }

    fn token(&self, index: usize) -> &Token {
        // The last one is the end.
        &self.tokens[index.min(self.tokens.len() - 1)]
    }

    fn component(&self) -> String {
        let (start, end) = (self.token(self.start).index, self.token(self.index).index);
        self.input[start..end].iter().collect()
    }

    /// A character that has no meaning in patterns here.
    fn is_plain_at(&self, index: usize, value: &str) -> bool {
        let token = self.token(index);
        token.value == value
            && matches!(
                token.kind,
                Kind::Char | Kind::EscapedChar | Kind::InvalidChar
            )
    }

    fn is_plain(&self, value: &str) -> bool {
        self.is_plain_at(self.index, value)
    }

    fn is_hash_prefix(&self) -> bool {
        self.is_plain("#")
    }

    /// A question mark that is no modifier.
    fn is_search_prefix(&self) -> bool {
        if self.is_plain("?") {
            return true;
        }
        if self.token(self.index).value != "?" {
            return false;
        }
        let previous = self
            .index
            .checked_sub(1)
            .map(|index| self.token(index).kind);
        !matches!(
            previous,
            Some(Kind::Name | Kind::Regexp | Kind::Close | Kind::Asterisk)
        )
    }
}
