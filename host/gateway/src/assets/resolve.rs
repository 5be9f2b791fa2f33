//! Which file answers a path. The rules are those of Cloudflare's static assets: every HTML file has one canonical
//! path, given by `html_handling`, and the other paths that lead to it are redirected there.

use ouro_core::version::{AssetsConfig, HtmlHandling, NotFoundHandling};

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Resolution<'a> {
    /// The name of the file to send.
    File(&'a str),
    /// Decoded path that serves the same file.
    Redirect(String),
}

/// Finds what answers a decoded path; `None` where no file does.
pub fn resolve<'a>(assets: &'a AssetsConfig, path: &str) -> Option<Resolution<'a>> {
    let exact = file(assets, path);
    if assets.html_handling == HtmlHandling::None || (exact.is_some() && !path.ends_with(".html")) {
        return exact.map(Resolution::File);
    }
    let Some(found) = candidates(path).iter().find_map(|name| file(assets, name)) else {
        return exact.map(Resolution::File);
    };
    let canonical = canonical(assets.html_handling, found);
    if canonical == path {
        return Some(Resolution::File(found));
    }
    // A redirect is only right where its target serves this very file; another file may hide it there.
    let target = file(assets, &canonical).or_else(|| {
        candidates(&canonical)
            .iter()
            .find_map(|name| file(assets, name))
    });
    if target == Some(found) {
        return Some(Resolution::Redirect(canonical));
    }
    exact.map(Resolution::File)
}

/// The page for a path that no file answers, with its status.
pub fn not_found<'a>(assets: &'a AssetsConfig, path: &str) -> Option<(u16, &'a str)> {
    match assets.not_found_handling {
        NotFoundHandling::None => None,
        NotFoundHandling::SinglePageApplication => Some((200, file(assets, "/index.html")?)),
        NotFoundHandling::NotFoundPage => {
            let mut folder = path;
            while let Some(slash) = folder.rfind('/') {
                folder = &folder[..slash];
                if let Some(page) = file(assets, &format!("{folder}/404.html")) {
                    return Some((404, page));
                }
            }
            None
        }
    }
}

fn file<'a>(assets: &'a AssetsConfig, path: &str) -> Option<&'a str> {
    assets
        .files
        .get_key_value(path)
        .map(|(name, _)| name.as_str())
}

/// The HTML files that a path may stand for, the likelier one first.
fn candidates(path: &str) -> [String; 2] {
    let folder = ["/index.html", "/index", "/"]
        .iter()
        .find_map(|end| path.strip_suffix(end));
    match folder {
        Some(folder) => [format!("{folder}/index.html"), format!("{folder}.html")],
        None => {
            let stem = path.strip_suffix(".html").unwrap_or(path);
            [format!("{stem}.html"), format!("{stem}/index.html")]
        }
    }
}

