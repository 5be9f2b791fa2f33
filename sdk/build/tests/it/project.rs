//! A worker's project in a folder of its own.

use std::fs;
use std::path::PathBuf;

use ouro_build::{BuildError, BuildOptions, Built, Compatibility};
use ouro_core::ports::builder::EngineKind;
use tempfile::TempDir;

pub struct Project(TempDir);

impl Project {
    /// A project with these files, of which the first is the entry.
    pub fn with<const N: usize>(files: [(&str, &str); N]) -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        project.write("package.json", r#"{ "type": "module" }"#);
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// A project of one file, `src/index.ts`.
    pub fn of(code: &str) -> Self {
        Self::with([("src/index.ts", code)])
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("written");
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn options(&self) -> BuildOptions {
        BuildOptions {
            entry: self.path("src/index.ts"),
            kind: EngineKind::Worker,
            standalone: false,
            minify: false,
            compatibility: Compatibility::default(),
            warm_up: Vec::new(),
        }
    }

    pub fn build(&self) -> Result<Built, BuildError> {
        ouro_build::build(&self.options())
    }

    /// The text of the error with which the build fails.
    pub fn build_error(&self) -> String {
        match self.build() {
            Ok(_) => panic!("the build should fail"),
            Err(error) => error.to_string(),
        }
    }
}

pub const HELLO: &str = "export default { fetch: (): Response => new Response(\"hello\") };\n";
