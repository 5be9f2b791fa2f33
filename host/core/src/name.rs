//! Worker names: one DNS label (RFC 1123 2.1), in lower case, since they stand in host names.

/// Why a name is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is not a worker name: expected 1 to 63 of a-z, 0-9 and -, neither first nor last being -"
)]
pub struct InvalidName {
    pub name: String,
}

/// The worker that serves the management API on the bare base domain.
pub const MANAGEMENT: &str = "management";

pub fn check_worker_name(name: &str) -> Result<(), InvalidName> {
    let label = matches!(name.len(), 1..=63)
        && name
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !name.starts_with('-')
        && !name.ends_with('-');
    if label {
        Ok(())
    } else {
        Err(InvalidName {
            name: name.chars().take(80).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dns_label_is_a_worker_name() {
        for name in ["a", "hello", "my-worker-2", "0"] {
            assert_eq!(check_worker_name(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for name in ["", "-a", "a-", "A", "a.b", "a_b", "ü", &"x".repeat(64)] {
            assert!(check_worker_name(name).is_err(), "{name}");
        }
    }
}
