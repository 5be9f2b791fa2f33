//! Configuration that a build generates: plugins of Vite and the adapters that stand on them write a wrangler file into their output and
//! name it in `.wrangler/deploy/config.json`.

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::failure::{Result, user};

const POINTER: &str = ".wrangler/deploy/config.json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pointer {
    config_path: PathBuf,
    #[serde(default)]
    auxiliary_workers: Vec<Auxiliary>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Auxiliary {
    config_path: PathBuf,
}

pub struct Generated {
    pub file: PathBuf,
    /// Lines to print.
    pub notes: Vec<String>,
}

/// What the project in this folder has generated.
pub fn find(folder: &Path) -> Result<Option<Generated>> {
    let pointer = folder.join(POINTER);
    let text = match std::fs::read_to_string(&pointer) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(user(format!("cannot read `{POINTER}`: {error}"))),
    };
    let read: Pointer =
        serde_json::from_str(&text).map_err(|e| user(format!("`{POINTER}`: {e}")))?;
    let path = |relative: &Path| without_dots(&pointer.with_file_name("").join(relative));
    let file = path(&read.config_path);
    if !file.is_file() {
        return Err(user(format!(
            "`{POINTER}` names `{}`, which is not there",
            file.display()
        ))
        .hint("run your framework's build again, or give `--config`"));
    }
    let mut notes = vec![format!(
        "reading `{}`, which the build has generated",
        file.display()
    )];
    for other in read.auxiliary_workers {
        let other = path(&other.config_path);
        notes.push(format!(
            "left out: the worker of `{0}` (deploy it with `--config {0}`)",
            other.display()
        ));
    }
    Ok(Some(Generated { file, notes }))
}

/// The same path, without `.` and `a/..`.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            component => clean.push(component),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn the_generated_file_is_found_and_other_workers_are_named() {
        let pointer = r#"{"configPath": "../../build/server/wrangler.json",
            "auxiliaryWorkers": [{"configPath": "../../build/mail/wrangler.json"}]}"#;
        let folder = folder(&[(POINTER, pointer), ("build/server/wrangler.json", "{}")]);
        let generated = find(folder.path()).unwrap().unwrap();
        assert_eq!(
            generated.file,
            folder.path().join("build/server/wrangler.json")
        );
        assert!(generated.notes[1].contains("build/mail/wrangler.json"));
    }

    #[test]
    fn a_project_without_one_has_none() {
        assert!(find(folder(&[]).path()).unwrap().is_none());
    }

    #[test]
    fn a_generated_file_that_is_gone_is_named() {
        let folder = folder(&[(POINTER, r#"{"configPath": "../../dist/wrangler.json"}"#)]);
        let error = find(folder.path()).err().unwrap();
        assert!(error.message.contains("dist/wrangler.json"), "{error}");
    }

    #[test]
    fn dots_go_where_there_is_something_to_leave() {
        assert_eq!(without_dots(Path::new("./a/../b/./c")), Path::new("b/c"));
        assert_eq!(without_dots(Path::new("../a")), Path::new("../a"));
    }
}
