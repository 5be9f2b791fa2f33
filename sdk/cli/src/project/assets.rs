//! The files of an assets folder, with their digests.
//!
//! Left out: files and folders whose name begins with a dot (but `.well-known`), what `.assetsignore` names, and links
//! that lead out of the folder. `_headers` and `_redirects` are rules (`rules.rs`), not files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ouro_core::Digest;
use ouro_core::version::{HeaderRule, Redirect};
use sha2::{Digest as _, Sha256};

use super::rules;
use crate::failure::{Failure, Result, user};

/// As many as Cloudflare takes.
pub const FILES_MAX: usize = 20_000;
/// As large as Cloudflare takes.
pub const FILE_BYTES_MAX: u64 = 25 * 1024 * 1024;

/// One file to serve.
#[derive(Debug)]
pub struct AssetFile {
    pub file: PathBuf,
    pub digest: Digest,
    pub size: u64,
    pub content_type: String,
}

#[derive(Debug, Default)]
pub struct Collected {
    /// By path, beginning with `/`.
    pub files: BTreeMap<String, AssetFile>,
    pub headers: Vec<HeaderRule>,
    pub redirects: Vec<Redirect>,
    /// What was left out that the user may have meant to upload, as lines to print.
    pub notes: Vec<String>,
}

/// Lists and hashes the folder's files.
pub fn collect(directory: &Path) -> Result<Collected> {
    let root = directory
        .canonicalize()
        .map_err(|e| user(format!("assets folder `{}`: {e}", directory.display())))?;
    if !root.is_dir() {
        return Err(user(format!(
            "assets folder `{}` is not a folder",
            directory.display()
        )));
    }
    let mut walk = Walk {
        ignored: ignore_rules(&root)?,
        root,
        collected: Collected::default(),
    };
    let root = walk.root.clone();
    walk.folder(&root)?;
    walk.rules()?;
    Ok(walk.collected)
}

/// Names of files at the top of the folder that hold rules.
const HEADERS: &str = "_headers";
const REDIRECTS: &str = "_redirects";

fn ignore_rules(root: &Path) -> Result<Gitignore> {
    let file = root.join(".assetsignore");
    let mut builder = GitignoreBuilder::new(root);
    if file.is_file()
        && let Some(error) = builder.add(&file)
    {
        return Err(user(format!("`{}`: {error}", file.display())));
    }
    builder
        .build()
        .map_err(|e| user(format!("`{}`: {e}", file.display())))
}

struct Walk {
    root: PathBuf,
    ignored: Gitignore,
    collected: Collected,
}

impl Walk {
    fn folder(&mut self, folder: &Path) -> Result<()> {
        let mut entries: Vec<_> = std::fs::read_dir(folder)
            .and_then(Iterator::collect)
            .map_err(unreadable(folder))?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            self.entry(&entry.path())?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path) -> Result<()> {
        let link = path.is_symlink();
        let name = self.url_path(path)?;
        let target = match path.canonicalize() {
            Err(_) if link => {
                self.note(format!("left out: `{name}` (a link to nothing)"));
                return Ok(());
            }
            target => target.map_err(unreadable(path))?,
        };
        let is_folder = target.is_dir();
        if self.hidden(path) || self.ignored.matched(path, is_folder).is_ignore() {
            return Ok(());
        }
        if link && (is_folder || !target.starts_with(&self.root)) {
            let what = if is_folder {
                "to a folder"
            } else {
                "out of the assets folder"
            };
            self.note(format!("left out: `{name}` (a link {what})"));
            return Ok(());
        }
        if is_folder {
            return self.folder(path);
        }
        let is_rules = |rules: &str| name.strip_prefix('/') == Some(rules);
        if is_rules(HEADERS) || is_rules(REDIRECTS) {
            return Ok(());
        }
        if !target.is_file() {
            self.note(format!("left out: `{name}` (not a file)"));
            return Ok(());
        }
        self.file(name, path)
    }

    /// Whether or not `.assetsignore` names the files.
    fn rules(&mut self) -> Result<()> {
        if let Some(text) = self.text(HEADERS)? {
            let parsed = rules::headers(&text);
            self.collected.headers = parsed.rules;
            self.collected.notes.extend(parsed.notes);
        }
        if let Some(text) = self.text(REDIRECTS)? {
            let parsed = rules::redirects(&text);
            self.collected.redirects = parsed.rules;
            self.collected.notes.extend(parsed.notes);
        }
        Ok(())
    }

    /// The text of a file at the top of the folder, where there is one.
    fn text(&self, name: &str) -> Result<Option<String>> {
        let path = self.root.join(name);
        if !path.is_file() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
        Ok(Some(text))
    }

    fn file(&mut self, name: String, path: &Path) -> Result<()> {
        let size = path.metadata().map_err(unreadable(path))?.len();
        if size > FILE_BYTES_MAX {
            return Err(user(format!(
                "asset `{name}` has {size} bytes; the limit is {FILE_BYTES_MAX} bytes"
            ))
            .hint("name it in `.assetsignore` to leave it out"));
        }
        if self.collected.files.len() == FILES_MAX {
            return Err(user(format!(
                "assets folder `{}` has more than {FILES_MAX} files",
                self.root.display()
            ))
            .hint("name what is not to be served in `.assetsignore`"));
        }
        let (digest, size) = hash(path)?;
        let content_type = content_type(path);
        let file = AssetFile {
            file: path.to_owned(),
            digest,
            size,
            content_type,
        };
        self.collected.files.insert(name, file);
        Ok(())
    }

