//! `ouro.toml`. An unknown key is an error, so that a slip of the pen is not a setting lost.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ouro_build::WarmUp;
use ouro_core::version::WorkerFirst;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Assets, Database, Project, Service, toml_to_json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    main: Option<PathBuf>,
    #[serde(default)]
    minify: bool,
    #[serde(default)]
    vars: toml::Table,
    assets: Option<AssetsTable>,
    #[serde(default)]
    databases: Vec<DatabaseTable>,
    #[serde(default)]
    services: Vec<ServiceTable>,
    compatibility_date: Option<String>,
    #[serde(default)]
    compatibility_flags: Vec<String>,
    limits: Option<LimitsTable>,
    allow_net: Option<toml::Value>,
    #[serde(default)]
    warm_up: Vec<WarmUp>,
    triggers: Option<TriggersTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TriggersTable {
    #[serde(default)]
    crons: Vec<CronEntry>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected an expression, or a table of `expression`, `timezone`, `weekdays` and `missed`"
)]
enum CronEntry {
    Expression(String),
    Table(CronTable),
}

/// The fields are those of the API.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct CronTable {
    expression: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weekdays: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssetsTable {
    directory: PathBuf,
    binding: Option<String>,
    html_handling: Option<String>,
    not_found_handling: Option<String>,
    #[serde(default)]
    run_worker_first: WorkerFirst,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatabaseTable {
    binding: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceTable {
    binding: String,
    service: String,
    entrypoint: Option<String>,
    props: Option<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsTable {
    cpu_ms: Option<u64>,
    wall_ms: Option<u64>,
    memory_bytes: Option<u64>,
    request_body_bytes: Option<u64>,
    response_body_bytes: Option<u64>,
    header_bytes: Option<u64>,
    header_count: Option<u64>,
    subrequests: Option<u64>,
    subrequests_at_once: Option<u64>,
    operations: Option<u64>,
    console_bytes: Option<u64>,
    websockets: Option<u64>,
    invocations_at_once: Option<u64>,
}

pub fn parse(text: &str) -> Result<Project, String> {
    let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    let mut vars = BTreeMap::new();
    for (key, value) in file.vars {
        let value = toml_to_json(&format!("vars.{key}"), value)?;
        vars.insert(key, value);
    }
    let triggers = file.triggers.map(|triggers| triggers.crons);
    let crons = triggers.into_iter().flatten().map(CronEntry::into_body);
    let services = file.services.into_iter().map(ServiceTable::into_service);
    Ok(Project {
        services: services.collect::<Result<_, _>>()?,
        name: file.name,
        main: file.main,
        minify: file.minify,
        warm_up: file.warm_up,
        crons: crons.collect(),
        vars,
        assets: file.assets.map(AssetsTable::into_assets),
        databases: file
            .databases
            .into_iter()
            .map(|d| Database {
                binding: d.binding,
                name: d.name,
            })
            .collect(),
        compatibility_date: file.compatibility_date,
        compatibility_flags: file.compatibility_flags,
        limits: file.limits.map(LimitsTable::into_map).unwrap_or_default(),
        allow_net: file
            .allow_net
            .map(|value| toml_to_json("allow_net", value))
            .transpose()?,
        ..Project::default()
    })
}

impl AssetsTable {
    fn into_assets(self) -> Assets {
        Assets {
            directory: self.directory,
            binding: self.binding,
            html_handling: self.html_handling,
            not_found_handling: self.not_found_handling,
            run_worker_first: self.run_worker_first,
        }
    }
}

impl CronEntry {
    fn into_body(self) -> Value {
        match self {
            Self::Expression(expression) => json!({ "expression": expression }),
            Self::Table(table) => json!(table),
        }
    }
}

impl ServiceTable {
    fn into_service(self) -> Result<Service, String> {
        let props = self.props.map(|props| {
            let value = toml_to_json("services.props", toml::Value::Table(props))?;
            Ok::<_, String>(value.as_object().cloned().unwrap_or_default())
        });
        Ok(Service {
            binding: self.binding,
            service: self.service,
            entrypoint: self.entrypoint,
            props: props.transpose()?,
        })
    }
}

impl LimitsTable {
    fn into_map(self) -> BTreeMap<String, u64> {
        [
            ("cpu_ms", self.cpu_ms),
            ("wall_ms", self.wall_ms),
            ("memory_bytes", self.memory_bytes),
            ("request_body_bytes", self.request_body_bytes),
            ("response_body_bytes", self.response_body_bytes),
            ("header_bytes", self.header_bytes),
            ("header_count", self.header_count),
            ("subrequests", self.subrequests),
            ("subrequests_at_once", self.subrequests_at_once),
            ("operations", self.operations),
            ("console_bytes", self.console_bytes),
            ("websockets", self.websockets),
            ("invocations_at_once", self.invocations_at_once),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"
name = "shop"
main = "src/index.ts"
minify = true
compatibility_date = "2026-11-01"
compatibility_flags = ["nodejs_compat"]
allow_net = ["api.example.com:443"]

[vars]
GREETING = "hello"
PRICES = { apple = 3, pear = 2.5, organic = [true] }

[assets]
directory = "public"
binding = "ASSETS"
html_handling = "none"
not_found_handling = "404-page"
run_worker_first = true

[[databases]]
binding = "DB"
name = "shop-data"

[[services]]
binding = "AUTH"
service = "auth"
entrypoint = "Admin"
props = { level = 3 }

[[warm_up]]
path = "/a"

[triggers]
crons = ["*/5 * * * *", { expression = "0 9 * * MON", timezone = "Europe/Berlin", missed = "once" }]

[limits]
cpu_ms = 50
"#;

    #[test]
    fn every_key_is_read() {
        let project = parse(WHOLE).unwrap();
        assert_eq!(project.name.as_deref(), Some("shop"));
        assert_eq!(project.main, Some("src/index.ts".into()));
        assert!(project.minify);
        assert_eq!(project.vars["GREETING"], json!("hello"));
        assert_eq!(
            project.vars["PRICES"],
            json!({"apple": 3, "pear": 2.5, "organic": [true]})
        );
        assert_eq!(
            project.assets,
            Some(Assets {
                directory: "public".into(),
                binding: Some("ASSETS".into()),
                html_handling: Some("none".into()),
                not_found_handling: Some("404-page".into()),
                run_worker_first: WorkerFirst::Always(true),
            })
        );
        assert_eq!(project.databases[0].name, "shop-data");
        let service = &project.services[0];
        assert_eq!(
            (service.binding.as_str(), service.service.as_str()),
            ("AUTH", "auth")
        );
        assert_eq!(service.entrypoint.as_deref(), Some("Admin"));
        assert_eq!(json!(service.props), json!({ "level": 3 }));
        assert_eq!(project.compatibility_date.as_deref(), Some("2026-11-01"));
        assert_eq!(project.compatibility_flags, ["nodejs_compat"]);
        assert_eq!(project.warm_up, [WarmUp::get("/a")]);
        assert_eq!(
            project.crons,
            [
                json!({"expression": "*/5 * * * *"}),
                json!({"expression": "0 9 * * MON", "timezone": "Europe/Berlin", "missed": "once"}),
            ]
        );
        assert_eq!(project.limits, BTreeMap::from([("cpu_ms".into(), 50)]));
        assert_eq!(project.allow_net, Some(json!(["api.example.com:443"])));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = parse("name = \"a\"\nmian = \"index.ts\"\n").unwrap_err();
        assert!(error.contains("line 2"), "{error}");
        assert!(error.contains("`mian`"), "{error}");
    }

    #[test]
    fn an_unknown_key_of_a_table_is_refused_with_its_line() {
        let error =
            parse("[[databases]]\nbinding = \"DB\"\nname = \"a\"\nid = \"b\"\n").unwrap_err();
        assert!(error.contains("line 4"), "{error}");
        assert!(error.contains("`id`"), "{error}");
    }

    #[test]
    fn a_date_among_the_vars_is_refused_by_name() {
        let error = parse("[vars]\nDAY = 2026-11-20\n").unwrap_err();
        assert_eq!(error, "`vars.DAY`: write the date `2026-11-20` in quotes");
    }
}
