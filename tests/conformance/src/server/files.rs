//! Files of WPT as wptserve serves them.

use std::fs;
use std::path::{Component, Path, PathBuf};

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::{Body, Site, fixtures, full};

pub fn serve(site: &Site, path: &str) -> Response<Body> {
    let Some((file, contents)) = find(&site.root, path) else {
        return full(StatusCode::NOT_FOUND, format!("no file `{path}`"));
    };
    let is_template = file
        .file_name()
        .is_some_and(|name| name.to_string_lossy().contains(".sub."));
    let contents = match String::from_utf8(contents) {
        Ok(text) if is_template => site.fill(&text).into_bytes(),
        Ok(text) => text.into_bytes(),
        Err(error) => error.into_bytes(),
    };
    let mut response = full(StatusCode::OK, contents);
    let kind = mime_guess::from_path(&file).first_or_octet_stream();
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    add_headers(site, &file, &mut response);
    response
}

impl Site {
    /// Replaces `{{host}}`, `{{ports[http][0]}}` and the like.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let Some(end) = rest[start..].find("}}") else {
                break;
            };
            filled.push_str(&rest[..start]);
            let name = &rest[start + 2..start + end];
            match self.value(name.trim()) {
                Some(value) => filled.push_str(&value),
                None => filled.push_str(&rest[start..start + end + 2]),
            }
            rest = &rest[start + end + 2..];
        }
        filled.push_str(rest);
        filled
    }

    fn value(&self, name: &str) -> Option<String> {
        Some(match name {
            "host" | "location[hostname]" => "localhost".into(),
            "ports[http][0]" | "location[port]" => self.ports[0].to_string(),
            "ports[http][1]" => self.ports[1].to_string(),
            "ports[https][0]" => self.tls_ports[0].to_string(),
            "ports[https][1]" => self.tls_ports[1].to_string(),
            "ports[ws][0]" => self.socket_ports[0].to_string(),
            "ports[wss][0]" | "ports[h2][0]" => self.socket_ports[1].to_string(),
            name if name.starts_with("domains[") || name.starts_with("hosts[") => {
                "127.0.0.1".into()
            }
            _ => return None,
        })
    }
}

/// The bytes of a file.
pub fn read(root: &Path, path: &str) -> Option<Vec<u8>> {
    Some(find(root, path)?.1)
}

/// The file that a path names; never one outside of the root.
fn find(root: &Path, path: &str) -> Option<(PathBuf, Vec<u8>)> {
    let relative = Path::new(path.trim_start_matches('/'));
    let plain = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let file = root.join(relative);
    let contents = plain.then(|| fs::read(&file).ok()).flatten();
    Some((file, contents.or_else(|| fixtures::make(path))?))
}

/// Lines `Name: value` of the file's own `.headers` and of the folder's `__dir__.headers`.
fn add_headers(site: &Site, file: &Path, response: &mut Response<Body>) {
    let own = PathBuf::from(format!("{}.headers", file.display()));
    let sub = PathBuf::from(format!("{}.sub.headers", file.display()));
    for path in [file.with_file_name("__dir__.headers"), own, sub] {
        let text = fs::read_to_string(path).unwrap_or_default();
        for line in site.fill(&text).lines() {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.trim().as_bytes()),
                HeaderValue::from_bytes(value.trim().as_bytes()),
            ) {
                response.headers_mut().insert(name, value);
            }
        }
    }
}
