//! The rules of ARCHITECTURE.md, "Who may import whom", read off the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Normal dependencies of each crate of the workspace, by folder.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let workspace: toml::Table = read(&root().join("Cargo.toml"));
    let members = workspace["workspace"]["members"]
        .as_array()
        .expect("members");
    members
        .iter()
        .map(|member| {
            let folder = member.as_str().expect("a folder").to_owned();
            let manifest = read(&root().join(&folder).join("Cargo.toml"));
            let names = manifest
                .get("dependencies")
                .and_then(toml::Value::as_table)
                .map(|table| table.keys().cloned().collect());
            (folder, names.unwrap_or_default())
        })
        .collect()
}

fn read(path: &Path) -> toml::Table {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is_ouro(name: &str) -> bool {
    name.starts_with("ouro-")
}

#[test]
fn crates_import_only_the_layers_below_them() {
    let adapters = [
        "ouro-adapter-dns",
        "ouro-adapter-sqlite",
        "ouro-adapter-filesystem",
        "ouro-adapter-s3",
    ];
    let server = [
        &[
            "ouro-core",
            "ouro-runtime",
            "ouro-bindings",
            "ouro-gateway",
            "ouro-build",
        ][..],
        &adapters,
    ]
    .concat();
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("host/core", &[][..]),
        ("host/runtime", &["ouro-core"]),
        ("host/compression", &[]),
        ("host/crypto", &[]),
        ("host/intl", &[]),
        (
            "host/bindings",
            &[
                "ouro-compression",
                "ouro-core",
                "ouro-crypto",
                "ouro-intl",
                "ouro-runtime",
            ],
        ),
        (
            "host/gateway",
            &["ouro-core", "ouro-runtime", "ouro-bindings"],
        ),
        ("host/server", &server),
        ("sdk/build", &["ouro-core"]),
        ("sdk/cli", &["ouro-core", "ouro-server", "ouro-build"]),
        ("adapters/dns", &["ouro-core"]),
        ("adapters/sqlite", &["ouro-core"]),
        ("adapters/filesystem", &["ouro-core"]),
        ("adapters/s3", &["ouro-core"]),
    ]);
    let all = dependencies();
    for (folder, allowed) in allowed {
        let wrong: Vec<_> = all[folder]
            .iter()
            .filter(|name| is_ouro(name) && !allowed.contains(&name.as_str()))
            .collect();
        assert!(wrong.is_empty(), "`{folder}` must not depend on {wrong:?}");
    }
}

/// A technology's client stands in the places named here and nowhere else.
#[test]
fn each_technology_has_one_home() {
    let homes: [(&str, &[&str]); 6] = [
        (
            "wasmtime",
            &[
                "host/runtime",
                "host/bindings",
                "sdk/build",
                "tests/harness",
            ],
        ),
        ("sqlx", &["adapters/sqlite"]),
        ("hickory", &["adapters/dns"]),
        ("aws-lc", &["host/crypto"]),
        ("aws-sdk-s3", &["adapters/s3"]),
        ("rolldown", &["sdk/build"]),
    ];
    for (folder, names) in dependencies() {
        for (technology, homes) in homes {
            let found = names.iter().find(|name| {
                *name == technology
                    || name.starts_with(&format!("{technology}-"))
                    || name.starts_with(&format!("{technology}_"))
            });
            if let Some(found) = found {
                assert!(
                    homes.contains(&folder.as_str()),
                    "`{folder}` depends on `{found}`, whose place is {homes:?}"
                );
            }
        }
    }
}

/// What is private between host and engine is no binding. `env` and `logging` come with every invocation, so the engine and the SDK have no file of their own for them.
#[test]
fn a_binding_stands_at_the_same_places() {
    let files = std::fs::read_dir(root().join("wit")).expect("wit/");
    let names = files
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".wit").map(str::to_owned))
        // `compression`, `crypto`, `intl` and `websocket` are the engine's own, as `engine` is: workers see what the standards call so.
        .filter(|name| {
            !matches!(
                name.as_str(),
                "world" | "engine" | "compression" | "crypto" | "intl" | "websocket"
            )
        });
    for name in names {
        let mut places = vec![
            format!("host/bindings/src/{name}.rs"),
            format!("docs/reference/{name}.md"),
        ];
        if !matches!(name.as_str(), "env" | "logging") {
            places.push(format!("sdk/engine/src/native/{name}.rs"));
            places.push(format!("sdk/js/src/{name}.ts"));
        }
        for place in places {
            assert!(
                root().join(&place).exists(),
                "binding `{name}` is missing at `{place}`"
            );
        }
    }
}
