//! The server's configuration file: what is wrong is named, and a secret in it is never told.

use ouro_server::Layers;
use tempfile::TempDir;
use toml::{Table, Value};

use super::{Entry, Target, none, temporary_folder};

/// The corpus has it where a secret belongs.
const SECRET: &str = "c0rrect-h0rse";

pub const ENTRY: Entry = Entry {
    name: "server-config",
    start: || {
        Box::new(Config {
            folder: temporary_folder(),
        })
    },
    examples: none,
    words: &[
        b"\n[artifacts.s3]\n",
        b"\nsecret_access_key = ",
        b"secret_access_key = \"c0rrect-h0rse\"\n",
        b"\nlisten = \"127.0.0.1:0\"\n",
        b"\n[limits]\n",
        b"\n[outbound]\n",
        b"\nallow = \"127.0.0.0/8\"\n",
        b"[",
        b"{",
        b"\"\"\"",
        b" = ",
    ],
    memory: (1 << 20, 1024),
};

struct Config {
    folder: TempDir,
}

impl Target for Config {
    fn run(&mut self, input: &[u8]) -> String {
        let path = self.folder.path().join("ouro-server.toml");
        std::fs::write(&path, input).expect("a file");
        let layers = Layers {
            file: Some(path.clone()),
            ..Layers::default()
        };
        let text = String::from_utf8_lossy(input);
        let told = match layers.load() {
            Ok(config) => {
                if is_at_its_place(&text) {
                    let shown = format!("{config:?}");
                    assert!(!shown.contains(SECRET), "a secret is told");
                }
                return "accepted".to_owned();
            }
            Err(error) => error.to_string(),
        };
        // By what went wrong, not by the file's name.
        let (_, reason) = told.split_once("`: ").unwrap_or(("", &told));
        let is_text = std::str::from_utf8(input).is_ok();
        let names = reason.contains('`') || reason.contains("line ");
        assert!(names || !is_text, "nothing is named: {told}");
        if is_at_its_place(&text) {
            assert!(!told.contains(SECRET), "a secret is told: {told}");
        }
        reason.to_owned()
    }
}

/// Does the secret stand where one belongs, and nowhere else? A text that is no TOML is read by its lines.
fn is_at_its_place(text: &str) -> bool {
    match toml::from_str::<Table>(text) {
        Ok(mut table) => {
            if let Some(Value::Table(artifacts)) = table.get_mut("artifacts")
                && let Some(Value::Table(s3)) = artifacts.get_mut("s3")
            {
                s3.remove("secret_access_key");
            }
            !table.to_string().contains(SECRET)
        }
        Err(_) => {
            let mut lines = text.lines().filter(|line| line.contains(SECRET));
            lines.all(|line| line.starts_with("secret_access_key = "))
        }
    }
}
