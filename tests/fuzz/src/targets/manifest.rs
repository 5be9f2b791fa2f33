//! The configuration of a version, as it is stored, with the assets and the rules in it, and requests for them.
//!
//! An input is JSON, and behind a line `--- requests` a request in each line: method, target, and headers as `name:value`.

use std::sync::Arc;

use futures_util::TryStreamExt;
use http::header::{CONTENT_LENGTH, LOCATION};
use http::request::Parts;
use http::{Request, StatusCode};
use ouro_core::Digest;
use ouro_core::ports::artifacts::{ArtifactError, ArtifactStore, MemoryArtifacts};
use ouro_core::ports::assets::AssetBody;
use ouro_core::version::{AssetsConfig, Limits, VersionConfig};
use ouro_gateway::Assets;
use tokio::runtime::Runtime;

use super::{Entry, Target, section, section_text};

/// Of files that stay in the gateway's memory.
const MEMORY_BYTES: u64 = 1 << 20;

pub const ENTRY: Entry = Entry {
    name: "manifest",
    start: || {
        Box::new(Manifests {
            runtime: runtime(),
            served: Served::new(&[b"", b"x", b"<p>page", b"0123456789"]),
        })
    },
    examples,
    words: &[
        b"\n--- requests\n",
        b"GET / ",
        b"HEAD /a%20b.txt ",
        b"sec-fetch-mode:navigate",
        b"range:bytes=0-3",
        b"range:bytes=-2",
        b"range:bytes=9-",
        b"if-none-match:*",
        b"if-range:",
        b"\"/index.html\":",
        b"/index.html",
        b"/404.html",
        b"%2e%2e%2f",
        b"%2F",
        b"%00",
        b"%5c",
        b"//example.com/",
        b"/..",
        b":splat",
        b":name",
        b"*",
        b"https://",
        b"\"run_worker_first\":[\"/*\"],",
        b"\"html_handling\":\"force-trailing-slash\",",
        b"\"not_found_handling\":\"404-page\",",
        b"\"allow_net\":[\"example.com:443\"],",
        b"\"limits\":{\"cpu_ms\":1},",
    ],
    memory: (1 << 20, 2048),
};

pub fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime")
}

/// A page and rules of every kind. The digests are those of what is stored.
fn examples() -> Vec<Vec<u8>> {
    let file = |contents: &[u8], content_type: &str| {
        serde_json::json!({
            "digest": Digest::of(contents), "size": contents.len(), "content_type": content_type,
        })
    };
    let config = serde_json::json!({
        "vars": {"A": "b", "N": 1.5}, "secrets": {"S": "c2VhbGVk"},
        "databases": {"DB": "db_1"},
        "services": {"AUTH": {"worker": "wrk_1", "entrypoint": "E", "props": {"a": null}}},
        "assets": {
            "binding": "ASSETS", "html_handling": "auto-trailing-slash", "not_found_handling": "404-page",
            "run_worker_first": ["/api/*", "!/api/docs"],
            "headers": [{"path": "/a/*", "unset": ["etag"], "set": {"x-at": ":splat"}}],
            "redirects": [{"from": "/old/*", "to": "/:splat", "status": 301}, {"from": "/in", "to": "/page", "status": 200}],
            "files": {
                "/index.html": file(b"<p>page", "text/html"), "/page.html": file(b"<p>page", "text/html"),
                "/a/b c.txt": file(b"0123456789", "text/plain"), "/404.html": file(b"x", "text/html"),
                "/empty": file(b"", ""),
            },
        },
        "compatibility_date": "2026-01-01", "compatibility_flags": ["nodejs_compat"],
        "limits": {"cpu_ms": 50}, "allow_net": ["example.com:443"],
    });
    let requests = "--- requests\nGET /\nGET /page.html\nGET /a/b%20c.txt range:bytes=2-4\nHEAD /in\nGET /old//example.com\nGET /none sec-fetch-mode:navigate\nPOST /empty\n";
    vec![format!("{config}\n{requests}").into_bytes()]
}

struct Manifests {
    runtime: Runtime,
    served: Served,
}

impl Target for Manifests {
    fn run(&mut self, input: &[u8]) -> String {
        let text = String::from_utf8_lossy(input);
        let config: VersionConfig = match serde_json::from_str(&section_text(&text, "")) {
            Ok(config) => config,
            Err(error) => return error.to_string(),
        };
        stays_the_same(&config);
        let Some(assets) = &config.assets else {
            return "no assets".to_owned();
        };
        let requests = section(&text, "requests").take(32).filter_map(request);
        let statuses = requests.map(|request| {
            let answered = self.served.answer(assets, &request, Files::Any);
            self.runtime.block_on(answered)
        });
        statuses.collect::<Vec<_>>().join(" ")
    }
}

