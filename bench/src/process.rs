//! A server process pinned to a core, and what the kernel says it used.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

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
    pub fn start(command: Command, address: SocketAddr, log: &Path) -> Result<Self> {
        Self::start_on(&[SERVER_CORE], command, address, log)
    }

    pub fn start_on(
        cores: &[usize],
        mut command: Command,
        address: SocketAddr,
        log: &Path,
    ) -> Result<Self> {
        let log_file = fs::File::create(log)?;
        command
            .stdin(Stdio::null())
            .stdout(log_file.try_clone()?)
            .stderr(log_file);
        let cores = cores.to_vec();
        // SAFETY: the closure only makes a system call that is safe between fork and exec.
        #[allow(unsafe_code)]
        unsafe {
            command.pre_exec(move || pin(&cores))
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
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(server)
    }

    /// Of the process and of those that it started.
    pub fn usage(&self) -> Result<Usage> {
        let mut total = Usage {
            cpu: Duration::ZERO,
            minor_faults: 0,
        };
        for id in self.family() {
            let usage = usage(id)?;
            total.cpu += usage.cpu;
            total.minor_faults += usage.minor_faults;
        }
        Ok(total)
    }

    /// The process, and after it those that it started.
    fn family(&self) -> Vec<u32> {
        let mut family = vec![self.child.id()];
        let mut at = 0;
        while let Some(id) = family.get(at) {
            family.extend(children(*id));
            at += 1;
        }
        family
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
        let family = self.family();
        // Already gone is as good as killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for id in &family[1..] {
            kill(*id);
        }
    }
}

fn usage(id: u32) -> Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let fields = stat
        .rsplit_once(')')
        .context("stat")?
        .1
        .split_whitespace()
        .collect::<Vec<_>>();
    Ok(Usage {
        cpu: cpu_time(id)?,
        minor_faults: fields[7].parse()?,
    })
}

/// Of all threads, also of those that have ended.
#[allow(unsafe_code)]
fn cpu_time(id: u32) -> Result<Duration> {
    let mut clock = 0;
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: both calls only write to the places that they are given, which live on this stack frame.
    let result = unsafe {
        match libc::clock_getcpuclockid(id.cast_signed(), &raw mut clock) {
            0 => libc::clock_gettime(clock, &raw mut time),
            _ => -1,
        }
    };
    ensure!(result == 0, "the CPU time of process {id} cannot be read");
    Ok(Duration::new(
        time.tv_sec.cast_unsigned(),
        u32::try_from(time.tv_nsec)?,
    ))
}

fn children(id: u32) -> Vec<u32> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{id}/task")) else {
        return Vec::new();
    };
    let listed = tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    listed
        .flat_map(|ids| {
            ids.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

#[allow(unsafe_code)]
fn kill(id: u32) {
    // SAFETY: sending a signal touches no memory of this process.
    unsafe { libc::kill(id.cast_signed(), libc::SIGKILL) };
}

/// Those that this program was started on.
pub fn all_cores() -> Vec<usize> {
    // Pinning this program changes the answer.
    static COUNT: OnceLock<usize> = OnceLock::new();
    let count = COUNT.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from));
    (0..*count).collect()
}

/// Those that the load runs on.
pub fn load_cores() -> Vec<usize> {
    let mut cores = all_cores();
    if cores.len() > 1 {
        cores.retain(|core| *core != SERVER_CORE);
    }
    cores
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
