//! A server in this process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bytes::Bytes;
use ouro_server::{Config, Layers, Server};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::api::{Api, Deploy};
use crate::client::{Answer, Client};
use crate::engines;
use crate::metrics::Metrics;
use crate::source::{Component, build_worker, management_component, repository};

/// What a test changes of the defaults.
#[derive(Clone, Debug, Default)]
pub struct TestServerOptions {
    /// Configuration keys and values, as flags give them.
    pub config: Vec<(String, String)>,
    /// Serve from this directory instead of a new one.
    pub data_dir: Option<PathBuf>,
    /// Install this instead of the management API of the project.
    pub management: Option<Bytes>,
}

impl TestServerOptions {
    /// Takes the management API that the build left, where it did: building one takes a while.
    pub fn with_built_management() -> Self {
        let built = repository().join("management/dist/management.wasm");
        Self {
            management: std::fs::read(built).ok().map(Into::into),
            ..Self::default()
        }
    }

    pub fn set(mut self, key: &str, value: impl ToString) -> Self {
        self.config.push((key.to_owned(), value.to_string()));
        self
    }
}

/// The server that most tests share: it is started once, and ends with the process.
struct Shared {
    address: SocketAddr,
    token: String,
    data_dir: PathBuf,
    _server: Server,
}

/// A running server. Dropping it leaves it to the end of the test's runtime; [`TestServer::shut_down`] drains it.
pub struct TestServer {
    server: Option<Server>,
    pub client: Client,
    pub api: Api,
    data_dir: PathBuf,
    /// Deleted with the server.
    _folder: Option<TempDir>,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(TestServerOptions::default()).await
    }

    /// The one server of this process, on its default configuration. Tests tell themselves apart by their workers' names.
    pub async fn shared() -> Self {
        static SHARED: OnceLock<Shared> = OnceLock::new();
        // Away from the caller's runtime, which ends with its test while the server goes on.
        let started = tokio::task::spawn_blocking(|| SHARED.get_or_init(start_shared)).await;
        let shared = started.expect("a shared server");
        let client = Client::new(shared.address);
        let api = Api::new(client.clone(), &shared.token);
        Self {
            server: None,
            client,
            api,
            data_dir: shared.data_dir.clone(),
            _folder: None,
        }
    }

    pub async fn with(options: TestServerOptions) -> Self {
        let folder = options
            .data_dir
            .is_none()
            .then(|| tempfile::tempdir().expect("a folder"));
        let data_dir = match (&options.data_dir, &folder) {
            (Some(path), _) => path.clone(),
            (None, Some(folder)) => folder.path().join("data"),
            (None, None) => unreachable!("one of the two is there"),
        };
        if folder.is_some() {
            engines::give_to(&data_dir);
        }
        let management = options
            .management
            .unwrap_or_else(|| management_component().bytes);
        let server = Server::start(config(&data_dir, &options.config), Some(management)).await;
        let server = server.unwrap_or_else(|error| panic!("the server does not start: {error:#}"));
        let token = std::fs::read_to_string(server.admin_token_file()).expect("the token");
        let client = Client::new(server.address());
        let api = Api::new(client.clone(), token.trim());
        Self {
            server: Some(server),
            client,
            api,
            data_dir,
            _folder: folder,
        }
    }

    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Builds the source and makes it live under the name.
    pub async fn deploy(&self, name: &str, source: &str) {
        self.api
            .deploy(name, &build_worker(source), Deploy::default())
            .await
            .expect(201);
    }

    pub async fn deploy_with(&self, name: &str, source: &str, deploy: Deploy) {
        self.api
            .deploy(name, &build_worker(source), deploy)
            .await
            .expect(201);
    }

    pub async fn deploy_component(&self, name: &str, component: &Component) {
        self.api
            .deploy(name, component, Deploy::default())
            .await
            .expect(201);
    }

    /// The operator's port, where `metrics.listen` is given.
    pub fn operator(&self) -> Option<Client> {
        let address = self.server.as_ref()?.operator_address();
        address.map(Client::new)
    }

    /// What the operator's port tells.
    pub async fn metrics(&self) -> Metrics {
        let operator = self.operator().expect("an operator's port");
        let page = operator.get("localhost", "/metrics").await.expect(200);
        Metrics::parse(page.text())
    }

    pub async fn get(&self, worker: &str, path: &str) -> Answer {
        self.client.get(&host(worker), path).await
    }

    pub async fn post(&self, worker: &str, path: &str, body: impl Into<Bytes>) -> Answer {
        self.client.post(&host(worker), path, body).await
    }

    /// Drains, as SIGTERM does.
    pub async fn shut_down(mut self) {
        if let Some(server) = self.server.take() {
            server.shut_down().await;
        }
    }
}

fn start_shared() -> Shared {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"));
    let data_dir = shared_folder();
    engines::give_to(&data_dir);
    let config = config(&data_dir, &[("instances_max".to_owned(), "100".to_owned())]);
    let server = runtime.block_on(Server::start(config, Some(management_component().bytes)));
    let server = server.unwrap_or_else(|error| panic!("the server does not start: {error:#}"));
    let token = std::fs::read_to_string(server.admin_token_file()).expect("the token");
    Shared {
        address: server.address(),
        token: token.trim().to_owned(),
        data_dir,
        _server: server,
    }
}

/// A folder that carries this process's id. Nobody can delete it at the end of the process, so the next one does.
fn shared_folder() -> PathBuf {
    let folders = std::env::temp_dir().join("ouro-shared-test-servers");
    std::fs::create_dir_all(&folders).expect("a folder");
    for folder in std::fs::read_dir(&folders).expect("a folder").flatten() {
        if !Path::new("/proc").join(folder.file_name()).exists() {
            // Another process may be doing the same.
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
    folders.join(std::process::id().to_string())
}

/// The host name that serves a worker.
fn host(worker: &str) -> String {
    format!("{worker}.localhost")
}

pub(crate) fn config(data_dir: &Path, flags: &[(String, String)]) -> Config {
    // Few slots: each test of a process reserves address space for its own.
    let defaults = [
        ("data_dir", data_dir.display().to_string()),
        ("listen", "127.0.0.1:0".to_owned()),
        ("instances_max", "20".to_owned()),
        ("threads", "2".to_owned()),
        ("executions.flush_ms", "10".to_owned()),
        // Where the servers are that workers of tests ask.
        ("outbound.allow", "127.0.0.0/8, ::1".to_owned()),
    ];
    let defaults = defaults
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    let flags = defaults.chain(flags.iter().cloned()).collect();
    let layers = Layers {
        flags,
        ..Layers::default()
    };
    layers.load().unwrap_or_else(|error| panic!("{error}"))
}