fn stays_the_same(config: &VersionConfig) {
    let written = serde_json::to_string(config).expect("JSON");
    let again: VersionConfig = serde_json::from_str(&written).expect("it was written just now");
    assert_eq!(again, *config);
    let ceilings = Limits {
        cpu_ms: 1_000,
        invocations_at_once: Some(3),
        ..Limits::default()
    };
    let limits = config.limits.at_most(&ceilings);
    assert_eq!(limits.at_most(&ceilings), limits);
    assert!(limits.cpu_ms <= ceilings.cpu_ms && limits.memory_bytes <= ceilings.memory_bytes);
}

/// `None` for what hyper would not have taken.
pub fn request(line: &str) -> Option<Parts> {
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in words.filter_map(|word| word.split_once(':')) {
        request = request.header(name, value);
    }
    let (parts, ()) = request.body(()).ok()?.into_parts();
    parts.uri.path().starts_with('/').then_some(parts)
}

/// Where the contents of a manifest's files come from.
#[derive(Clone, Copy)]
pub enum Files {
    /// All are stored, with the size that the manifest says.
    Stored,
    /// It may say anything.
    Any,
}

/// Assets with their store.
pub struct Served {
    store: Arc<MemoryArtifacts>,
    assets: Assets,
}

impl Served {
    pub fn new(contents: &[&[u8]]) -> Self {
        let store = Arc::new(MemoryArtifacts::default());
        for contents in contents {
            store.put_unchecked(Digest::of(contents), contents.to_vec().into());
        }
        Self {
            assets: Assets::new(store.clone(), MEMORY_BYTES),
            store,
        }
    }

    /// Asks for an asset and holds the answer against what the manifest allows. The answer's status in words, or `worker`.
    pub async fn answer(&self, assets: &AssetsConfig, request: &Parts, files: Files) -> String {
        let answered = self
            .assets
            .before_worker(assets, request, "example.org")
            .await;
        let response = match (answered, files) {
            (Ok(None), _) => return "worker".to_owned(),
            (Ok(Some(response)), _) => response,
            (Err(ArtifactError::NotFound(digest)), Files::Any) => {
                let mut known = assets.files.values();
                assert!(known.any(|file| file.digest == digest), "of no file");
                return "not stored".to_owned();
            }
            (Err(error), _) => panic!("{error}"),
        };
        let (head, body) = response.into_parts();
        if let Some(location) = head.headers.get(LOCATION) {
            let location = location.to_str().unwrap_or_default();
            stays_here(assets, location);
        }
        let sized = head.headers.get(CONTENT_LENGTH);
        let sized = sized.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let body = match body {
            AssetBody::Empty => return told(head.status),
            AssetBody::Whole(body) => Ok(body.to_vec()),
            AssetBody::Stream(body) => body.map_ok(|chunk| chunk.to_vec()).try_concat().await,
        };
        if let (Ok(body), Files::Stored) = (body, files) {
            assert_eq!(sized, Some(body.len()), "the length is another");
            self.is_of_a_file(assets, head.status, &body).await;
        }
        told(head.status)
    }

    /// What is sent is a file of this version, whatever the path.
    async fn is_of_a_file(&self, assets: &AssetsConfig, status: StatusCode, body: &[u8]) {
        for file in assets.files.values() {
            let stored = self.store.get(file.digest).await.expect("it is stored");
            let stored = stored
                .body
                .map_ok(|chunk| chunk.to_vec())
                .try_concat()
                .await;
            let stored = stored.expect("its contents");
            let is_part = status == StatusCode::PARTIAL_CONTENT;
            if stored == body || is_part && stored.windows(body.len().max(1)).any(|it| it == body) {
                return;
            }
        }
        panic!("what was sent is no file");
    }
}

fn told(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or_default().to_owned()
}

/// A redirect leads to another host only where a rule's target says so: not by what the client sent.
fn stays_here(assets: &AssetsConfig, location: &str) {
    let redirects = &assets.redirects;
    let mut targets = redirects
        .of_patterns
        .iter()
        .chain(redirects.of_paths.values());
    if targets.any(|it| !it.to.starts_with('/')) {
        return;
    }
    // As a browser reads it: `\` is `/`, tabs and line ends count for nothing (URL Standard 4.4).
    let read: String = location
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .map(|c| if c == '\\' { '/' } else { c })
        .collect();
    assert!(!read.starts_with("//"), "it leads to `{location}`");
}
