//! Turns what went wrong in the engine into an error that shows the worker's own line.

use crate::error::{BuildError, Diagnostic, Place};
use crate::guest::{Failure, GuestError, MEMORY_BYTES_MAX};
use crate::snapshot::TIME_MAX;
use crate::source_map::{BUNDLE_NAME, Position, SourceMap, bundle_position};

/// A thrown value is hostile text of any length: so much of it is shown.
const MESSAGE_CHARS_MAX: usize = 2_000;
const FRAMES_MAX: usize = 10;

/// The bundle and, where there is one, the map to what it was made of.
pub struct Sources<'a> {
    bundle: &'a str,
    map: Option<SourceMap>,
}

impl<'a> Sources<'a> {
    /// A source map that cannot be read is as good as none.
    pub fn new(bundle: &'a str, source_map: &[u8]) -> Self {
        Self {
            bundle,
            map: SourceMap::parse(source_map).ok(),
        }
    }

    /// The innermost frame of the stack that is the worker's own.
    fn place(&self, stack: &str) -> Option<Place> {
        if let Some(map) = &self.map
            && let Some(position) = map.innermost(stack)
        {
            return Some(Place {
                source_line: map.source_line(&position).map(str::to_string),
                position,
            });
        }
        let (line, column) = bundle_position(stack)?;
        let source_line = self
            .bundle
            .lines()
            .nth(line.checked_sub(1)? as usize)
            .map(str::to_string);
        Some(Place {
            position: Position {
                file: BUNDLE_NAME.into(),
                line,
                column,
            },
            source_line,
        })
    }

    /// The frames in the worker's own code, the innermost first.
    fn frames(&self, stack: &str) -> Vec<String> {
        let frames = stack
            .lines()
            .filter(|line| line.contains(BUNDLE_NAME))
            .take(FRAMES_MAX);
        frames
            .map(|frame| {
                format!(
                    "    {}",
                    self.map
                        .as_ref()
                        .map_or_else(|| frame.to_string(), |map| map.map_stack(frame))
                        .trim()
                )
            })
            .collect()
    }
}

pub fn build_error(error: GuestError, sources: &Sources<'_>) -> BuildError {
    let limit = |message: String, hint: &str| {
        BuildError::Evaluation(Box::new(Diagnostic {
            message,
            hints: vec![hint.into()],
            ..Diagnostic::default()
        }))
    };
    match error {
        GuestError::Failure(failure) => BuildError::Evaluation(Box::new(thrown(&failure, sources))),
        GuestError::Syntax(failure) => BuildError::Evaluation(Box::new(Diagnostic {
            hints: vec![SYNTAX_HINT.into()],
            ..thrown(&failure, sources)
        })),
        GuestError::Timeout => limit(
            format!(
                "the worker's top level took more than {} s",
                TIME_MAX.as_secs()
            ),
            "it runs once, when the worker is built; look for a loop that does not end",
        ),
        GuestError::OutOfMemory => limit(
            format!(
                "the worker's top level needs more than {} MiB of memory",
                MEMORY_BYTES_MAX >> 20
            ),
            "move large data out of the bundle, or make it when a request needs it",
        ),
        GuestError::StackOverflow => limit(
            "the worker's code is nested too deeply for the engine's stack".into(),
            NESTING_HINT,
        ),
        GuestError::Trap(text) => limit(
            format!("the worker's top level stopped the engine: {}", cut(&text)),
            TRAP_HINT,
        ),
        GuestError::Engine(text) => BuildError::Internal(text),
    }
}

const NESTING_HINT: &str = "look for expressions or data nested thousands of levels deep";
/// The bundler reads more than the engine does: what only the engine refuses is syntax beyond the standard.
const SYNTAX_HINT: &str =
    "the engine reads ES2025; decorators need `experimentalDecorators` in tsconfig.json";
const TRAP_HINT: &str = "the top level runs once, when the worker is built, without clock, randomness, network or bindings";

fn thrown(failure: &Failure, sources: &Sources<'_>) -> Diagnostic {
    Diagnostic {
        message: cut(&format!("{}: {}", failure.name, failure.message)),
        place: sources.place(&failure.stack),
        notes: sources.frames(&failure.stack),
        hints: Vec::new(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
