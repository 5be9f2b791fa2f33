//! The project in a folder: `ouro.toml`, or the file that Cloudflare's wrangler reads, as one structure.
//!
//! It says what is to be deployed. Where and with which token is `settings.rs`; which files the assets are is `assets.rs`.

pub mod assets;
mod generated;
mod ouro_toml;
mod rules;
mod unsupported;
mod wrangler;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ouro_build::{Compatibility, WarmUp, check_warm_up};
use ouro_core::version::WorkerFirst;
use serde_json::Value;

use crate::failure::{Result, user};

pub use self::unsupported::Unsupported;

/// Looked for in this order.
const FILES: [&str; 4] = [
    "ouro.toml",
    "wrangler.jsonc",
    "wrangler.json",
    "wrangler.toml",
];

#[derive(Debug, Default, PartialEq)]
pub struct Project {
    /// The folder that paths are relative to.
    pub root: PathBuf,
    /// Where it was read from; `None` where there is no file.
    pub file: Option<PathBuf>,
    pub name: Option<String>,
    pub main: Option<PathBuf>,
    pub vars: BTreeMap<String, Value>,
    pub assets: Option<Assets>,
    pub databases: Vec<Database>,
    pub services: Vec<Service>,
    pub compatibility_date: Option<String>,
    pub compatibility_flags: Vec<String>,
    /// Those of `limits` that are set, as the API takes them.
    pub limits: BTreeMap<String, u64>,
    /// Whom the worker may ask over the network, as the API takes it.
    pub allow_net: Option<Value>,
    /// When the worker runs by itself, as the API takes it.
    pub crons: Vec<Value>,
    pub minify: bool,
    /// Requests that a build sends to the worker.
    pub warm_up: Vec<WarmUp>,
    pub ignored: Vec<Ignored>,
    pub unsupported: Vec<Unsupported>,
    /// What else the user should know, as lines to print.
    pub notes: Vec<String>,
}

#[derive(Debug, PartialEq)]
pub struct Assets {
    pub directory: PathBuf,
    pub binding: Option<String>,
    pub html_handling: Option<String>,
    pub not_found_handling: Option<String>,
    pub run_worker_first: WorkerFirst,
}

#[derive(Debug, PartialEq)]
pub struct Database {
    pub binding: String,
    pub name: String,
}

/// Another worker that this one calls. The keys of both kinds of file are the same.
#[derive(Debug, PartialEq)]
pub struct Service {
    pub binding: String,
    /// Name of the worker.
    pub service: String,
    pub entrypoint: Option<String>,
    pub props: Option<serde_json::Map<String, Value>>,
}

/// A key of a wrangler file that has no effect here.
#[derive(Debug, PartialEq)]
pub struct Ignored {
    pub key: String,
    pub reason: &'static str,
}

