//! The `ouro` binary as a process of its own, to be killed at any moment.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::api::Api;
use crate::client::Client;
use crate::engines;

const START_TIMEOUT: Duration = Duration::from_secs(180);
const LINE_TIMEOUT: Duration = Duration::from_secs(30);

/// A running `ouro serve`. It is killed when it is dropped.
pub struct OuroProcess {
    child: Child,
    lines: Receiver<String>,
    /// Log lines that were read so far.
    pub log: Vec<String>,
    pub client: Client,
    pub api: Api,
}

impl OuroProcess {
    /// Starts a server on a free port and waits until it serves.
    pub fn serve(data_dir: &Path, flags: &[&str]) -> Self {
        engines::give_to(data_dir);
        let mut child = Self::command("serve")
            .args([
                "--listen",
                "127.0.0.1:0",
                "--log-format",
                "json",
                "--data-dir",
            ])
            .arg(data_dir)
            .args(flags)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process");
        let stderr = child.stderr.take().expect("its standard error");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let read = BufReader::new(stderr).lines().map_while(Result::ok);
            // The test may be over.
            read.for_each(|line| drop(sender.send(line)));
        });
        let mut log = Vec::new();
        let address = loop {
            let Ok(line) = lines.recv_timeout(START_TIMEOUT) else {
                let _ = child.kill();
                panic!("the server does not start:\n{}", log.join("\n"));
            };
            let address = serving_at(&line);
            log.push(line);
            if let Some(address) = address {
                break address;
            }
        };
        let token = std::fs::read_to_string(data_dir.join("admin-token")).expect("the token");
        let client = Client::new(address);
        let api = Api::new(client.clone(), token.trim());
        Self {
            child,
            lines,
            log,
            client,
            api,
        }
    }

    /// The binary with a subcommand. Variables of the test's own environment do not reach it.
    pub fn command(subcommand: &str) -> Command {
        let mut command = Command::new(binary());
        command.arg(subcommand);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("OURO_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs a command to its end, on a thread of its own: the test's runtime may be serving what the command waits for,
    /// such as a lock of the metadata store.
    pub async fn output(mut command: Command) -> Output {
        tokio::task::spawn_blocking(move || command.output())
            .await
            .expect("a thread")
            .expect("the command's output")
    }

    /// Waits for a line of the log, read as JSON, that the test is looking for.
    pub fn log_line(&mut self, what: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        loop {
            let Ok(line) = self.lines.recv_timeout(LINE_TIMEOUT) else {
                panic!(
                    "the line does not come; there were:\n{}",
                    self.log.join("\n")
                );
            };
            self.log.push(line.clone());
            if let Ok(line) = serde_json::from_str(&line)
                && what(&line)
            {
                return line;
            }
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().expect("a process to kill");
        self.child.wait().expect("its end");
    }

    /// Sends SIGTERM and goes on.
    pub fn terminate(&self) {
        let id = libc::pid_t::try_from(self.child.id()).expect("a process id");
        // SAFETY: the child has not been waited for, so its id is still its own.
        #[allow(unsafe_code)]
        let sent = unsafe { libc::kill(id, libc::SIGTERM) };
        assert_eq!(sent, 0, "SIGTERM could not be sent");
    }

    /// Waits for the end, and reads the rest of the log.
    pub fn wait(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().expect("its end");
        let mut log = std::mem::take(&mut self.log);
        log.extend(self.lines.iter());
        (status, log)
    }

    /// CPU time that the process has used (proc(5), `utime` and `stime`), in microseconds.
    pub fn cpu_us(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).expect("its times");
        // The name in parentheses may hold anything.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.map(|it| it.parse::<u64>().expect("a number")).sum();
        // Linux shows them in hundredths of a second (`USER_HZ`).
        ticks * 10_000
    }

    /// Memory that is the process's own, in bytes: anonymous pages in RAM (proc(5), `RssAnon`).
    pub fn memory_bytes(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("its status");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .expect("RssAnon");
        let kib: u64 = line
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number");
        kib * 1024
    }
}

impl Drop for OuroProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serving_at(line: &str) -> Option<SocketAddr> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let fields = &line["fields"];
    (fields["message"] == "serving").then(|| fields["address"].as_str()?.parse().ok())?
}

/// Beside the test's own binary, in the folder that cargo builds into.
fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.ancestors().nth(2).expect("cargo's target folder");
    let binary = folder.join("ouro");
    assert!(
        binary.exists(),
        "there is no `{}`: run `cargo build -p ouro-cli` first",
        binary.display()
    );
    binary
}
