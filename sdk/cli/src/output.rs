//! What commands print: tables or JSON on stdout, everything else on stderr.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use serde_json::Value;

use crate::failure::{Result, user};

/// Writes to stdout. A reader that has gone (`ouro … | head`) is no error worth a message.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(user(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

pub fn print_json(value: &Value) -> Result<()> {
    print(&format!("{value:#}\n"))
}

/// Left-aligned columns, two spaces apart.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let head = head.iter().map(|cell| (*cell).to_owned()).collect();
    let mut text = String::new();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            line.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// One cell: control characters in what a server or worker said must not steer the terminal. Colours are left out.
pub fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(length) = colour(rest) {
            rest = &rest[length..];
            continue;
        }
        let is_harmful = c.is_control() && c != '\t';
        shown.push(if is_harmful { '\u{fffd}' } else { c });
        rest = &rest[c.len_utf8()..];
    }
    shown
}

/// The length of the sequence that the text begins with, if it is one that chooses a colour (ECMA-48 8.3.117, SGR).
fn colour(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
    parameters[end..].starts_with('m').then_some(2 + end + 1)
}

/// The same for text of several lines.
pub fn plain_lines(text: &str, indent: &str) -> String {
    text.lines()
        .map(|line| format!("{indent}{}\n", plain(line)))
        .collect()
}

/// A JSON value as a cell.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

pub fn millis(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1e3;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 10_000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1e3)
    }
}

/// A line on stderr that is rewritten while work goes on. Where stderr is no terminal nothing is shown.
pub struct Progress {
    live: bool,
}

impl Progress {
    pub fn new() -> Self {
        Self {
            live: std::io::stderr().is_terminal(),
        }
    }

    pub fn show(&self, text: &str) {
        if self.live {
            eprint!("\r\x1b[2K{text}");
        }
    }

    pub fn clear(&self) {
        self.show("");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["a".to_owned(), "1".to_owned()],
            vec!["long".to_owned(), String::new()],
        ];
        assert_eq!(table(&["NAME", "N"], &rows), "NAME  N\na     1\nlong\n");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(plain("a\x1b[2J\nb\x1b["), "a\u{fffd}[2J\u{fffd}b\u{fffd}[");
    }

    #[test]
    fn colours_are_left_out() {
        assert_eq!(plain("\x1b[31m500\x1b[0m é\x1b[38;2;1;2;3m"), "500 é");
    }
}