impl Project {
    /// Reads the named file, else the first of `FILES` in the current folder, else nothing. In place of a wrangler file it reads the
    /// one that a build has generated from it.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        if let Some(file) = file {
            return Self::read(file);
        }
        let found = FILES.iter().map(PathBuf::from).find(|f| f.is_file());
        let generated = match &found {
            Some(file) if file == Path::new("ouro.toml") => None,
            _ => generated::find(Path::new("."))?,
        };
        if let Some(generated) = generated {
            let mut project = Self::read(&generated.file)?;
            project.notes = generated.notes;
            return Ok(project);
        }
        match found {
            Some(file) => Self::read(&file),
            None => Ok(Self {
                root: PathBuf::from("."),
                ..Self::default()
            }),
        }
    }

    fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .map_err(|e| user(format!("cannot read `{}`: {e}", file.display())))?;
        let mut project = Self::parse(file, &text)?;
        project.root = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        project.file = Some(file.to_owned());
        project.check()?;
        Ok(project)
    }

    /// The form is chosen by the file's name.
    fn parse(file: &Path, text: &str) -> Result<Self> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let parsed = if name.starts_with("wrangler") {
            wrangler::parse(text, name.ends_with(".toml"))
        } else if name.ends_with(".toml") {
            ouro_toml::parse(text)
        } else {
            Err("its name is not that of an ouro or wrangler file".to_owned())
        };
        parsed.map_err(|reason| {
            user(format!("`{}`: {}", file.display(), reason.trim_end()))
                .hint("docs/guides/configuration.md lists every key")
        })
    }

    /// What the user should know before a build.
    pub fn print_notes(&self) {
        for note in &self.notes {
            eprintln!("{note}");
        }
        for Ignored { key, reason } in &self.ignored {
            eprintln!("ignored: `{key}` ({reason})");
        }
        if let (Some(file), [_, ..]) = (&self.file, &self.unsupported[..]) {
            eprint!("{}", unsupported::warning(file, &self.unsupported));
        }
    }

    fn check(&self) -> Result<()> {
        if let Some(WorkerFirst::Paths(paths)) = self.assets.as_ref().map(|a| &a.run_worker_first) {
            check_paths(paths)?;
        }
        check_warm_up(&self.warm_up).map_err(|mistake| user(format!("`warm_up`: {mistake}")))?;
        let mut seen = std::collections::BTreeSet::new();
        let bindings = self.databases.iter().map(|d| &d.binding);
        let services = self.services.iter().map(|s| &s.binding);
        let bindings = bindings.chain(services);
        let assets = self.assets.iter().filter_map(|a| a.binding.as_ref());
        for name in self.vars.keys().chain(bindings).chain(assets) {
            if !seen.insert(name) {
                return Err(user(format!(
                    "`{name}` names two things of `env`: vars and bindings share one set of names"
                )));
            }
        }
        Ok(())
    }

    pub fn compatibility(&self) -> Compatibility {
        Compatibility {
            date: self.compatibility_date.clone(),
            flags: self.compatibility_flags.clone(),
        }
    }

    /// A path of the file, seen from the current folder.
    pub fn path(&self, relative: &Path) -> PathBuf {
        if self.root == Path::new(".") {
            relative.to_owned()
        } else {
            self.root.join(relative)
        }
    }

    /// The entry to build: the argument, else `main`.
    pub fn entry(&self, argument: Option<&Path>) -> Result<PathBuf> {
        let entry = match (argument, &self.main) {
            (Some(argument), _) => argument.to_owned(),
            (None, Some(main)) => self.path(main),
            (None, None) => {
                let missing = match &self.file {
                    Some(file) => format!("`{}` has no `main`", file.display()),
                    None => "no entry: no argument, and no ouro.toml or wrangler file here".into(),
                };
                return Err(user(missing).hint("name the file, as in `ouro build src/index.ts`"));
            }
        };
        if entry.is_file() {
            return Ok(entry);
        }
        let missing = user(format!("no file `{}`", entry.display()));
        Err(match argument {
            Some(_) => missing,
            None => missing.hint("where a framework's build makes it, run that first"),
        })
    }

    /// The worker's name: the option, else `name`, else that of the folder.
    pub fn worker_name(&self, option: Option<&str>) -> Result<String> {
        let name = match option.or(self.name.as_deref()) {
            Some(name) => name.to_owned(),
            None => {
                return Err(user("the worker has no name")
                    .hint("set `name` in ouro.toml, or give `--name`"));
            }
        };
        ouro_core::name::check_worker_name(&name).map_err(|e| user(e.to_string()))?;
        Ok(name)
    }
}

/// The paths of `run_worker_first`, as Cloudflare takes them.
fn check_paths(paths: &[String]) -> Result<()> {
    const PATHS_MAX: usize = 100;
    const PATH_BYTES_MAX: usize = 100;
    let refused = |reason: String| Err(user(format!("`assets.run_worker_first`: {reason}")));
    if paths.len() > PATHS_MAX {
        return refused(format!("{} paths; the limit is {PATHS_MAX}", paths.len()));
    }
    for path in paths {
        if !path.strip_prefix('!').unwrap_or(path).starts_with('/') {
            return refused(format!("`{path}` begins neither with `/` nor with `!/`"));
        }
        if path.len() > PATH_BYTES_MAX {
            return refused(format!("`{path}` has more than {PATH_BYTES_MAX} bytes"));
        }
    }
    if paths.iter().all(|path| path.starts_with('!')) {
        return refused("it names no path that the worker gets".into());
    }
    Ok(())
}

/// A TOML value as JSON. Dates have no JSON form.
fn toml_to_json(key: &str, value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => serde_json::Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| format!("`{key}`: `{number}` has no JSON form"))?,
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(date) => {
            return Err(format!("`{key}`: write the date `{date}` in quotes"));
        }
        toml::Value::Array(items) => items
            .into_iter()
            .map(|item| toml_to_json(key, item))
            .collect::<Result<_, _>>()?,
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(k, v)| Ok((k.clone(), toml_to_json(&format!("{key}.{k}"), v)?)))
            .collect::<Result<_, String>>()?,
    })
}
