//! An assets folder as `ouro deploy` collects it, with `_headers`, `_redirects` and `.assetsignore`, and requests for what is in it.
//!
//! An input has sections: `--- files` (a name in each line; `name -> target` is a link), `--- headers`, `--- redirects`, `--- ignore`,
//! `--- requests`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Component, Path};

use http::{HeaderName, HeaderValue};
use ouro_core::Digest;
use ouro_core::version::{AssetFile, AssetsConfig, VersionConfig};
use tokio::runtime::Runtime;

use super::manifest::{Files, Served, request, runtime};
use super::{Entry, Target, none, section, section_text, tally, temporary_folder};
use crate::project::assets::{Collected, collect};

/// The contents of every file, before its name.
const CONTENTS: &str = "contents of ";
/// Outside of the folder.
const OUTSIDE: &str = "outside";

pub const ENTRY: Entry = Entry {
    name: "folder",
    start: || Box::new(Folder { runtime: runtime() }),
    examples: none,
    words: &[
        b"\n--- files\n",
        b"\n--- headers\n",
        b"\n--- redirects\n",
        b"\n--- ignore\n",
        b"\n--- requests\n",
        b" -> ../outside",
        b" -> ..",
        b" -> /",
        b"index.html",
        b"/404.html",
        b".well-known/",
        b".env",
        b"_headers",
        b"_redirects",
        b"GET /",
        b" 301",
        b" 200",
        b":splat",
        b":name",
        b"/*",
        b"! ETag",
        b"Content-Length: 0",
        b"https://",
        b"//",
        b"\\",
        b"%2e%2e/",
        b"**",
        b"!",
        b"#",
        "\u{202e}\u{feff}".as_bytes(),
    ],
    memory: (2 << 20, 2048),
};

struct Folder {
    runtime: Runtime,
}

impl Target for Folder {
    fn run(&mut self, input: &[u8]) -> String {
        let text = String::from_utf8_lossy(input);
        let outer = temporary_folder();
        let folder = outer.path().join("assets");
        fs::create_dir(&folder).expect("a folder");
        fs::write(outer.path().join(OUTSIDE), OUTSIDE).expect("a file");
        // Before there are links that a name could follow.
        for (file, name) in [
            ("_headers", "headers"),
            ("_redirects", "redirects"),
            (".assetsignore", "ignore"),
        ] {
            fs::write(folder.join(file), section_text(&text, name)).expect("a file");
        }
        for line in section(&text, "files").take(32) {
            put(&folder, line);
        }
        let collected = match collect(&folder) {
            Ok(collected) => collected,
            Err(failure) => return failure.message.replace(&folder.display().to_string(), ""),
        };
        holds(&folder, &collected);
        let assets = config(collected);
        let contents = contents(&folder, &assets);
        let contents: Vec<_> = contents.iter().map(Vec::as_slice).collect();
        let served = Served::new(&contents);
        let requests = section(&text, "requests").take(32).filter_map(request);
        let statuses = requests.map(|request| {
            let answered = served.answer(&assets, &request, Files::Stored);
            self.runtime.block_on(answered)
        });
        let statuses = statuses.collect::<Vec<_>>().join(" ");
        format!("{} {statuses}", tally(assets.files.len()))
    }
}

/// Makes a file or a link, where the name stays in the folder.
fn put(folder: &Path, line: &str) {
    let (name, target) = match line.split_once(" -> ") {
        Some((name, target)) => (name, Some(target)),
        None => (line, None),
    };
    let mut parts = Path::new(name).components();
    if name.is_empty() || !parts.all(|part| matches!(part, Component::Normal(_))) {
        return;
    }
    let path = folder.join(name);
    // A link among the folders could lead out.
    let mut above = path.ancestors().skip(1).take_while(|it| *it != folder);
    if path.is_symlink() || above.any(Path::is_symlink) {
        return;
    }
    // Names may be too long, or those of folders.
    if let Some(parent) = path.parent() {
        let _ = fs::create_dir_all(parent);
    }
    let _ = match target {
        Some(target) => symlink(target, &path),
        None => fs::write(&path, format!("{CONTENTS}{name}")),
    };
}

/// What is collected lies in the folder, under the name that it is served by, and is not hidden.
fn holds(folder: &Path, collected: &Collected) {
    let root = folder.canonicalize().expect("the folder");
    for (name, file) in &collected.files {
        let path = file.file.canonicalize().expect("a file");
        assert!(path.starts_with(&root), "`{name}` lies outside");
        let relative = name.strip_prefix('/').expect("a path");
        assert_eq!(folder.join(relative).canonicalize().expect("a file"), path);
        let bytes = fs::read(&path).expect("a file");
        assert_eq!(
            (file.digest, file.size),
            (Digest::of(&bytes), bytes.len() as u64)
        );
        let mut parts = relative.split('/');
        let is_plain =
            |part: &str| !part.is_empty() && (!part.starts_with('.') || part == ".well-known");
        assert!(parts.all(is_plain), "`{name}` is hidden");
        assert!(!matches!(relative, "_headers" | "_redirects"));
        HeaderValue::from_str(&file.content_type).expect("a content type");
    }
    for rule in &collected.headers {
        let names = rule.unset.iter().chain(rule.set.keys());
        names.for_each(|name| drop(HeaderName::from_bytes(name.as_bytes()).expect("a name")));
        let mut values = rule.set.values();
        assert!(values.all(|value| HeaderValue::from_str(value).is_ok()));
    }
    for redirect in &collected.redirects {
        let is_inside = redirect.to.starts_with('/');
        assert!(is_inside || redirect.to.starts_with("http") && redirect.status != 200);
    }
}

/// As the host stores it, through JSON.
fn config(collected: Collected) -> AssetsConfig {
    let files = collected.files.into_iter().map(|(name, file)| {
        let file = AssetFile {
            digest: file.digest,
            size: file.size,
            content_type: file.content_type,
        };
        (name, file)
    });
    let assets = AssetsConfig {
        headers: collected.headers,
        redirects: collected.redirects.into(),
        files: files.collect(),
        ..AssetsConfig::default()
    };
    let config = VersionConfig {
        assets: Some(assets),
        ..VersionConfig::default()
    };
    let written = serde_json::to_string(&config).expect("JSON");
    let again: VersionConfig = serde_json::from_str(&written).expect("what deploy sends");
    assert_eq!(again, config);
    again.assets.expect("assets")
}

fn contents(folder: &Path, assets: &AssetsConfig) -> Vec<Vec<u8>> {
    let read = |name: &String| fs::read(folder.join(&name[1..])).expect("a file");
    assets.files.keys().map(read).collect()
}
