//! A server process pinned to a core, and what the kernel says it used.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The core that servers run on. The load runs on the other ones.
pub const SERVER_CORE: usize = 0;

pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// Totals of a process since it began.
#[derive(Clone, Copy)]
pub struct Usage {
    pub cpu: Duration,
    pub minor_faults: u64,
}

/// Memory of a process now, in bytes.
#[derive(Clone, Copy)]
pub struct Memory {
    pub resident: u64,
    pub anonymous: u64,
}

impl Server {
    /// Starts a command on the server core and waits until it accepts connections.
    pub fn start(mut command: Command, address: SocketAddr, log: &Path) -> Result<Self> {
        let log_file = fs::File::create(log)?;
        command
            .stdin(Stdio::null())
            .stdout(log_file.try_clone()?)
            .stderr(log_file);
        // SAFETY: the closure only makes a system call that is safe between fork and exec.
        #[allow(unsafe_code)]
        unsafe {
            command.pre_exec(|| pin(&[SERVER_CORE]))
        };
        let child = command
            .spawn()
            .with_context(|| format!("starting {command:?}"))?;
        let mut server = Self { child, address };
        let give_up = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!(
                    "{command:?} ended with {status}: {}",
                    fs::read_to_string(log)?
                );
            }
            if Instant::now() > give_up {
                bail!(
                    "{command:?} does not listen on {address}: {}",
                    fs::read_to_string(log)?
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    pub fn usage(&self) -> Result<Usage> {
        let id = self.child.id();
        let mut cpu = Duration::ZERO;
        for task in fs::read_dir(format!("/proc/{id}/task"))? {
            // A thread may end between the listing and the reading.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
                continue;
            };
            let nanoseconds = text.split(' ').next().context("schedstat")?.parse()?;
            cpu += Duration::from_nanos(nanoseconds);
        }
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        let fields = stat
            .rsplit_once(')')
            .context("stat")?
            .1
            .split_whitespace()
            .collect::<Vec<_>>();
        Ok(Usage {
            cpu,
            minor_faults: fields[7].parse()?,
        })
    }

    pub fn memory(&self) -> Result<Memory> {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let kib = |name: &str| -> Result<u64> {
            let line = text
                .lines()
                .find(|line| line.starts_with(name))
                .with_context(|| name.to_owned())?;
            Ok(line
                .split_whitespace()
                .nth(1)
                .context("a number")?
                .parse::<u64>()?
                * 1024)
        };
        Ok(Memory {
            resident: kib("Rss:")?,
            anonymous: kib("Anonymous:")?,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good as killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nothing listens on now.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Keeps the calling thread on these cores.
#[allow(unsafe_code)]
pub fn pin(cores: &[usize]) -> std::io::Result<()> {
    // SAFETY: the set is a plain bit field that lives on this stack frame.
    let result = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        for core in cores {
            libc::CPU_SET(*core, &mut set);
        }
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set)
    };
    if result == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}
