//! Puts the layers over each other: every value is turned into the TOML type of its key, then the whole is read into [`Config`] at once.

use std::path::PathBuf;

use toml::{Table, Value};

use super::{Config, ConfigError, KEYS, Key, Kind};

/// Variables of the `ouro` command that are no keys of the server.
const OTHER_VARIABLES: &[&str] = &["OURO_CONFIG", "OURO_URL", "OURO_TOKEN"];

/// Names by which other systems know a key. That of our own is stronger.
const FOREIGN_VARIABLES: &[(&str, &str)] = &[("USE_FORWARDED_HOST", "trust_forwarded_host")];

/// Where values come from.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    pub file: Option<PathBuf>,
    /// Those that do not begin with `OURO_` are ignored, but for `USE_FORWARDED_HOST`.
    pub variables: Vec<(String, String)>,
    /// Dotted key and value.
    pub flags: Vec<(String, String)>,
}

impl Layers {
    /// The process's variables, and the file that `OURO_CONFIG` names.
    pub fn from_environment() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            file: std::env::var_os("OURO_CONFIG").map(PathBuf::from),
            variables,
            flags: Vec::new(),
        }
    }

    /// The configuration that all layers make, checked.
    pub fn load(&self) -> Result<Config, ConfigError> {
        let mut merged = Table::new();
        for key in KEYS {
            set(&mut merged, key.path, value(key, "default", key.default)?);
        }
        if let Some(path) = &self.file {
            let place = format!("configuration file `{}`", path.display());
            merge(&mut merged, read(path)?, "", &place)?;
        }
        for (name, path) in FOREIGN_VARIABLES {
            let mut given = self.variables.iter().filter(|(given, _)| given == name);
            if let (Some((_, text)), Some(key)) = (given.next(), find(path)) {
                let place = format!("environment variable `{name}`");
                set(&mut merged, path, value(key, &place, text)?);
            }
        }
        for (name, text) in &self.variables {
            if let Some(key) = variable(name)? {
                set(&mut merged, key.path, value(key, "environment", text)?);
            }
        }
        for (path, text) in &self.flags {
            let key = find(path).ok_or_else(|| unknown("flag", path))?;
            set(&mut merged, key.path, value(key, "flag", text)?);
        }
        let config: Config = Value::Table(merged)
            .try_into()
            .map_err(|error| ConfigError::Pair(error.to_string()))?;
        config.check()?;
        Ok(config)
    }
}

fn read(path: &std::path::Path) -> Result<Table, ConfigError> {
    let fail = |reason: String| ConfigError::File {
        path: path.display().to_string(),
        reason,
    };
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    text.parse()
        .map_err(|error| fail(without_its_text(&text, &error)))
}

/// A mistake in TOML by its line alone: the text of the line may be that of a secret.
fn without_its_text(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start);
    let before = text.as_bytes().iter().take(at);
    let line = 1 + before.filter(|byte| **byte == b'\n').count();
    format!("line {line}: {}", error.message())
}

fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

fn variable(name: &str) -> Result<Option<&'static Key>, ConfigError> {
    if !name.starts_with("OURO_") || OTHER_VARIABLES.contains(&name) {
        return Ok(None);
    }
    let found = KEYS.iter().find(|key| key.variable() == name);
    found.map(Some).ok_or_else(|| unknown("environment", name))
}

fn unknown(place: &str, key: &str) -> ConfigError {
    let last = key.rsplit('.').next().unwrap_or(key);
    let near = KEYS.iter().find(|known| {
        let name = known.path.rsplit('.').next().unwrap_or(known.path);
        known.variable().eq_ignore_ascii_case(key)
            || name.eq_ignore_ascii_case(&last.replace('-', "_"))
    });
    let hint = near
        .map(|known| format!("\nhint: `{}` is one", known.path))
        .unwrap_or_default();
    ConfigError::UnknownKey {
        place: place.to_owned(),
        key: key.to_owned(),
        hint,
    }
}

/// Lays the tables of a file over what there is.
fn merge(into: &mut Table, from: Table, prefix: &str, place: &str) -> Result<(), ConfigError> {
    for (name, given) in from {
        let path = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}.{name}")
        };
        match (find(&path), given) {
            (Some(key), Value::Table(_)) => return Err(wrong(key, place, "a table")),
            (Some(key), Value::Array(_)) => return Err(wrong(key, place, "a list")),
            (Some(key), Value::String(text)) => set(into, &path, value(key, place, &text)?),
            (Some(key), given) => set(into, &path, value(key, place, &given.to_string())?),
            (None, Value::Table(table)) if is_section(&path) => merge(into, table, &path, place)?,
            (None, _) => return Err(unknown(place, &path)),
        }
    }
    Ok(())
}

fn is_section(path: &str) -> bool {
    KEYS.iter().any(|key| {
        key.path
            .strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// A text as the TOML value of its key.
fn value(key: &Key, place: &str, text: &str) -> Result<Value, ConfigError> {
    match key.kind {
        Kind::Text | Kind::Secret => Ok(Value::String(text.to_owned())),
        Kind::Flag => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| wrong(key, place, text)),
        Kind::Number(least, most) => match text.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => i64::try_from(number)
                .map(Value::Integer)
                .map_err(|_| wrong(key, place, text)),
            _ => Err(wrong(key, place, text)),
        },
        Kind::OneOf(values) if values.contains(&text) => Ok(Value::String(text.to_owned())),
        Kind::OneOf(_) => Err(wrong(key, place, text)),
    }
}

fn wrong(key: &Key, place: &str, text: &str) -> ConfigError {
    let expected = match key.kind {
        Kind::Text | Kind::Secret => "text".to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Number(least, most) => format!("a whole number from {least} to {most}"),
        Kind::OneOf(values) => format!("one of `{}`", values.join("`, `")),
    };
    let value = if key.kind == Kind::Secret {
        "…"
    } else {
        text
    };
    ConfigError::Value {
        place: place.to_owned(),
        key: key.path.to_owned(),
        value: value.to_owned(),
        expected,
    }
}

/// Sets a dotted path, making the tables on the way.
fn set(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}
