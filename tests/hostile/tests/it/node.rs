//! The node that is attacked: the `ouro` binary with a worker on it that did nothing wrong, and what must be true of both afterwards.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ouro_test_harness::{
    Api, Client, Deploy, Metrics, OuroProcess, TestServer, TestServerOptions, build_worker,
    eventually,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

/// 99 of 100 calls of the neighbour are answered within this, whatever goes on beside it: far more than it needs, and far less than what an
/// attack that is felt would take.
const NEIGHBOUR_P99: Duration = Duration::from_secs(2);
/// No call takes longer.
const NEIGHBOUR_MAX: Duration = Duration::from_secs(15);
/// Calls that may be slow however few there were: a machine that does something else for a moment is no attack.
const NEIGHBOUR_SLOW: u64 = 5;
const NEIGHBOUR_PAUSE: Duration = Duration::from_millis(20);
/// What the allocator, the warm instances and the code of the workers that attacked keep of it.
const MEMORY_LEFT_BYTES: u64 = 128 << 20;
const QUIET: &str = "export default { fetch: () => new Response('quiet') };";

pub struct Node {
    /// Gone before the process is.
    neighbour: Neighbour,
    process: OuroProcess,
    operator: Client,
    /// When nothing had been tried yet.
    memory_bytes: u64,
    data_dir: TempDir,
}

impl Node {
    /// `flags` as on the command line, beside those that all nodes here have.
    pub async fn start(flags: &[&str]) -> Self {
        let data_dir = tempfile::tempdir().expect("a folder");
        copy(template().await, data_dir.path());
        let operator = free_port();
        let listen = operator.to_string();
        let mut all = vec!["--metrics-listen", &listen];
        all.extend(["--instances-warm-max", "8", "--threads", "2"]);
        all.extend(["--executions-flush-ms", "10"]);
        all.extend(flags);
        let process = OuroProcess::serve(data_dir.path(), &all);
        let neighbour = Neighbour::watch(process.client.address());
        let node = Self {
            operator: Client::new(operator),
            memory_bytes: process.memory_bytes(),
            process,
            neighbour,
            data_dir,
        };
        node.is_unharmed("the start").await;
        node
    }

    pub fn api(&self) -> &Api {
        &self.process.api
    }

    pub fn client(&self) -> &Client {
        &self.process.client
    }

    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    pub async fn metrics(&self) -> Metrics {
        let page = self.operator.get("localhost", "/metrics").await;
        Metrics::parse(page.expect(200).text())
    }

    /// What is there now is what has to be there again at the end.
    pub fn settle(&mut self) {
        self.memory_bytes = self.process.memory_bytes();
    }

    /// The host answers, and the neighbour always did.
    pub async fn is_unharmed(&self, after: &str) {
        let alive = self.operator.get("localhost", "/healthz").await;
        assert_eq!(alive.status, 200, "after {after}");
        let ready = self.operator.get("localhost", "/readyz").await;
        assert_eq!(ready.status, 200, "after {after}: {}", ready.text());
        self.neighbour.was_served(after).await;
    }

    /// No instance runs, no connection is open but the neighbour's and the test's own, and the memory is given back.
    pub async fn is_as_before(&self, after: &str) {
        self.is_unharmed(after).await;
        eventually(&format!("no instance runs after {after}"), || async {
            // The neighbour's own may be among them.
            (self.metrics().await.get("ouro_instances", &[]) <= 1.0).then_some(())
        })
        .await;
        let most = self.memory_bytes + MEMORY_LEFT_BYTES;
        let end = Instant::now() + Duration::from_secs(20);
        while self.process.memory_bytes() > most {
            assert!(
                Instant::now() < end,
                "{} bytes of memory after {after}, {} before",
                self.process.memory_bytes(),
                self.memory_bytes
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Calls the quiet worker all the time.
struct Neighbour {
    seen: Arc<Mutex<Seen>>,
    calling: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    calls: u64,
    slow: u64,
    slowest: Duration,
    wrong: Vec<String>,
}

impl Neighbour {
    fn watch(address: SocketAddr) -> Self {
        let seen = Arc::<Mutex<Seen>>::default();
        let client = Client::new(address);
        let (note, it) = (seen.clone(), client);
        let calling = tokio::spawn(async move {
            loop {
                let begun = Instant::now();
                let answer = it.get("quiet.localhost", "/").await;
                let took = begun.elapsed();
                {
                    let mut seen = note.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.calls += 1;
                    seen.slow += u64::from(took > NEIGHBOUR_P99);
                    seen.slowest = seen.slowest.max(took);
                    if answer.status != 200 || &answer.body[..] != b"quiet" {
                        seen.wrong.push(format!("{answer:?}"));
                    }
                }
                tokio::time::sleep(NEIGHBOUR_PAUSE).await;
            }
        });
        Self { seen, calling }
    }

    /// Always in time, and once more from now on.
    async fn was_served(&self, after: &str) {
        let calls = self.seen().calls;
        eventually(
            &format!("the neighbour is served after {after}"),
            || async {
                // The one under way may have been answered before.
                (self.calling.is_finished() || self.seen().calls >= calls + 2).then_some(())
            },
        )
        .await;
        assert!(
            !self.calling.is_finished(),
            "after {after} the neighbour gets no answer"
        );
        let seen = self.seen();
        assert!(seen.wrong.is_empty(), "after {after}: {:?}", seen.wrong);
        assert!(
            seen.slow <= NEIGHBOUR_SLOW.max(seen.calls / 100) && seen.slowest < NEIGHBOUR_MAX,
            "after {after}: {} of {} calls of the neighbour took over {NEIGHBOUR_P99:?}, one of them {:?}",
            seen.slow,
            seen.calls,
            seen.slowest
        );
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.calling.abort();
    }
}

/// A data directory with the management API, the quiet worker and all native code that they need, to be copied: making it takes seconds.
async fn template() -> &'static Path {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    TEMPLATE.get_or_init(make_template).await
}

async fn make_template() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the one of the run before is gone");
    }
    let options = TestServerOptions {
        data_dir: Some(folder.clone()),
        ..TestServerOptions::with_built_management()
    };
    let server = TestServer::with(options).await;
    let quiet = build_worker(QUIET);
    let deployed = server.api.deploy("quiet", &quiet, Deploy::default()).await;
    deployed.expect(201);
    server.get("quiet", "/").await.expect(200);
    server.shut_down().await;
    folder
}

fn copy(from: &Path, to: &Path) {
    let mut source = from.as_os_str().to_owned();
    source.push("/.");
    let copied = Command::new("cp").arg("-a").arg(source).arg(to).status();
    assert!(copied.expect("cp").success());
}

/// Nobody else asks for it before the node does.
fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address")
}
