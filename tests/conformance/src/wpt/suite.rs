//! Finds the tests: files, the scripts that they name in `// META:` lines, and their variants.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

/// One run of one file.
#[derive(Clone, Debug)]
pub struct Test {
    /// The path below the root with the variant, such as `url/url-setters.any.js?include=file`.
    pub id: String,
    /// Scripts before the file itself, and the file.
    pub scripts: Vec<PathBuf>,
    pub timeout: Duration,
}

impl Test {
    pub fn directory(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// The text of all scripts as one, since what one declares the next one uses. `idlharness.js` is among them or not.
    pub fn text(&self, fill: impl Fn(&str) -> String) -> Result<String> {
        let mut text = String::new();
        for script in &self.scripts {
            let source = fs::read(script).with_context(|| format!("`{}`", script.display()))?;
            let source = String::from_utf8_lossy(&source);
            let is_template = script.to_string_lossy().contains(".sub.");
            text.push_str(&if is_template {
                fill(&source)
            } else {
                source.into_owned()
            });
            text.push_str("\n;\n");
        }
        Ok(text)
    }

    pub fn uses_idlharness(&self) -> bool {
        self.scripts
            .iter()
            .any(|script| script.ends_with("resources/idlharness.js"))
    }
}

/// Is the list of globals, of a `// META: global=` line, one that no worker is among?
fn is_for_other_globals(list: &str) -> bool {
    list.split(',').map(str::trim).all(|global| {
        // A page has what these tests leave and load; files without a list are for workers, too.
        global == "window" || global.starts_with("shadowrealm")
    })
}

/// Every test below the root, in order.
pub fn find(root: &Path) -> Result<Vec<Test>> {
    let mut files = Vec::new();
    walk(root, &mut files)?;
    files.sort();
    let mut tests = Vec::new();
    for file in files {
        tests.extend(read(root, &file)?);
    }
    Ok(tests)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("`{}`", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.to_string_lossy().ends_with(".any.js") {
            files.push(path);
        }
    }
    Ok(())
}

fn read(root: &Path, file: &Path) -> Result<Vec<Test>> {
    const SHORT: Duration = Duration::from_secs(10);
    const LONG: Duration = Duration::from_secs(60);
    let source = fs::read(file).with_context(|| format!("`{}`", file.display()))?;
    let source = String::from_utf8_lossy(&source);
    let (mut scripts, mut variants, mut timeout) = (Vec::new(), Vec::new(), SHORT);
    for line in source.lines().take_while(|line| line.starts_with("//")) {
        let Some((key, value)) = line
            .strip_prefix("// META:")
            .and_then(|meta| meta.trim().split_once('='))
        else {
            continue;
        };
        match key {
            "script" => scripts.push(locate(root, file, value)),
            "variant" => variants.push(value.to_owned()),
            "timeout" if value == "long" => timeout = LONG,
            "global" if is_for_other_globals(value) => return Ok(Vec::new()),
            _ => {}
        }
    }
    scripts.push(file.to_owned());
    if variants.is_empty() {
        variants.push(String::new());
    }
    let path = file.strip_prefix(root)?.display().to_string();
    let test = |variant: String| Test {
        id: format!("{path}{variant}"),
        scripts: scripts.clone(),
        timeout,
    };
    Ok(variants.into_iter().map(test).collect())
}

fn locate(root: &Path, file: &Path, script: &str) -> PathBuf {
    // The suite is a subset: its copy of the parser stands where WPT keeps it, the tests name an alias.
    match script.strip_prefix('/') {
        Some("resources/WebIDLParser.js") => root.join("resources/webidl2/lib/webidl2.js"),
        Some(absolute) => root.join(absolute),
        None => file.with_file_name(script),
    }
}