/// The one path that serves an HTML file.
fn canonical(mode: HtmlHandling, file: &str) -> String {
    if file == "/index.html" {
        return "/".to_owned();
    }
    let (stem, folder) = match file.strip_suffix("/index.html") {
        Some(stem) => (stem, true),
        None => (file.strip_suffix(".html").unwrap_or(file), false),
    };
    let slash = match mode {
        HtmlHandling::AutoTrailingSlash => folder,
        HtmlHandling::ForceTrailingSlash => true,
        HtmlHandling::DropTrailingSlash | HtmlHandling::None => false,
    };
    if slash {
        format!("{stem}/")
    } else {
        stem.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use ouro_core::Digest;
    use ouro_core::version::AssetFile;

    use super::*;

    fn site(mode: HtmlHandling, names: &[&str]) -> AssetsConfig {
        let file = |name: &&str| {
            let digest = Digest::of(name.as_bytes());
            let content_type = "text/html".to_owned();
            (
                name.to_string(),
                AssetFile {
                    digest,
                    size: 1,
                    content_type,
                },
            )
        };
        AssetsConfig {
            html_handling: mode,
            files: names.iter().map(file).collect(),
            ..Default::default()
        }
    }

    /// `200 file`, `307 path` or `-`.
    fn answer(assets: &AssetsConfig, path: &str) -> String {
        match resolve(assets, path) {
            Some(Resolution::File(name)) => format!("200 {name}"),
            Some(Resolution::Redirect(to)) => format!("307 {to}"),
            None => "-".to_owned(),
        }
    }

    #[track_caller]
    fn check(mode: HtmlHandling, table: &[(&str, &str)]) {
        let assets = site(
            mode,
            &["/index.html", "/file.html", "/folder/index.html", "/app.js"],
        );
        for (path, expected) in table {
            assert_eq!(&answer(&assets, path), expected, "{mode:?} {path}");
        }
    }

    #[test]
    fn auto_trailing_slash_follows_the_file() {
        check(
            HtmlHandling::AutoTrailingSlash,
            &[
                ("/", "200 /index.html"),
                ("/index", "307 /"),
                ("/index.html", "307 /"),
                ("/file", "200 /file.html"),
                ("/file.html", "307 /file"),
                ("/file/", "307 /file"),
                ("/file/index", "307 /file"),
                ("/file/index.html", "307 /file"),
                ("/folder", "307 /folder/"),
                ("/folder.html", "307 /folder/"),
                ("/folder/", "200 /folder/index.html"),
                ("/folder/index", "307 /folder/"),
                ("/folder/index.html", "307 /folder/"),
                ("/app.js", "200 /app.js"),
                ("/app", "-"),
                ("/none", "-"),
            ],
        );
    }

    #[test]
    fn force_trailing_slash_ends_every_page_with_one() {
        check(
            HtmlHandling::ForceTrailingSlash,
            &[
                ("/", "200 /index.html"),
                ("/file", "307 /file/"),
                ("/file.html", "307 /file/"),
                ("/file/", "200 /file.html"),
                ("/folder", "307 /folder/"),
                ("/folder/", "200 /folder/index.html"),
                ("/app.js", "200 /app.js"),
            ],
        );
    }

    #[test]
    fn drop_trailing_slash_ends_no_page_with_one() {
        check(
            HtmlHandling::DropTrailingSlash,
            &[
                ("/", "200 /index.html"),
                ("/file", "200 /file.html"),
                ("/file/", "307 /file"),
                ("/file.html", "307 /file"),
                ("/folder", "200 /folder/index.html"),
                ("/folder/", "307 /folder"),
                ("/folder/index.html", "307 /folder"),
            ],
        );
    }

    #[test]
    fn none_serves_exact_names_alone() {
        check(
            HtmlHandling::None,
            &[("/", "-"), ("/file", "-"), ("/file.html", "200 /file.html")],
        );
    }

    #[test]
    fn a_file_hidden_by_another_is_served_under_its_own_name() {
        let assets = site(
            HtmlHandling::DropTrailingSlash,
            &["/a.html", "/a/index.html"],
        );
        assert_eq!(answer(&assets, "/a"), "200 /a.html");
        assert_eq!(answer(&assets, "/a/index.html"), "200 /a/index.html");
    }

    #[test]
    fn the_nearest_404_page_upwards_answers() {
        let mut assets = site(
            HtmlHandling::default(),
            &["/404.html", "/docs/404.html", "/index.html"],
        );
        assert_eq!(not_found(&assets, "/docs/a/b"), None);
        assets.not_found_handling = NotFoundHandling::NotFoundPage;
        assert_eq!(
            not_found(&assets, "/docs/a/b"),
            Some((404, "/docs/404.html"))
        );
        assert_eq!(not_found(&assets, "/other"), Some((404, "/404.html")));
        assets.not_found_handling = NotFoundHandling::SinglePageApplication;
        assert_eq!(not_found(&assets, "/docs/a/b"), Some((200, "/index.html")));
    }
}
