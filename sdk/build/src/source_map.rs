//! From positions in a bundle to those in the sources that it was made of (ECMA-426).

use std::fmt;
use std::path::Path;

use sourcemap::{RawToken, Token};

/// The name under which the engine evaluates every bundle; stack frames carry it.
pub const BUNDLE_NAME: &str = "worker.js";

/// A longer name of a file is not put into texts: it would swell them.
const FILE_BYTES_MAX: usize = 512;

/// A source map of a bundle. It may come from a customer: reading it never panics.
pub struct SourceMap(sourcemap::SourceMap);

#[derive(Debug, thiserror::Error)]
#[error("not a source map: {0}")]
pub struct InvalidSourceMap(String);

/// Lines and columns count from 1, columns in UTF-16 code units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl SourceMap {
    /// # Errors
    /// The bytes are not a source map of one file.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidSourceMap> {
        sourcemap::SourceMap::from_slice(json)
            .map(Self)
            .map_err(|error| InvalidSourceMap(error.to_string()))
    }

    /// Where line and column of the bundle (from 1) come from.
    pub fn locate(&self, line: u32, column: u32) -> Option<Position> {
        let token = self
            .0
            .lookup_token(line.checked_sub(1)?, column.checked_sub(1)?)?;
        let file = token.get_source()?.to_string();
        Some(Position {
            file,
            line: token.get_src_line() + 1,
            column: token.get_src_col() + 1,
        })
    }

    /// The text of a line of a source, where the map carries it.
    pub fn source_line(&self, position: &Position) -> Option<&str> {
        let id = self
            .0
            .sources()
            .position(|source| source == position.file)?;
        let contents = self.0.get_source_contents(u32::try_from(id).ok()?)?;
        contents.lines().nth(position.line.checked_sub(1)? as usize)
    }

    /// A stack's text with every `worker.js:line:column` replaced by its position in the sources, where the map knows it.
    pub fn map_stack(&self, stack: &str) -> String {
        let mut mapped = String::with_capacity(stack.len());
        let mut rest = stack;
        while let Some(frame) = next_frame(rest) {
            mapped.push_str(&rest[..frame.start]);
            match self.locate(frame.line, frame.column) {
                Some(position) if position.file.len() <= FILE_BYTES_MAX => {
                    mapped.push_str(&position.to_string())
                }
                _ => mapped.push_str(&rest[frame.start..frame.end]),
            }
            rest = &rest[frame.end..];
        }
        mapped.push_str(rest);
        mapped
    }

    /// The position in the sources of the innermost frame of a stack that lies in the bundle.
    pub fn innermost(&self, stack: &str) -> Option<Position> {
        let mut rest = stack;
        while let Some(frame) = next_frame(rest) {
            if let Some(position) = self.locate(frame.line, frame.column) {
                return Some(position);
            }
            rest = &rest[frame.end..];
        }
        None
    }
}

/// The JSON of a map whose positions on the first line of a source lie so many columns too far right.
///
/// # Errors
/// The text is not a source map of one file.
pub fn move_first_line(json: &str, file: &Path, columns: u32) -> Result<String, InvalidSourceMap> {
    let invalid = |error: sourcemap::Error| InvalidSourceMap(error.to_string());
    let map = sourcemap::SourceMap::from_slice(json.as_bytes()).map_err(invalid)?;
    let own = |token: Token<'_>| {
        let is_moved =
            token.get_src_line() == 0 && token.get_source().is_some_and(|it| Path::new(it) == file);
        let columns = if is_moved { columns } else { 0 };
        let token = token.get_raw_token();
        RawToken {
            src_col: token.src_col.saturating_sub(columns),
            ..token
        }
    };
    let contents = map.source_contents().map(|text| text.map(Into::into));
    let moved = sourcemap::SourceMap::new(
        map.get_file().map(Into::into),
        map.tokens().map(own).collect(),
        map.names().map(Into::into).collect(),
        map.sources().map(Into::into).collect(),
        Some(contents.collect()),
    );
    let mut json = Vec::new();
    moved.to_writer(&mut json).map_err(invalid)?;
    String::from_utf8(json).map_err(|error| InvalidSourceMap(error.to_string()))
}

/// Line and column of the innermost frame of a stack that lies in the bundle, as the bundle counts them.
pub fn bundle_position(stack: &str) -> Option<(u32, u32)> {
    next_frame(stack).map(|frame| (frame.line, frame.column))
}

struct Frame {
    start: usize,
    end: usize,
    line: u32,
    column: u32,
}

/// The first `worker.js:line:column` in the text.
fn next_frame(text: &str) -> Option<Frame> {
    let mut from = 0;
    while let Some(found) = text[from..].find(BUNDLE_NAME) {
        let start = from + found;
        from = start + BUNDLE_NAME.len();
        let Some((line, after_line)) = number_after_colon(text, from) else {
            continue;
        };
        let Some((column, end)) = number_after_colon(text, after_line) else {
            continue;
        };
        return Some(Frame {
            start,
            end,
            line,
            column,
        });
    }
    None
}

fn number_after_colon(text: &str, at: usize) -> Option<(u32, usize)> {
    let digits = text[at..].strip_prefix(':')?;
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    Some((digits[..length].parse().ok()?, at + 1 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> SourceMap {
        let mut builder = sourcemap::SourceMapBuilder::new(None);
        let token = builder.add(1, 4, 6, 8, Some("src/index.ts"), None, false);
        builder.set_source_contents(token.src_id, Some("1\n2\n3\n4\n5\n6\n  throw oops;\n"));
        let mut json = Vec::new();
        builder
            .into_sourcemap()
            .to_writer(&mut json)
            .expect("written");
        SourceMap::parse(&json).expect("read")
    }

    #[test]
    fn frames_of_the_bundle_are_mapped_and_others_stay() {
        let stack = "    at f (worker.js:2:5)\n    at g (prelude.js:9:9)\n    at worker.js:1:1";
        assert_eq!(
            map().map_stack(stack),
            "    at f (src/index.ts:7:9)\n    at g (prelude.js:9:9)\n    at worker.js:1:1"
        );
    }

    #[test]
    fn the_innermost_frame_gives_the_source_line() {
        let map = map();
        let position = map
            .innermost("at Date.now (prelude.js:1:1)\nat worker.js:2:5")
            .expect("mapped");
        assert_eq!(map.source_line(&position), Some("  throw oops;"));
    }

    #[test]
    fn text_that_only_looks_like_a_frame_stays() {
        let text = "worker.js:99999999999:1 worker.js worker.js: worker.js:1 worker.js:0:0";
        assert_eq!(map().map_stack(text), text);
    }
}
