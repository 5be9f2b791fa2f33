//! The one table of configuration keys: names, types, defaults and what they mean. Flags, variables and the reference page follow from it.

use std::fmt::Write as _;

/// What a value is, in every layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Never printed.
    Secret,
    /// A whole number between the two.
    Number(u64, u64),
    Flag,
    OneOf(&'static [&'static str]),
}

/// One configuration key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted, as in TOML: the parts before the last dot are tables.
    pub path: &'static str,
    pub kind: Kind,
    /// As text; empty where there is none.
    pub default: &'static str,
    pub doc: &'static str,
}

impl Key {
    /// `artifacts.s3.bucket` is `OURO_ARTIFACTS_S3_BUCKET`.
    pub fn variable(&self) -> String {
        format!("OURO_{}", self.path.replace('.', "_").to_ascii_uppercase())
    }

    /// `data_dir` is `--data-dir`.
    pub fn flag(&self) -> String {
        format!("--{}", self.path.replace(['.', '_'], "-"))
    }
}

const fn key(path: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Key {
    Key {
        path,
        kind,
        default,
        doc,
    }
}

pub const KEYS: &[Key] = &[
    key(
        "data_dir",
        Kind::Text,
        "./data",
        "Folder for everything the host keeps. Made with mode 0700 where it is absent. One server uses it at a time.",
    ),
    key(
        "listen",
        Kind::Text,
        "127.0.0.1:8080",
        "Address and port that HTTP is served on.",
    ),
    key(
        "base_domain",
        Kind::Text,
        "localhost",
        "A worker is served at `<worker>.<base_domain>`, a version of it at `<alias or version>.<worker>.<base_domain>`, the management API at the bare name.",
    ),
    key(
        "public_url",
        Kind::Text,
        "",
        "How clients reach the management API, such as `https://ouro.example.org`. Where it is empty: `http://`, the base domain and the port of `listen`.",
    ),
    key(
        "trust_forwarded_host",
        Kind::Flag,
        "false",
        "Take the host from `X-Forwarded-Host`, the scheme from `X-Forwarded-Proto` and the client's address from the end of `X-Forwarded-For`. Only behind a proxy that sets all three.",
    ),
    key(
        "colo",
        Kind::Text,
        "LOCAL",
        "Name of this node's place, as workers see it in `request.cf.colo` and `cf-ray`.",
    ),
    key(
        "test_scheduled",
        Kind::Flag,
        "false",
        "Answer `/__scheduled` and `/cdn-cgi/handler/…` of every worker by running its other handlers. For development only: anyone can call them.",
    ),
    key(
        "threads",
        Kind::Number(0, 1024),
        "0",
        "Threads that serve requests. 0 is one for each core.",
    ),
    key(
        "instances_max",
        Kind::Number(1, 100_000),
        "1000",
        "Invocations of workers that run at once; the management API has 16 more. One too many is answered with 503. Half of them may hold WebSockets, a quarter those of one worker.",
    ),
    key(
        "instances_warm_max",
        Kind::Number(0, 100_000),
        "256",
        "Instances that keep up to 1 MiB of memory each after an invocation, so that the next one of the same worker starts without page faults.",
    ),
    key(
        "code_bytes_max",
        Kind::Number(1 << 20, 1 << 50),
        "1073741824",
        "Code and snapshots of workers that are kept in memory, in bytes. What was called longest ago is given up first, and read again when it is called.",
    ),
    key(
        "assets_bytes_max",
        Kind::Number(0, 1 << 50),
        "67108864",
        "Assets of up to 256 KiB that are kept in memory, in bytes. What was not asked for lately is given up first, and read from the store again.",
    ),
    key(
        "head_timeout_ms",
        Kind::Number(100, 3_600_000),
        "30000",
        "Time for the head of a request to arrive, in milliseconds; also how long a connection is kept that is idle, or whose client takes nothing of its answer.",
    ),
    key(
        "drain_timeout_ms",
        Kind::Number(0, 3_600_000),
        "30000",
        "Time that requests and `waitUntil` promises get to finish after SIGTERM, in milliseconds.",
    ),
    key(
        "limits.cpu_ms_max",
        Kind::Number(1, 86_400_000),
        "300000",
        "Most CPU time that a version's limits can grant to an invocation, in milliseconds.",
    ),
    key(
        "limits.wall_ms_max",
        Kind::Number(1, 86_400_000),
        "300000",
        "Most time that a version's limits can grant to an invocation, in milliseconds.",
    ),
    key(
        "limits.memory_bytes_max",
        Kind::Number(1 << 20, 1 << 30),
        "1073741824",
        "Most memory that a version's limits can grant to an invocation, in bytes.",
    ),
    key(
        "limits.request_body_bytes_max",
        Kind::Number(0, 1 << 50),
        "1073741824",
        "Longest body of a request that a version's limits can grant, in bytes.",
    ),
    key(
        "limits.response_body_bytes_max",
        Kind::Number(0, 1 << 50),
        "1099511627776",
        "Longest body of a response that a version's limits can grant, in bytes.",
    ),
    key(
        "limits.header_bytes_max",
        Kind::Number(8192, 1 << 20),
        "65536",
        "Largest header section of a request or of a response that a version's limits can grant, in bytes. A head over it is answered with 431 before its worker is known.",
    ),
    key(
        "limits.header_count_max",
        Kind::Number(1, 10_000),
        "100",
        "Most header fields of a request or of a response that a version's limits can grant. A head with more is answered with 431 before its worker is known.",
    ),
    key(
        "limits.subrequests_max",
        Kind::Number(0, 1_000_000),
        "10000",
        "Most subrequests that a version's limits can grant to an invocation.",
    ),
    key(
        "limits.subrequests_at_once_max",
        Kind::Number(1, 1_000),
        "64",
        "Most subrequests that a version's limits can grant to an invocation at once.",
    ),
    key(
        "limits.operations_max",
        Kind::Number(0, 1_000_000),
        "10000",
        "Most uses of bindings that a version's limits can grant to an invocation.",
    ),
    key(
        "limits.console_bytes_max",
        Kind::Number(0, 1 << 24),
        "1048576",
        "Most bytes of console lines that a version's limits can grant to an invocation.",
    ),
    key(
        "limits.websockets_max",
        Kind::Number(0, 1_000),
        "1000",
        "Most open WebSockets that a version's limits can grant to an invocation.",
    ),
    key(
        "limits.invocations_at_once_max",
        Kind::Number(1, 100_000),
        "1000",
        "Most invocations of one worker at once that a version's limits can grant.",
    ),
    key(
        "outbound.allow",
        Kind::Text,
        "",
        "Networks that workers reach beside the public internet, with commas between: `10.0.0.0/8, 127.0.0.1:5432, [::1]:80`. Loopback, link-local, private and metadata addresses, and those of this machine, are refused otherwise.",
    ),
    key(
        "outbound.extra_ca_file",
        Kind::Text,
        "",
        "PEM file of certificate authorities that `fetch` and WebSockets of workers trust beside the system's, such as an internal one.",
    ),
    key(
        "cache.bytes_max",
        Kind::Number(1 << 20, 1 << 40),
        "134217728",
        "Memory for the Cache API of all workers, in bytes. One worker gets a quarter of it at most, one response a quarter of that.",
    ),
    key(
        "crons.seconds",
        Kind::Flag,
        "true",
        "Take cron expressions of six fields, the first of which is the second. What is there already goes on.",
    ),
    key(
        "executions.plain_per_second",
        Kind::Number(0, 1_000_000),
        "1000",
        "Execution records of successes without console lines that are kept per second; more are counted and dropped.",
    ),
    key(
        "executions.notable_per_second",
        Kind::Number(0, 1_000_000),
        "2000",
        "Execution records of failures and of invocations with console lines that are kept per second; more are counted and dropped.",
    ),
    key(
        "executions.queue_max",
        Kind::Number(2, 1_000_000),
        "10000",
        "Execution records that wait to be stored; more are counted and dropped.",
    ),
    key(
        "executions.batch_max",
        Kind::Number(1, 10_000),
        "500",
        "Execution records stored at once.",
    ),
    key(
        "executions.flush_ms",
        Kind::Number(10, 60_000),
        "500",
        "Longest time that an execution record waits for its batch, in milliseconds.",
    ),
    key(
        "executions.retention_days",
        Kind::Number(1, 36_500),
        "30",
        "Days that execution records are kept.",
    ),
    key(
        "artifacts.backend",
        Kind::OneOf(&["filesystem", "s3"]),
        "filesystem",
        "Where components and assets lie: below `data_dir`, or in a bucket.",
    ),
    key(
        "artifacts.s3.endpoint",
        Kind::Text,
        "",
        "URL of the S3 service. Where it is empty: that of AWS in the region.",
    ),
    key(
        "artifacts.s3.bucket",
        Kind::Text,
        "",
        "Bucket. It must exist.",
    ),
    key(
        "artifacts.s3.region",
        Kind::Text,
        "us-east-1",
        "Region of the bucket.",
    ),
    key("artifacts.s3.access_key_id", Kind::Text, "", "Access key."),
    key(
        "artifacts.s3.secret_access_key",
        Kind::Secret,
        "",
        "Secret of the access key. Better in a variable than in a file.",
    ),
    key(
        "artifacts.s3.path_style",
        Kind::Flag,
        "false",
        "Put the bucket into the path instead of the host name, as most services but AWS need it.",
    ),
    key(
        "artifacts.s3.prefix",
        Kind::Text,
        "",
        "Put before the name of every object.",
    ),
    key(
        "auth.jwt_access_secret",
        Kind::Secret,
        "",
        "Signs access tokens (what other systems call `JWT_ACCESS_SECRET`); at least 32 characters. Where it is empty, a key is derived from the host key. Another one ends all sessions.",
    ),
    key(
        "auth.jwt_refresh_secret",
        Kind::Secret,
        "",
        "Signs refresh tokens (what other systems call `JWT_REFRESH_SECRET`), likewise; not the same as that of access tokens.",
    ),
    key(
        "auth.jwt_secret",
        Kind::Secret,
        "",
        "Signs anon tokens (what other systems call `JWT_SECRET`), likewise.",
    ),
    key(
        "auth.operator_tokens",
        Kind::Secret,
        "",
        "Bearer tokens of the operator beside that in `admin-token`, separated by commas; at least 32 characters each. Better in a variable than in a file.",
    ),
    key(
        "auth.app_url",
        Kind::Text,
        "",
        "Origin of the dashboard, such as `https://app.example.org`: its pages may use a session's cookie, and browsers return to it after they have signed in. Empty for none.",
    ),
    key(
        "auth.sign_up",
        Kind::OneOf(&["open", "invited", "closed"]),
        "invited",
        "Who may make an account: everybody, who was invited, or nobody.",
    ),
    key(
        "domains.verify",
        Kind::Flag,
        "true",
        "Have who claims a custom domain prove it by a TXT record. `false` takes every claim for true: only where all users may be trusted with all names.",
    ),
    key(
        "domains.resolver",
        Kind::Text,
        "",
        "Address of the DNS server that is asked for these records, such as `9.9.9.9` or `127.0.0.1:5353`; empty for the system's.",
    ),
    key(
        "quotas.workers",
        Kind::Number(0, 1 << 53),
        "100",
        "Workers of an organization; 0 is as many as it likes.",
    ),
    key(
        "quotas.environments",
        Kind::Number(0, 1 << 53),
        "100",
        "Environments of an organization; 0 is as many as it likes.",
    ),
    key(
        "quotas.databases",
        Kind::Number(0, 1 << 53),
        "50",
        "Databases of an organization; 0 is as many as it likes.",
    ),
    key(
        "quotas.crons",
        Kind::Number(0, 1 << 53),
        "100",
        "Crons of an organization; 0 is as many as it likes.",
    ),
    key(
        "quotas.keys",
        Kind::Number(0, 1 << 53),
        "100",
        "API and service keys of an organization; 0 is as many as it likes.",
    ),
    key(
        "quotas.members",
        Kind::Number(0, 1 << 53),
        "100",
        "Members of an organization; 0 is as many as it likes.",
    ),
    key(
        "quotas.invitations",
        Kind::Number(0, 1 << 53),
        "100",
        "Invitations of an organization that are open; 0 is as many as it likes.",
    ),
    key(
        "quotas.issuers",
        Kind::Number(0, 1 << 53),
        "20",
        "Issuers whose tokens an organization accepts; 0 is as many as it likes.",
    ),
    key(
        "quotas.organizations_per_user",
        Kind::Number(0, 1 << 53),
        "10",
        "Organizations that a user may make; 0 is as many as it likes.",
    ),
    key(
        "quotas.storage_bytes",
        Kind::Number(0, 1 << 53),
        "0",
        "Bytes of the artifacts that an organization has uploaded; 0 is as many as it likes.",
    ),
    key(
        "quotas.requests_per_day",
        Kind::Number(0, 1 << 53),
        "0",
        "Invocations of an organization's workers in a day, in UTC, over all nodes; more are answered with 429. It is looked at every five seconds; 0 is as many as it likes.",
    ),
    key(
        "quotas.cpu_seconds_per_day",
        Kind::Number(0, 1 << 53),
        "0",
        "CPU time of an organization's workers in a day, in seconds, likewise; 0 is as many as it likes.",
    ),
    key(
        "quotas.grace_days",
        Kind::Number(0, 3650),
        "7",
        "Days between the deletion of an organization, at which its workers stop, and that of all it owns.",
    ),
    key(
        "metrics.listen",
        Kind::Text,
        "",
        "Address and port of `/metrics`, `/healthz` and `/readyz` for the operator, such as `127.0.0.1:9090`; empty for none. It asks for no token: choose an address that clients do not reach.",
    ),
    key(
        "log.format",
        Kind::OneOf(&["text", "json"]),
        "text",
        "How log lines look on standard error.",
    ),
    key(
        "log.filter",
        Kind::Text,
        "info",
        "Which log lines are written, in the syntax of `tracing_subscriber::EnvFilter`.",
    ),
];

/// The page `docs/reference/configuration.md`.
pub fn reference() -> String {
    let mut page = String::from(
        "# Configuration of `ouro serve`\n\n\
         <!-- Generated from host/server/src/config/keys.rs; a test compares. -->\n\n\
         Every key can be given as a flag, as a variable, or in the TOML file named by `--config` or `OURO_CONFIG`. A flag wins over a\n\
         variable, a variable over the file, the file over the default. An unknown key stops the start.\n\n\
         | key in the file | flag | variable | default | meaning |\n|---|---|---|---|---|\n",
    );
    for key in KEYS {
        let default = if key.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", key.default)
        };
        let values = match key.kind {
            Kind::OneOf(values) => format!(" One of `{}`.", values.join("`, `")),
            Kind::Number(least, most) => format!(" From {least} to {most}."),
            _ => String::new(),
        };
        let (flag, variable) = (key.flag(), key.variable());
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | `{flag}` | `{variable}` | {default} | {}{values} |",
            key.path, key.doc
        );
    }
    page.push_str(
        "\nDots are tables in the file:\n\n```toml\nlisten = \"0.0.0.0:8080\"\n\n[artifacts]\nbackend = \"s3\"\n\n\
         [artifacts.s3]\nbucket = \"ouro\"\n```\n",
    );
    page
}
