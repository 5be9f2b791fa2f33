//! `ouro.toml` and wrangler's files: the first line of an input names the file, the rest is its text.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use super::{Entry, Target, none, temporary_folder};
use crate::project::{Project, Unsupported};

const FILES: [&str; 4] = [
    "ouro.toml",
    "wrangler.toml",
    "wrangler.json",
    "wrangler.jsonc",
];

pub const ENTRY: Entry = Entry {
    name: "project",
    start: || {
        Box::new(Files {
            folder: temporary_folder(),
        })
    },
    examples: none,
    words: &[
        b"ouro.toml\n",
        b"wrangler.toml\n",
        b"wrangler.json\n",
        b"wrangler.jsonc\n",
        b"\n[vars]\n",
        b"\n[[databases]]\n",
        b"\n[[d1_databases]]\n",
        b"\n[limits]\n",
        b"\nallow_net = ",
        b"\n[[warm_up]]\npath = \"/\"\n",
        b"\nrun_worker_first = [\"/a/*\", \"!/b\"]\n",
        b"\"services\": [",
        b"\"queues\": {\"producers\": [",
        b"\"\"\"",
        b"'''",
        b"/*",
        b"*/",
        b"//",
        b"null",
        b"1979-05-27T07:32:00Z",
        b"\\u0000",
        b"\\ud800",
        b"[",
        b"{\"a\":",
        b".a",
    ],
    memory: (1 << 20, 1024),
};

struct Files {
    folder: TempDir,
}

impl Target for Files {
    fn run(&mut self, input: &[u8]) -> String {
        let end = input.iter().position(|byte| *byte == b'\n');
        let (name, text) = input.split_at(end.map_or(0, |end| end + 1));
        let name = FILES
            .iter()
            .find(|file| file.as_bytes() == name.trim_ascii());
        let name = name.copied().unwrap_or(FILES[0]);
        match self.load(name, text) {
            Ok(project) => {
                holds(&project);
                self.survives_being_written(name, text, project);
                format!("{name} accepted")
            }
            Err(error) => {
                names_a_place(name, text, &error);
                error
            }
        }
    }
}

impl Files {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn load(&self, name: &str, text: &[u8]) -> Result<Project, String> {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        Project::load(Some(&path)).map_err(|failure| {
            let file = format!("`{}`", path.display());
            failure.message.replace(&file, "FILE")
        })
    }

    /// The same project comes out of the file when a program has written it once more, in either form.
    fn survives_being_written(&self, name: &str, text: &[u8], mut project: Project) {
        without_lines(&mut project);
        let text = std::str::from_utf8(text).expect("it was read");
        let written = if name.ends_with(".toml") {
            let table: toml::Table = toml::from_str(text).expect("it was read");
            let written = toml::to_string(&table).expect("TOML");
            let json = serde_json::to_string(&table).expect("JSON");
            if name.starts_with("wrangler") {
                let as_json = self.load("wrangler.json", json.as_bytes());
                assert_same(&project, as_json, &json);
            }
            written
        } else {
            let options = jsonc_parser::ParseOptions::default();
            let value: Value = jsonc_parser::parse_to_serde_value(text, &options).expect("JSON");
            serde_json::to_string_pretty(&value).expect("JSON")
        };
        assert_same(&project, self.load(name, written.as_bytes()), &written);
    }
}

fn assert_same(project: &Project, again: Result<Project, String>, written: &str) {
    let mut again = again.unwrap_or_else(|error| panic!("{error} in\n{written}"));
    again.file.clone_from(&project.file);
    without_lines(&mut again);
    assert_eq!(*project, again);
}

/// Lines of a file are others when it is written once more.
fn without_lines(project: &mut Project) {
    for binding in &mut project.unsupported {
        binding.line = None;
    }
    let key = |it: &Unsupported| (it.name.clone(), it.kind);
    project.unsupported.sort_by_key(key);
}

/// What an accepted file promises.
fn holds(project: &Project) {
    if let Ok(name) = project.worker_name(None) {
        let bytes = name.bytes();
        assert!(matches!(name.len(), 1..=63));
        assert!(
            bytes
                .into_iter()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        );
    }
    ouro_build::check_warm_up(&project.warm_up).expect("it was checked");
    let bindings = project.databases.iter().map(|it| &it.binding);
    let bindings = bindings.chain(project.services.iter().map(|it| &it.binding));
    for binding in bindings {
        assert!(!project.vars.contains_key(binding), "one name twice");
    }
}

/// A mistake is found by its line or by the name of what is wrong.
fn names_a_place(name: &str, text: &[u8], error: &str) {
    if std::str::from_utf8(text).is_err() {
        assert!(error.contains("UTF-8"), "{error}");
        return;
    }
    let named = error.replacen("FILE", "", 1);
    let is_the_whole = named.contains("expected an object") || named.contains("recursion limit");
    assert!(
        named.contains("line ") || named.contains('`') || is_the_whole,
        "{name}: {error}"
    );
}
