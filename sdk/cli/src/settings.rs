//! Which server a command talks to, and with which token.

use std::path::{Path, PathBuf};

use url::{Host, Url};

use crate::failure::{Failure, Result, user};

/// The token's file in the data directory.
pub const TOKEN_FILE: &str = "admin-token";

/// The options of every command that calls the management API.
#[derive(clap::Args, Debug)]
pub struct ServerArgs {
    /// Address of the management API
    #[arg(
        long,
        global = true,
        env = "OURO_URL",
        default_value = "http://localhost:8080",
        help_heading = "Server"
    )]
    url: String,

    /// Token of the management API; prefer OURO_TOKEN or --token-file, which other users of the machine can't see
    #[arg(
        long,
        global = true,
        env = "OURO_TOKEN",
        hide_env_values = true,
        help_heading = "Server"
    )]
    token: Option<String>,

    /// File with the token [default: the data directory's, where the server is on this machine]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Server")]
    token_file: Option<PathBuf>,

    /// Organization, by name or id [default: the key's, else your personal one]
    #[arg(
        long,
        global = true,
        env = "OURO_ORGANIZATION",
        value_name = "NAME",
        help_heading = "Server"
    )]
    organization: Option<String>,

    /// Data directory of the server on this machine
    #[arg(
        long,
        global = true,
        env = "OURO_DATA_DIR",
        value_name = "DIR",
        default_value = "./data",
        help_heading = "Server"
    )]
    pub data_dir: PathBuf,
}

/// A server to call.
#[derive(Debug)]
pub struct Server {
    /// Ends in `/`.
    pub url: Url,
    pub token: String,
    /// Name or id.
    pub organization: Option<String>,
}

impl ServerArgs {
    pub fn server(&self) -> Result<Server> {
        let url = parse_url(&self.url)?;
        let token = self.token(&url)?;
        let organization = self.organization.clone();
        Ok(Server {
            url,
            token,
            organization,
        })
    }

    fn token(&self, url: &Url) -> Result<String> {
        if let Some(token) = &self.token {
            return check_token(token, "--token");
        }
        if let Some(file) = &self.token_file {
            return read_token(file);
        }
        let file = self.data_dir.join(TOKEN_FILE);
        if is_loopback(url) && file.exists() {
            return read_token(&file);
        }
        Err(no_token(url, &file))
    }
}

fn no_token(url: &Url, file: &Path) -> Failure {
    let failure = user(format!("no token for `{url}`"));
    if is_loopback(url) {
        failure.hint(format!(
            "there is no `{}`: run this where `ouro serve` runs, name its folder with --data-dir, or set OURO_TOKEN",
            file.display()
        ))
    } else {
        failure.hint(
            "set OURO_TOKEN to what the server's file `admin-token` holds, or give --token-file",
        )
    }
}

fn read_token(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file).map_err(|e| {
        user(format!(
            "cannot read the token in `{}`: {e}",
            file.display()
        ))
    })?;
    check_token(&text, &file.display().to_string())
}

/// It is sent as a header field, so it is printable ASCII (RFC 9110 5.5).
fn check_token(text: &str, origin: &str) -> Result<String> {
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(user(format!(
            "the token of `{origin}` is empty or not printable ASCII"
        )));
    }
    Ok(token.to_owned())
}

fn parse_url(text: &str) -> Result<Url> {
    let wrong = |why: &str| {
        user(format!("`{text}` is not the address of a server: {why}"))
            .hint("it looks like `http://localhost:8080`")
    };
    let mut url = Url::parse(text).map_err(|e| wrong(&e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("expected http or https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("a user name has no meaning here"));
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// Does the address lead to this machine? A token file found by itself is sent nowhere else.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_localhost(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// `localhost` and every name below it (RFC 6761 6.3).
pub fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_get_the_token_that_is_found_by_itself() {
        for url in [
            "http://localhost:8080",
            "http://a.localhost",
            "http://127.0.0.2",
            "http://[::1]:1",
        ] {
            assert!(is_loopback(&parse_url(url).unwrap()), "{url}");
        }
        for url in [
            "http://example.com",
            "http://notlocalhost",
            "http://10.0.0.1",
            "http://localhost.example",
        ] {
            assert!(!is_loopback(&parse_url(url).unwrap()), "{url}");
        }
    }

    #[test]
    fn an_address_is_made_to_end_in_a_slash() {
        assert_eq!(
            parse_url("https://a.example/x?y#z").unwrap().as_str(),
            "https://a.example/x/"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in ["", "localhost:8080", "ftp://a", "http://u:p@a/"] {
            assert!(parse_url(url).is_err(), "{url}");
        }
    }
}
