//! The corpus: `tests/conformance/diff/<area>.js`, many small workers to a file. A line `//// name` begins a worker; its text is the
//! body of `async (request, env, ctx) => { … }`, whose value is shown as JSON, or a whole module after `//// module`.
//! Other lines that begin with `////` say what is sent (`request: POST /path`, `header: name: value`, `body: text`; each further `request:`
//! is one more request, and `/__scheduled` and `/cdn-cgi/handler/…` run the worker's other handlers) and how the worker is configured (`flags: nodejs_compat`, `date: 2024-01-01`). After `//// script` the text is a
//! whole worker of the older form, with `addEventListener` and bindings as global variables.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

const WRAPPER: &str = include_str!("wrapper.js");

/// One worker and what is sent to it.
#[derive(Debug, Default)]
pub struct Case {
    /// `<area>/<name>`.
    pub id: String,
    pub source: String,
    pub requests: Vec<Sent>,
    pub flags: Vec<String>,
    /// Its compatibility date, where it is not that of all.
    pub date: Option<String>,
    pub form: Form,
}

/// What the text of a case is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Form {
    /// The body of a handler that is shown.
    #[default]
    Body,
    Module,
    /// A service worker.
    Script,
}

#[derive(Clone, Debug)]
pub struct Sent {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Case {
    pub fn date(&self) -> &str {
        self.date.as_deref().unwrap_or(super::COMPATIBILITY_DATE)
    }

    /// Does a request ask for a handler that no request reaches? Ouro runs it under `test_scheduled`, workerd behind `driver.js`.
    pub fn runs_other_handlers(&self) -> bool {
        let paths = ["/__scheduled", "/cdn-cgi/handler/"];
        self.requests
            .iter()
            .any(|sent| paths.iter().any(|path| sent.path.starts_with(path)))
    }

    /// A name that both systems take.
    pub fn worker(&self) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        self.id.chars().map(plain).collect()
    }
}

/// All workers whose id contains one of the filters, in order.
pub fn read(folder: &Path, filters: &[String]) -> Result<Vec<Case>> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .with_context(|| format!("`{}`", folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "js"))
        .collect();
    files.sort();
    let mut cases: Vec<Case> = Vec::new();
    for file in files {
        let area = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        cases.extend(parse(&area, &fs::read_to_string(&file)?)?);
    }
    cases.retain(|case| {
        filters.is_empty()
            || filters
                .iter()
                .any(|filter| case.id.contains(filter.as_str()))
    });
    Ok(cases)
}

fn parse(area: &str, text: &str) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let blocks = text.split("\n//// ").skip(1);
    let mut current: Option<(Case, String)> = None;
    for block in blocks {
        let (line, rest) = block.split_once('\n').unwrap_or((block, ""));
        let is_directive = ["module", "script"].contains(&line)
            || line.split_once(": ").is_some_and(|(key, _)| {
                ["request", "header", "body", "flags", "date"].contains(&key)
            });
        match (&mut current, is_directive) {
            (Some((case, body)), true) => {
                direct(case, line)?;
                body.push_str(rest);
            }
            (None, true) => bail!("`{area}`: `//// {line}` stands before the first worker"),
            (_, false) => {
                cases.extend(current.take().map(finish));
                let case = Case {
                    id: format!("{area}/{line}"),
                    ..Case::default()
                };
                current = Some((case, rest.to_owned()));
            }
        }
    }
    cases.extend(current.map(finish));
    Ok(cases)
}

fn direct(case: &mut Case, line: &str) -> Result<()> {
    let Some((key, value)) = line.split_once(": ") else {
        case.form = if line == "script" {
            Form::Script
        } else {
            Form::Module
        };
        return Ok(());
    };
    match key {
        "request" => {
            let (method, path) = value
                .split_once(' ')
                .with_context(|| format!("`{}`: `{line}`", case.id))?;
            case.requests.push(Sent {
                method: method.into(),
                path: path.into(),
                headers: Vec::new(),
                body: String::new(),
            });
        }
        "date" => case.date = Some(value.to_owned()),
        "flags" => case.flags = value.split(' ').map(str::to_owned).collect(),
        _ => {
            if case.requests.is_empty() {
                case.requests.push(get());
            }
            let sent = case.requests.last_mut().context("a request")?;
            if key == "body" {
                sent.body = value.to_owned();
            } else {
                let (name, value) = value
                    .split_once(": ")
                    .with_context(|| format!("`{}`: `{line}`", case.id))?;
                sent.headers.push((name.into(), value.into()));
            }
        }
    }
    Ok(())
}

fn finish((mut case, body): (Case, String)) -> Case {
    if case.requests.is_empty() {
        case.requests.push(get());
    }
    case.source = match case.form {
        Form::Body => WRAPPER.replace("/* BODY */", &body),
        Form::Module | Form::Script => body,
    };
    case
}

fn get() -> Sent {
    Sent {
        method: "GET".into(),
        path: "/".into(),
        headers: Vec::new(),
        body: String::new(),
    }
}
