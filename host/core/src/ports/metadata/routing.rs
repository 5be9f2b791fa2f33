//! What is served beside the live version of a worker.

use crate::WorkerVersion;
use crate::id::{VersionId, WorkerId};

/// How fine percentages are: hundredths of one percent of all requests.
pub const WHOLE: u32 = 10_000;

/// A live deployment of several versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    pub worker: WorkerId,
    /// Newest version first, so that a version which gets more keeps those whom it had. [`WHOLE`] together.
    pub shares: Vec<(VersionId, u32)>,
    /// Clients without a version key are given one.
    pub is_sticky: bool,
}

/// A customer's domain that is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// In lower case, without a dot at its end.
    pub name: String,
    pub worker: WorkerId,
}

/// What a name in front of a worker's name means.
#[derive(Clone, Debug, PartialEq)]
pub enum NamedVersion {
    Version(Box<WorkerVersion>),
    /// More than one version's id begins so.
    Ambiguous,
    Unknown,
}

/// Whether a name may be the beginning of a version's id, the digits after `ver_`. No alias is called so.
pub fn is_version_beginning(name: &str) -> bool {
    matches!(name.len(), 8..=32) && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// A percentage as it is stored, in hundredths of one percent.
pub fn hundredths(percentage: f64) -> u32 {
    // The cast saturates, and takes what is no number for 0.
    (percentage * 100.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_version_s_id_is_at_least_eight_digits() {
        for name in ["01234567", "abcdef0123", "0123456789abcdef0123456789abcdef"] {
            assert!(is_version_beginning(name), "{name}");
        }
        for name in [
            "0123456",
            "ABCDEF01",
            "abcdefg0",
            "0123456789abcdef0123456789abcdef0",
            "",
        ] {
            assert!(!is_version_beginning(name), "{name}");
        }
    }

    #[test]
    fn percentages_are_rounded_to_what_is_distinguished() {
        let shares = [33.34, 66.66, 0.01, 99.99, 10.0];
        assert_eq!(shares.map(hundredths), [3334, 6666, 1, 9999, 1000]);
    }
}
