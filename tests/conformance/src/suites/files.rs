//! Finds the suites: where their files of tests are, and copies of checkouts with the packages beside them that tests import.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Options;

/// Where a suite is.
enum Place {
    /// In the npm package of the name.
    Package,
    /// In a checkout of the name. Expectations are those of the tag.
    Repository {
        url: &'static str,
        tag: &'static str,
    },
}

struct Suite {
    name: &'static str,
    place: Place,
    /// Folders below the root, and how files of tests end.
    tests: &'static [(&'static str, &'static str)],
    /// Files each of whose tests has an instance of its own, since they ask for modules that are evaluated anew (`vi.resetModules`).
    fresh: &'static [&'static str],
    entry: &'static str,
}

const VITEST: &str = include_str!("vitest.js");
const SUITES: [Suite; 4] = [
    Suite {
        name: "hono",
        place: Place::Repository {
            url: "https://github.com/honojs/hono",
            tag: "v4.13.3",
        },
        tests: &[("src", ".test.ts")],
        fresh: &["src/jsx/context-isolation.test.ts"],
        entry: VITEST,
    },
    Suite {
        name: "itty-router",
        place: Place::Repository {
            url: "https://github.com/kwhitley/itty-router",
            tag: "v4.2.2",
        },
        tests: &[("src", ".spec.ts")],
        fresh: &[],
        entry: VITEST,
    },
    Suite {
        name: "jose",
        place: Place::Repository {
            url: "https://github.com/panva/jose",
            tag: "v6.2.10",
        },
        // It names the files itself.
        tests: &[("tap", "/run.ts")],
        fresh: &[],
        entry: include_str!("qunit.js"),
    },
    Suite {
        name: "zod",
        place: Place::Package,
        tests: &[("src/v3", ".test.ts"), ("src/v4", ".test.ts")],
        fresh: &["src/v4/core/tests/url-no-canparse.test.ts"],
        entry: VITEST,
    },
];

impl Suite {
    /// Can a file of this suite be meant? A filter that begins with a suite's name and a slash means that suite.
    fn may_match(&self, options: &Options) -> bool {
        let means = |suite: &Suite, filter: &str| {
            let rest = filter.strip_prefix(suite.name);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let filters = &options.run.filters;
        filters.is_empty()
            || filters.iter().any(|filter| {
                means(self, filter) || !SUITES.iter().any(|suite| means(suite, filter))
            })
    }
}

/// The files of one suite.
pub struct Files {
    pub name: &'static str,
    pub version: String,
    pub root: PathBuf,
    /// The module that runs them, with `TESTS` where their list belongs.
    pub entry: &'static str,
    /// Relative to the root, in order.
    pub paths: Vec<String>,
    /// Those whose tests have an instance each.
    pub fresh: &'static [&'static str],
}

/// The suites that are there, and whether those are all; copies of checkouts go below `work`.
pub fn find(options: &Options, work: &Path) -> Result<(Vec<Files>, bool)> {
    let mut found = Vec::new();
    for suite in SUITES.iter().filter(|suite| suite.may_match(options)) {
        let from = match suite.place {
            Place::Package => options.packages.join("node_modules").join(suite.name),
            Place::Repository { .. } => options.suites_dir.join(suite.name),
        };
        if let Place::Repository { url, tag } = suite.place
            && !from.exists()
        {
            let (name, from) = (suite.name, from.display());
            println!(
                "skipped: the suite of {name}, for SUITES_DIR has no checkout of it\nhint: git clone --depth 1 --branch {tag} {url} {from}"
            );
            continue;
        }
        let root = work.join(suite.name);
        copy(&from, &root, &options.packages)?;
        let files = files(suite, root)?;
        if let Place::Repository { tag, .. } = suite.place
            && tag.strip_prefix('v') != Some(&files.version)
        {
            println!(
                "note: the checkout of {} is {}, and what is expected of it is expected of {tag}",
                suite.name, files.version
            );
        }
        found.push(files);
    }
    let is_all = found.len() == SUITES.len();
    Ok((found, is_all))
}

fn files(suite: &Suite, root: PathBuf) -> Result<Files> {
    let mut paths = Vec::new();
    for (folder, end) in suite.tests {
        walk(&root.join(folder), end, &mut paths)?;
    }
    paths.sort();
    let relative = |path: &PathBuf| Ok(path.strip_prefix(&root)?.display().to_string());
    Ok(Files {
        name: suite.name,
        version: version(&root)?,
        entry: suite.entry,
        fresh: suite.fresh,
        paths: paths.iter().map(relative).collect::<Result<_>>()?,
        root,
    })
}

fn version(root: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Manifest {
        version: String,
    }
    let path = root.join("package.json");
    let text = fs::read_to_string(&path).with_context(|| format!("`{}`", path.display()))?;
    Ok(serde_json::from_str::<Manifest>(&text)?.version)
}

/// Copies a suite, with the packages beside it that its tests import.
fn copy(from: &Path, to: &Path, packages: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    copy_folder(from, to)?;
    let packages = fs::canonicalize(packages.join("node_modules"))?;
    std::os::unix::fs::symlink(packages, to.join("node_modules"))?;
    keep_side_effects(&to.join("package.json"))
}

/// A package may say that its modules have no side effects, and mean its library; a test is nothing but one.
fn keep_side_effects(manifest: &Path) -> Result<()> {
    let text = fs::read_to_string(manifest).with_context(|| format!("`{}`", manifest.display()))?;
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text)?;
    fields.remove("sideEffects");
    fs::write(manifest, serde_json::to_string_pretty(&fields)?)?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("`{}`", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if name == ".git" || name == "node_modules" {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy_folder(&entry.path(), &target)?;
        } else if entry.file_type()?.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn walk(folder: &Path, end: &str, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("`{}`", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, end, paths)?;
        } else if is_test(&path.to_string_lossy(), end) {
            paths.push(path);
        }
    }
    Ok(())
}

/// Files that end so, or so with an x for JSX. A `.case.` is part of another file.
fn is_test(path: &str, end: &str) -> bool {
    path.strip_suffix('x').unwrap_or(path).ends_with(end) && !path.contains(".case.")
}
