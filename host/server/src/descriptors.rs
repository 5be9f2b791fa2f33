//! File descriptors of the process: each connection takes one, and each worker that is called often.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Each takes a mapping too, of which the kernel gives a process some 65,000.
const WORKERS_MAX: u64 = 8192;

/// Raises the limit as far as the system lets it, and answers how many there may be.
pub fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum.unwrap_or(u64::MAX),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            current.unwrap_or(u64::MAX)
        }
    }
}

/// Connections of clients that may be open with so many: the rest is for what requests need, such as databases and other servers.
pub fn of_connections(descriptors: u64) -> usize {
    usize::try_from(descriptors / 4 * 3).unwrap_or(usize::MAX)
}

/// How many workers that are called often may take.
pub fn of_workers(descriptors: u64) -> u32 {
    (descriptors / 2).min(WORKERS_MAX) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_take_three_quarters() {
        assert_eq!(of_connections(1024), 768);
    }

    #[test]
    fn workers_take_half_of_the_descriptors_and_no_more_than_the_kernel_has_mappings() {
        assert_eq!(of_workers(1024), 512);
        assert_eq!(of_workers(u64::MAX), 8192);
    }

    #[test]
    fn the_limit_is_what_the_system_allows() {
        let limit = raise();
        assert_eq!(
            getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX),
            limit
        );
    }
}
