//! The help texts, as files in `snapshots/`. `UPDATE_SNAPSHOTS=1 cargo test -p ouro-cli` writes them anew.

use std::path::Path;

use crate::command::{folder, ouro};

fn check(name: &str, args: &[&str]) {
    let ran = ouro(folder(&[]).path(), args);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/snapshots/{name}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &ran.stdout).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(ran.stdout, expected, "differs from {}", file.display());
}

#[test]
fn help_lists_the_commands() {
    check("ouro", &["--help"]);
}

#[test]
fn help_of_deploy_lists_its_options() {
    check("deploy", &["deploy", "--help"]);
}

#[test]
fn help_of_build_lists_its_options() {
    check("build", &["build", "--help"]);
}

#[test]
fn help_of_databases_exec_lists_its_options() {
    check("databases-exec", &["databases", "exec", "--help"]);
}

#[test]
fn help_of_serve_has_a_flag_for_every_configuration_key() {
    let ran = ouro(folder(&[]).path(), &["serve", "--help"]);
    for flag in [
        "--data-dir",
        "--listen",
        "--base-domain",
        "--artifacts-s3-bucket",
        "--log-filter",
    ] {
        assert!(ran.stdout.contains(flag), "{flag}");
    }
}
