//! A Garage server: one node, one key, one bucket, in a temporary directory.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ouro_adapter_s3::{S3Artifacts, S3Config};

/// Names the program, where it is not on the search path.
const PROGRAM: &str = "TEST_GARAGE";

pub const BUCKET: &str = "artifacts";

pub struct Garage {
    process: Child,
    pub config: S3Config,
    _directory: tempfile::TempDir,
}

impl Garage {
    /// Starts a server and waits until it listens.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("temporary directory");
        let port = free_port();
        let settings = write_settings(directory.path(), port);
        let config = S3Config {
            endpoint: format!("http://127.0.0.1:{port}"),
            bucket: BUCKET.to_owned(),
            region: "garage".to_owned(),
            access_key_id: format!("GK{}", random_hex::<12>()),
            secret_access_key: random_hex::<32>(),
            path_style: true,
            prefix: "components/".to_owned(),
        };
        let mut process = Command::new(program())
            .arg("-c")
            .arg(settings)
            .args(["server", "--single-node", "--default-bucket"])
            .env("GARAGE_DEFAULT_ACCESS_KEY", &config.access_key_id)
            .env("GARAGE_DEFAULT_SECRET_KEY", &config.secret_access_key)
            .env("GARAGE_DEFAULT_BUCKET", BUCKET)
            // The line that says it is ready is at this level, whatever the environment asks for.
            .env("RUST_LOG", "info")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect(
                "`garage` starts: install it with scripts/garage.sh, or name it in TEST_GARAGE",
            );
        let log = process.stderr.take().expect("piped");
        let garage = Self {
            process,
            config,
            _directory: directory,
        };
        wait_until_ready(log);
        garage
    }

    pub async fn store(&self) -> S3Artifacts {
        S3Artifacts::connect(self.config.clone())
            .await
            .expect("connect")
    }

    pub fn kill(&mut self) {
        self.process.kill().expect("kill");
        self.process.wait().expect("wait");
    }
}

impl Drop for Garage {
    fn drop(&mut self) {
        // An error means that it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> PathBuf {
    std::env::var_os(PROGRAM).map_or_else(|| PathBuf::from("garage"), PathBuf::from)
}

/// Reads the log to the line that says so, and on, so that the server never waits for its reader.
fn wait_until_ready(log: impl std::io::Read + Send + 'static) {
    let mut lines = BufReader::new(log).lines();
    let mut seen = String::new();
    for line in lines.by_ref() {
        let line = line.expect("a line");
        if line.contains("S3 API server listening") {
            std::thread::spawn(move || lines.for_each(drop));
            return;
        }
        writeln!(seen, "{line}").expect("write");
    }
    panic!("garage ended:\n{seen}");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    listener.local_addr().expect("address").port()
}

fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes[..]);
    hex::encode(bytes)
}

fn write_settings(directory: &Path, port: u16) -> PathBuf {
    let (path, rpc, secret) = (directory.display(), free_port(), random_hex::<32>());
    let settings = format!(
        r#"
        metadata_dir = "{path}/meta"
        data_dir = "{path}/data"
        db_engine = "lmdb"
        replication_factor = 1
        rpc_bind_addr = "127.0.0.1:{rpc}"
        rpc_public_addr = "127.0.0.1:{rpc}"
        rpc_secret = "{secret}"
        [s3_api]
        s3_region = "garage"
        api_bind_addr = "127.0.0.1:{port}"
        root_domain = ".s3.localhost"
        "#
    );
    let file = directory.join("garage.toml");
    std::fs::write(&file, settings).expect("write");
    file
}
