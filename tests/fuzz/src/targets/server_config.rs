//! The server's configuration file: what is wrong is named, and a secret in it is never told.

use ouro_server::Layers;
use tempfile::TempDir;

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
        match layers.load() {
            Ok(config) => {
                assert!(!format!("{config:?}").contains(SECRET), "a secret is told");
                "accepted".to_owned()
            }
            Err(error) => {
                let error = error.to_string();
                assert!(!error.contains(SECRET), "a secret is told: {error}");
                assert!(error.contains('`'), "nothing is named: {error}");
                error.replace(&path.display().to_string(), "")
            }
        }
    }
}
