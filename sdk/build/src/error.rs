//! Why a build failed, in words for the person who wrote the worker.

use std::fmt;
use std::path::PathBuf;

use crate::source_map::Position;

/// A build that gave no component. Everything but `Internal` is for the worker's author to mend.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("no such entry: `{}`\nhint: the entry is a .ts, .tsx, .js, .jsx or .mjs file", .0.display())]
    NoEntry(PathBuf),
    /// The bundler refused the code.
    #[error("{}", join(.0))]
    Code(Vec<Diagnostic>),
    /// The worker's top level failed while it was evaluated.
    #[error("{0}")]
    Evaluation(Box<Diagnostic>),
    /// A fault of this library or of the engine inside it.
    #[error("build: {0}")]
    Internal(String),
}

impl BuildError {
    pub(crate) fn internal(error: impl fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }
}

/// One mistake (or warning), with its place where that is known. Its text is for a terminal, without colours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostic {
    pub message: String,
    pub place: Option<Place>,
    /// Further lines, such as the frames of a stack.
    pub notes: Vec<String>,
    pub hints: Vec<String>,
}

/// A position in a source file, with the text of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub position: Position,
    pub source_line: Option<String>,
}

/// Lines of minified code are cut to this many characters around the position.
const LINE_CHARS_MAX: usize = 120;

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n{place}")?;
        }
        for note in &self.notes {
            write!(f, "\n{note}")?;
        }
        for hint in &self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.position.line.to_string();
        let margin = " ".repeat(number.len());
        write!(f, "{margin}--> {}", self.position)?;
        if let Some(line) = &self.source_line {
            let (text, caret) = excerpt(line, self.position.column as usize);
            write!(
                f,
                "\n{margin} |\n{number} | {text}\n{margin} | {}^",
                " ".repeat(caret)
            )?;
        }
        Ok(())
    }
}

/// The part of the line that is shown, and the column of the caret in it. Tabs become one space, so that both stay aligned.
fn excerpt(line: &str, column: usize) -> (String, usize) {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let column = column.saturating_sub(1);
    let start = if column >= LINE_CHARS_MAX {
        column - LINE_CHARS_MAX / 2
    } else {
        0
    };
    let text: String = line
        .chars()
        .skip(start)
        .take(LINE_CHARS_MAX)
        .map(shown)
        .collect();
    (text.trim_end().to_string(), column - start)
}

fn join(diagnostics: &[Diagnostic]) -> String {
    let texts: Vec<String> = diagnostics.iter().map(Diagnostic::to_string).collect();
    texts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_shows_place_line_caret_and_hints() {
        let diagnostic = Diagnostic {
            message: "cannot find `zod`".into(),
            place: Some(Place {
                position: Position {
                    file: "src/index.ts".into(),
                    line: 12,
                    column: 3,
                },
                source_line: Some("\timport { z } from \"zod\";".into()),
            }),
            notes: vec![],
            hints: vec!["npm install zod".into()],
        };
        let expected = "cannot find `zod`\n  --> src/index.ts:12:3\n   |\n12 |  import { z } from \"zod\";\n   |   ^\nhint: npm install zod";
        assert_eq!(diagnostic.to_string(), expected);
    }

    #[test]
    fn a_long_line_is_cut_around_the_position() {
        let (text, caret) = excerpt(&"x".repeat(100_000), 50_001);
        assert_eq!((text.len(), caret), (LINE_CHARS_MAX, LINE_CHARS_MAX / 2));
    }
}
