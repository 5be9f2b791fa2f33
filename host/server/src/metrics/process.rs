//! What Linux knows of this process (proc(5)). Where it cannot be read the figures are left out.

use std::fs;

/// Of the times in `/proc`, whatever the kernel itself ticks at.
const TICKS_PER_SECOND: f64 = 100.0;

/// In seconds.
pub fn cpu_time() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold spaces; fields 14 and 15 are counted from behind it.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut times = fields.split(' ').skip(11).map(str::parse::<u64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) as f64 / TICKS_PER_SECOND)
}

/// In bytes.
pub fn resident_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// The directory that is read is one of them.
pub fn open_files() -> Option<usize> {
    Some(fs::read_dir("/proc/self/fd").ok()?.count())
}

pub fn open_files_max() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let prefix = "Max open files";
    let line = limits.lines().find_map(|it| it.strip_prefix(prefix))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_those_of_a_process() {
        let memory = resident_memory().expect("memory");
        assert!((1 << 20..1 << 40).contains(&memory), "{memory}");
        assert!(cpu_time().expect("time") < 3600.0);
        let (open, max) = (open_files().expect("files"), open_files_max().expect("max"));
        assert!(open > 2 && open as u64 <= max, "{open} of {max}");
    }
}
