//! The corpus holds, and what does not hold is found.

use std::path::Path;
use std::process::{Command, Output};

use ouro_fuzz::targets;

fn fuzz(corpus: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ouro-fuzz"))
        .arg("--corpus")
        .arg(corpus)
        .args(arguments)
        .output()
        .expect("ouro-fuzz")
}

fn replayed(target: &str) {
    let output = fuzz(&ouro_fuzz::corpus::folder(), &["replay", target]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {told}", output.status);
}

macro_rules! corpora {
    ($($test:ident: $target:literal,)*) => {
        const REPLAYED: &[&str] = &[$($target),*];

        $(
            #[test]
            fn $test() {
                replayed($target);
            }
        )*
    };
}

corpora! {
    every_artifact_of_the_corpus_holds: "artifact",
    every_snapshot_of_the_corpus_holds: "snapshot",
    every_project_file_of_the_corpus_holds: "project",
    every_server_configuration_of_the_corpus_holds: "server-config",
    every_request_head_of_the_corpus_holds: "host",
    every_parameter_of_the_corpus_holds: "sql-values",
    every_statement_of_the_corpus_holds: "sql-statements",
    every_manifest_of_the_corpus_holds: "manifest",
    every_assets_folder_of_the_corpus_holds: "folder",
    every_form_of_the_corpus_holds: "multipart",
}

#[test]
fn every_target_is_replayed() {
    let names: Vec<_> = targets::ALL.iter().map(|entry| entry.name).collect();
    assert_eq!(names, REPLAYED);
}

/// Runs the target that fails as its input says.
fn found(fault: &str) -> String {
    let corpus = tempfile::tempdir().expect("a folder");
    let folder = corpus.path().join("faulty");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("input"), fault).expect("an input");
    let output = fuzz(
        corpus.path(),
        &["run", "--seconds", "1", "--seed", "1", "faulty"],
    );
    assert_eq!(output.status.code(), Some(1), "{fault}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let kept = ouro_fuzz::corpus::read(corpus.path(), "faulty").expect("the corpus");
    let kept = kept.iter().find(|(path, _)| path != &folder.join("input"));
    let (path, input) = kept.expect("the input is kept");
    assert_eq!(input, fault.as_bytes());
    assert!(
        told.contains(&format!("ouro-fuzz replay faulty {}", path.display())),
        "{told}"
    );
    told
}

#[test]
fn a_property_that_does_not_hold_is_found() {
    assert!(found("property").contains("a property does not hold"));
}

#[test]
fn a_panic_of_another_thread_is_found() {
    assert!(found("thread").contains("in another thread"));
}

#[test]
fn memory_beyond_the_limit_is_found() {
    assert!(found("memory").contains("bytes were held"));
}

#[test]
fn a_process_that_dies_is_found_with_its_input() {
    for fault in ["recursion", "no memory"] {
        assert!(found(fault).contains("the process died"), "{fault}");
    }
}

#[test]
fn the_same_seed_makes_the_same_inputs() {
    use rand::SeedableRng;
    let pool = [b"name = \"a\"\n".to_vec(), b"[vars]\nb = 12\n".to_vec()];
    let made = || {
        let mut rng = rand::rngs::StdRng::seed_from_u64(7);
        let inputs = (0..100).map(|_| ouro_fuzz::mutate::mutated(&mut rng, &pool, &[b"word"]));
        inputs.collect::<Vec<_>>()
    };
    assert_eq!(made(), made());
}
