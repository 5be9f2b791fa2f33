//! Runs `ouro` in a folder of its own, with none of the caller's settings.

use std::path::Path;
use std::process::Command;

pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub status: i32,
}

pub fn ouro(folder: &Path, args: &[&str]) -> Ran {
    run(Command::new(env!("CARGO_BIN_EXE_ouro"))
        .current_dir(folder)
        .args(args))
}

pub fn run(command: &mut Command) -> Ran {
    let own: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().starts_with("OURO_"))
        .collect();
    for (name, _) in own {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    Ran {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap(),
    }
}

/// A folder with these files.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}
