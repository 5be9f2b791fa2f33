//! Tokens of pattern strings (URL Pattern Standard 2.1).

use super::Failure;
use crate::js::{is_identifier_part, is_identifier_start};

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    Open,
    Close,
    Regexp,
    Name,
    Char,
    EscapedChar,
    OtherModifier,
    Asterisk,
    End,
    InvalidChar,
}

pub struct Token {
    pub kind: Kind,
    /// Where in the input it begins, in characters.
    pub index: usize,
    pub value: String,
}

pub fn is_name_character(character: char, first: bool) -> bool {
    match first {
        true => matches!(character, '$' | '_') || is_identifier_start(character),
        false => {
            matches!(character, '$' | '\u{200C}' | '\u{200D}') || is_identifier_part(character)
        }
    }
}

struct Tokenizer<'a> {
    input: &'a [char],
    lenient: bool,
    tokens: Vec<Token>,
    index: usize,
}

/// A lenient tokenizer gives tokens for what is wrong, where a strict one fails.
pub fn tokenize(input: &[char], lenient: bool) -> Result<Vec<Token>, Failure> {
    let mut tokenizer = Tokenizer {
        input,
        lenient,
        tokens: Vec::new(),
        index: 0,
    };
    while let Some(character) = input.get(tokenizer.index) {
        tokenizer.next(*character)?;
    }
    tokenizer.add(Kind::End, tokenizer.index, tokenizer.index..tokenizer.index);
    Ok(tokenizer.tokens)
}

impl Tokenizer<'_> {
    fn add(&mut self, kind: Kind, next: usize, value: std::ops::Range<usize>) {
        let value = self.input[value].iter().collect();
        let index = self.index;
        self.tokens.push(Token { kind, index, value });
        self.index = next;
    }

    fn invalid(&mut self, next: usize, message: &'static str) -> Result<(), Failure> {
        if !self.lenient {
            return Err(Failure::Syntax(message));
        }
        self.add(Kind::InvalidChar, next, self.index..next);
        Ok(())
    }

    fn next(&mut self, character: char) -> Result<(), Failure> {
        let at = self.index;
        let single = match character {
            '*' => Kind::Asterisk,
            '+' | '?' => Kind::OtherModifier,
            '{' => Kind::Open,
            '}' => Kind::Close,
            '\\' if at + 1 == self.input.len() => {
                return self.invalid(at + 1, "a pattern must not end in a backslash");
            }
            '\\' => {
                self.add(Kind::EscapedChar, at + 2, at + 1..at + 2);
                return Ok(());
            }
            ':' => return self.name(),
            '(' => return self.regexp(),
            _ => Kind::Char,
        };
        self.add(single, at + 1, at..at + 1);
        Ok(())
    }

    fn name(&mut self) -> Result<(), Failure> {
        let start = self.index + 1;
        let rest = self.input[start..].iter().enumerate();
        let length = rest
            .take_while(|(index, character)| is_name_character(**character, *index == 0))
            .count();
        if length == 0 {
            return self.invalid(start, "a name is missing after `:`");
        }
        self.add(Kind::Name, start + length, start..start + length);
        Ok(())
    }

    fn regexp(&mut self) -> Result<(), Failure> {
        let start = self.index + 1;
        match self.end_of_regexp(start) {
            Some(end) if end > start => {
                self.add(Kind::Regexp, end + 1, start..end);
                Ok(())
            }
            _ => self.invalid(start, "a group `(...)` is not a valid regular expression"),
        }
    }

    /// Where the parenthesis is that closes the group; none where it is not as it must be.
    fn end_of_regexp(&self, start: usize) -> Option<usize> {
        let mut depth = 1;
        let mut at = start;
        loop {
            let character = *self.input.get(at)?;
            if !character.is_ascii() || (at == start && character == '?') {
                return None;
            }
            match character {
                '\\' => {
                    at += 1;
                    self.input.get(at).filter(|escaped| escaped.is_ascii())?;
                }
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                // Groups that capture would count among the pattern's own.
                '(' => {
                    depth += 1;
                    self.input.get(at + 1).filter(|next| **next == '?')?;
                }
                _ => {}
            }
            at += 1;
        }
    }
}
