//! Splits SQL into statements as SQLite's shell does (sqlite3_complete): at a `;` that is in no literal, no comment and no trigger's body.

/// The statements without what is only space and comments.
pub fn split(text: &str) -> Vec<&str> {
    let mut statements = Vec::new();
    let mut begun = None;
    let mut words = Words::default();
    let mut at = 0;
    while at < text.len() {
        let (end, kind) = token(&text[at..]);
        let end = at + end;
        match kind {
            Token::Blank => {}
            Token::Semicolon if words.in_trigger() => words.push(";"),
            Token::Semicolon => {
                if let Some(start) = begun.take() {
                    statements.push(&text[start..at]);
                }
                words = Words::default();
            }
            Token::Other => {
                begun.get_or_insert(at);
                words.push(&text[at..end]);
            }
        }
        at = end;
    }
    if let Some(start) = begun {
        statements.push(text[start..].trim_end());
    }
    statements
}

enum Token {
    /// Space or a comment.
    Blank,
    Semicolon,
    Other,
}

/// The first token's length in bytes.
fn token(text: &str) -> (usize, Token) {
    let upto = |end: &str, from: usize| {
        text[from..]
            .find(end)
            .map_or(text.len(), |found| from + found + end.len())
    };
    let first = text.chars().next().unwrap_or_default();
    match first {
        ';' => (1, Token::Semicolon),
        '-' if text.starts_with("--") => (upto("\n", 2), Token::Blank),
        '/' if text.starts_with("/*") => (upto("*/", 2), Token::Blank),
        // A doubled quote is two literals side by side here, which splits alike.
        '\'' => (upto("'", 1), Token::Other),
        '"' => (upto("\"", 1), Token::Other),
        '`' => (upto("`", 1), Token::Other),
        '[' => (upto("]", 1), Token::Other),
        c if c.is_whitespace() => (c.len_utf8(), Token::Blank),
        c if is_word(c) => (
            text.find(|c| !is_word(c)).unwrap_or(text.len()),
            Token::Other,
        ),
        c => (c.len_utf8(), Token::Other),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The statement so far, as far as it tells whether it is `CREATE [TEMP] TRIGGER … ; END`.
#[derive(Default)]
struct Words {
    first: Vec<String>,
    last: [String; 2],
}

impl Words {
    fn push(&mut self, word: &str) {
        let word = word.to_ascii_uppercase();
        if self.first.len() < 3 {
            self.first.push(word.clone());
        }
        self.last = [std::mem::take(&mut self.last[1]), word];
    }

    /// A trigger's body ends with `END` after a `;`.
    fn in_trigger(&self) -> bool {
        let first: Vec<&str> = self.first.iter().map(String::as_str).collect();
        let trigger = matches!(
            first[..],
            ["CREATE", "TRIGGER", ..] | ["CREATE", "TEMP" | "TEMPORARY", "TRIGGER"]
        );
        trigger && self.last != [";", "END"]
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn statements_end_at_semicolons() {
        assert_eq!(split("SELECT 1; SELECT 2 ;;\n"), ["SELECT 1", "SELECT 2 "]);
        assert_eq!(split("SELECT 1"), ["SELECT 1"]);
    }

    #[test]
    fn literals_and_comments_hold_semicolons() {
        let text = "-- a; b\nSELECT ';', 'it''s; fine', \"a;b\", [c;d] /* ; */; SELECT 2 -- end;";
        assert_eq!(
            split(text),
            [
                "SELECT ';', 'it''s; fine', \"a;b\", [c;d] /* ; */",
                "SELECT 2 -- end;"
            ]
        );
    }

    #[test]
    fn a_trigger_is_one_statement() {
        let trigger =
            "create trigger t after insert on a begin update a set n = 1; delete from b; end";
        assert_eq!(split(&format!("{trigger};select 1")), [trigger, "select 1"]);
    }

    #[test]
    fn space_and_comments_alone_are_no_statement() {
        assert!(split(" -- nothing\n /* here */ ;").is_empty());
    }
}
