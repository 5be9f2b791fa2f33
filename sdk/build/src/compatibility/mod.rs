//! What a project's `compatibility_date` and `compatibility_flags` ask of the build, as Cloudflare documents them.

mod known;

use known::KNOWN;

/// What an older date, or a flag, brings back. Each is a provided module that the entry imports before anything else.
struct Legacy {
    /// The flag that asks for the behaviour of today, and the one that asks for the former one.
    today: &'static str,
    former: &'static str,
    since: &'static str,
    module: &'static str,
}

const LEGACY: [Legacy; 5] = [
    Legacy {
        today: "formdata_parser_supports_files",
        former: "formdata_parser_converts_files_to_strings",
        since: "2021-11-03",
        module: "ouro:globals/form-data-of-strings",
    },
    Legacy {
        today: "global_navigator",
        former: "no_global_navigator",
        since: "2022-03-21",
        module: "ouro:globals/no-navigator",
    },
    Legacy {
        today: "http_headers_getsetcookie",
        former: "no_http_headers_getsetcookie",
        since: "2023-03-01",
        module: "ouro:globals/no-get-set-cookie",
    },
    Legacy {
        today: "urlsearchparams_delete_has_value_arg",
        former: "no_urlsearchparams_delete_has_value_arg",
        since: "2023-07-01",
        module: "ouro:globals/search-params-by-name",
    },
    Legacy {
        today: "enable_navigator_language",
        former: "disable_navigator_language",
        since: "2025-05-19",
        module: "ouro:globals/no-navigator-language",
    },
];

/// Flags that ask for something that is not here.
const ABSENT: [(&str, &str); 7] = [
    ("python_workers", "workers in Python"),
    ("new_module_registry", "another module registry"),
    ("enable_web_file_system", "a file system"),
    ("typescript_strip_types", "modules that are not bundled"),
    ("unsafe_module", "the module `workerd:unsafe`"),
    ("rtti_api", "the module `workerd:rtti`"),
    ("enable_request_signal", "`request.signal` that aborts"),
];

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
const NODE_TIMERS_DATE: &str = "2026-02-10";

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

    /// Are the timers that the globals make objects, as those of Node.js? Without its modules they are numbers.
    pub fn has_node_timers(&self) -> bool {
        self.switched(
            "enable_nodejs_global_timers",
            "no_nodejs_global_timers",
            NODE_TIMERS_DATE,
        )
    }

    /// Provided modules that bring former behaviour back.
    pub fn legacy_modules(&self) -> Vec<&'static str> {
        let is_former = |it: &&Legacy| !self.switched(it.today, it.former, it.since);
        LEGACY
            .iter()
            .filter(is_former)
            .map(|it| it.module)
            .collect()
    }

    /// Whether `import { env } from "cloudflare:workers"` holds anything.
    pub fn env_is_importable(&self) -> bool {
        !self.has("disallow_importable_env")
    }

    /// What the flags ask for in vain.
    pub fn warnings(&self) -> Vec<String> {
        let warning = |flag: &String| {
            if let Some((_, what)) = ABSENT.iter().find(|(name, _)| name == flag) {
                return Some(format!("compatibility flag `{flag}`: Ouro has no {what}"));
            }
            let known = KNOWN.binary_search(&flag.as_str()).is_ok();
            (!known).then(|| format!("compatibility flag `{flag}` is not known and has no effect"))
        };
        self.flags.iter().filter_map(warning).collect()
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
    fn the_known_flags_are_sorted_and_hold_those_that_have_an_effect() {
        assert!(KNOWN.is_sorted());
        let flags = LEGACY.iter().flat_map(|it| [it.today, it.former]);
        for flag in flags.chain(["nodejs_compat", "nodejs_compat_v2", "nodejs_als"]) {
            assert!(KNOWN.contains(&flag), "{flag}");
        }
    }

    #[test]
    fn an_old_date_brings_former_behaviour_back() {
        assert!(of(None, &[]).legacy_modules().is_empty());
        assert!(of(Some("2026-11-01"), &[]).legacy_modules().is_empty());
        assert_eq!(
            of(Some("2021-01-01"), &[]).legacy_modules().len(),
            LEGACY.len()
        );
        let modules = of(Some("2021-01-01"), &["global_navigator"]).legacy_modules();
        assert!(!modules.contains(&"ouro:globals/no-navigator"));
        let modules = of(None, &["no_global_navigator"]).legacy_modules();
        assert_eq!(modules, ["ouro:globals/no-navigator"]);
    }

    #[test]
    fn flags_that_nobody_knows_are_warned_of() {
        assert!(of(None, &["nodejs_compat", "rpc"]).warnings().is_empty());
        let warnings = of(None, &["nodejs_compatt", "python_workers"]).warnings();
        assert!(warnings[0].contains("`nodejs_compatt` is not known"));
        assert!(warnings[1].contains("workers in Python"));
    }

    #[test]
    fn the_environment_of_the_process_is_populated_from_a_date_on() {
        assert!(of(None, &[]).populates_process_env());
        assert!(of(Some("2025-04-01"), &[]).populates_process_env());
        assert!(!of(Some("2025-03-31"), &[]).populates_process_env());
        let off = ["nodejs_compat_do_not_populate_process_env"];
        assert!(!of(None, &off).populates_process_env());
    }

    #[test]
    fn timers_are_objects_from_a_date_on() {
        assert!(of(Some("2026-02-10"), &[]).has_node_timers());
        assert!(!of(Some("2026-02-09"), &[]).has_node_timers());
        assert!(of(Some("2024-01-01"), &["enable_nodejs_global_timers"]).has_node_timers());
        assert!(!of(None, &["no_nodejs_global_timers"]).has_node_timers());
    }
}
