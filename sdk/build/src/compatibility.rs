//! What a project's `compatibility_date` and `compatibility_flags` ask of the build, as Cloudflare documents them.

/// Which modules of Node.js a worker may import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeModules {
    None,
    /// `node:async_hooks` alone: the flag `nodejs_als`.
    AsyncHooks,
    /// With the prefix `node:` only, and without globals: `nodejs_compat` before 2024-09-23.
    Prefixed,
    /// With and without the prefix, and the globals of Node.js.
    All,
}

/// From this date on `nodejs_compat` needs no flag.
const DEFAULT_DATE: &str = "2026-08-04";
/// From this date on `nodejs_compat` means `nodejs_compat_v2`.
const V2_DATE: &str = "2024-09-23";
/// From this date on `process.env` holds the vars and secrets of the worker.
const POPULATED_ENV_DATE: &str = "2025-04-01";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compatibility {
    /// As in `2026-11-01`; none stands for today.
    pub date: Option<String>,
    pub flags: Vec<String>,
}

impl Compatibility {
    pub fn node_modules(&self) -> NodeModules {
        if self.has("nodejs_compat_v2") {
            NodeModules::All
        } else if self.has("nodejs_compat") || self.is_default() {
            if self.switched("nodejs_compat_v2", "no_nodejs_compat_v2", V2_DATE) {
                NodeModules::All
            } else {
                NodeModules::Prefixed
            }
        } else if self.has("nodejs_als") {
            NodeModules::AsyncHooks
        } else {
            NodeModules::None
        }
    }

    /// A worker without a date has to name the flag.
    fn is_default(&self) -> bool {
        !self.has("no_nodejs_compat")
            && self
                .date
                .as_deref()
                .is_some_and(|date| date >= DEFAULT_DATE)
    }

    /// Does `process.env` begin with the vars and secrets?
    pub fn populates_process_env(&self) -> bool {
        self.switched(
            "nodejs_compat_populate_process_env",
            "nodejs_compat_do_not_populate_process_env",
            POPULATED_ENV_DATE,
        )
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|other| other == flag)
    }

    /// A behaviour that one flag turns on, another off, and the date otherwise. Dates of this form sort as text.
    fn switched(&self, on: &str, off: &str, since: &str) -> bool {
        if self.has(on) || self.has(off) {
            return self.has(on);
        }
        self.date.as_deref().is_none_or(|date| date >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(date: Option<&str>, flags: &[&str]) -> Compatibility {
        Compatibility {
            date: date.map(str::to_owned),
            flags: flags.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn the_modules_of_node_depend_on_flag_and_date() {
        let modules = |date, flags: &[&str]| of(date, flags).node_modules();
        assert_eq!(modules(None, &[]), NodeModules::None);
        assert_eq!(modules(None, &["nodejs_als"]), NodeModules::AsyncHooks);
        assert_eq!(modules(None, &["nodejs_compat"]), NodeModules::All);
        assert_eq!(modules(Some("2026-08-04"), &[]), NodeModules::All);
        assert_eq!(modules(Some("2026-08-03"), &[]), NodeModules::None);
        let off = ["no_nodejs_compat"];
        assert_eq!(modules(Some("2026-08-04"), &off), NodeModules::None);
        let before = Some("2024-09-22");
        assert_eq!(modules(before, &["nodejs_compat"]), NodeModules::Prefixed);
        assert_eq!(modules(before, &["nodejs_compat_v2"]), NodeModules::All);
        let both = ["nodejs_compat", "no_nodejs_compat_v2"];
        assert_eq!(modules(None, &both), NodeModules::Prefixed);
        assert_eq!(
            modules(Some("2024-09-23"), &["nodejs_compat"]),
            NodeModules::All
        );
    }

    #[test]
    fn the_environment_of_the_process_is_populated_from_a_date_on() {
        assert!(of(None, &[]).populates_process_env());
        assert!(of(Some("2025-04-01"), &[]).populates_process_env());
        assert!(!of(Some("2025-03-31"), &[]).populates_process_env());
        let off = ["nodejs_compat_do_not_populate_process_env"];
        assert!(!of(None, &off).populates_process_env());
    }
}