    fn hidden(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') && name != ".well-known"
    }

    fn url_path(&self, path: &Path) -> Result<String> {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let mut url = String::new();
        for part in relative {
            let part = part
                .to_str()
                .ok_or_else(|| user(format!("asset {path:?}: its name is not UTF-8")))?;
            url.push('/');
            url.push_str(part);
        }
        Ok(url)
    }

    fn note(&mut self, note: String) {
        self.collected.notes.push(note);
    }
}

fn hash(path: &Path) -> Result<(Digest, u64)> {
    let mut file = File::open(path).map_err(unreadable(path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer).map_err(unreadable(path))?;
        if read == 0 {
            return Ok((Digest::finish(hasher), size));
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
    }
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    move |e| user(format!("cannot read `{}`: {e}", path.display()))
}

/// By the file's extension; text is taken to be UTF-8.
fn content_type(path: &Path) -> String {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    let text = guess.type_() == "text"
        || matches!(
            guess.essence_str(),
            "application/javascript" | "application/json" | "application/manifest+json"
        );
    if text {
        format!("{}; charset=utf-8", guess.essence_str())
    } else {
        guess.essence_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    }

    fn names(collected: &Collected) -> Vec<&str> {
        collected.files.keys().map(String::as_str).collect()
    }

    #[test]
    fn files_have_digest_size_and_content_type() {
        let folder = folder(&[("index.html", "<p>"), ("img/a b.png", "x")]);
        let collected = collect(folder.path()).unwrap();
        assert_eq!(names(&collected), ["/img/a b.png", "/index.html"]);
        let page = &collected.files["/index.html"];
        assert_eq!(page.digest, Digest::of(b"<p>"));
        assert_eq!(page.size, 3);
        assert_eq!(page.content_type, "text/html; charset=utf-8");
        assert_eq!(collected.files["/img/a b.png"].content_type, "image/png");
    }

    #[test]
    fn names_with_a_dot_are_left_out_but_for_well_known() {
        let folder = folder(&[
            (".env", "SECRET"),
            (".git/config", ""),
            (".well-known/security.txt", ""),
            ("a.txt", ""),
        ]);
        let collected = collect(folder.path()).unwrap();
        assert_eq!(names(&collected), ["/.well-known/security.txt", "/a.txt"]);
    }

    #[test]
    fn what_assetsignore_names_is_left_out() {
        let folder = folder(&[
            (".assetsignore", "*.map\n/drafts/\n!keep.map\n"),
            ("a.js.map", ""),
            ("keep.map", ""),
            ("drafts/b.html", ""),
            ("c.html", ""),
        ]);
        let collected = collect(folder.path()).unwrap();
        assert_eq!(names(&collected), ["/c.html", "/keep.map"]);
    }

    #[test]
    fn rules_are_read_and_not_served() {
        let folder = folder(&[
            (".assetsignore", "/_headers\n"),
            ("_headers", "/a.txt\n  X-A: 1\n"),
            ("_redirects", "/old /a.txt 301\n/bad\n"),
            ("a.txt", ""),
            ("below/_headers", ""),
        ]);
        let collected = collect(folder.path()).unwrap();
        assert_eq!(names(&collected), ["/a.txt", "/below/_headers"]);
        assert_eq!(collected.headers[0].set["x-a"], "1");
        assert_eq!(collected.redirects[0].to, "/a.txt");
        assert_eq!(collected.notes.len(), 1, "{:?}", collected.notes);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_left_out_and_said() {
        let outside = folder(&[("passwd", "root")]);
        let folder = folder(&[("a.txt", "a")]);
        let link = |target: &Path, name: &str| {
            std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
        };
        link(&outside.path().join("passwd"), "stolen");
        link(outside.path(), "all");
        link(&folder.path().join("a.txt"), "b.txt");
        let collected = collect(folder.path()).unwrap();
        assert_eq!(names(&collected), ["/a.txt", "/b.txt"]);
        assert_eq!(
            collected.notes,
            [
                "left out: `/all` (a link to a folder)",
                "left out: `/stolen` (a link out of the assets folder)",
            ]
        );
    }

    #[test]
    fn a_file_over_the_limit_is_refused_with_both_sizes() {
        let folder = folder(&[("big.bin", "")]);
        let file = File::create(folder.path().join("big.bin")).unwrap();
        file.set_len(FILE_BYTES_MAX + 1).unwrap();
        let error = collect(folder.path()).unwrap_err();
        assert_eq!(
            error.message,
            "asset `/big.bin` has 26214401 bytes; the limit is 26214400 bytes"
        );
    }

    #[test]
    fn an_absent_folder_is_named() {
        let error = collect(Path::new("no-such-folder")).unwrap_err();
        assert!(
            error.message.contains("`no-such-folder`"),
            "{}",
            error.message
        );
    }
}
