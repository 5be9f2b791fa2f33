//! `wrangler.toml`, `wrangler.json` and `wrangler.jsonc`: the keys that mean something here, and a reason for each that does not.
//!
//! Comments and trailing commas are allowed in both JSON forms, as wrangler allows them.

use std::path::PathBuf;

use jsonc_parser::ParseOptions;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Assets, Database, Ignored, Project, Service, Unsupported, toml_to_json, unsupported};

pub fn parse(text: &str, toml: bool) -> Result<Project, String> {
    let value = if toml {
        let table: toml::Table = toml::from_str(text).map_err(|e| e.to_string())?;
        let mut object = Map::new();
        for (key, value) in table {
            let value = toml_to_json(&key, value)?;
            object.insert(key, value);
        }
        object
    } else {
        parse_jsonc(text)?
    };
    read(value, text)
}

fn parse_jsonc(text: &str) -> Result<Map<String, Value>, String> {
    let options = ParseOptions {
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        ..ParseOptions::default()
    };
    match jsonc_parser::parse_to_serde_value(text, &options) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("expected an object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// `text` is what the object was read from.
fn read(mut object: Map<String, Value>, text: &str) -> Result<Project, String> {
    let mut project = Project {
        name: take(&mut object, "name")?,
        main: take(&mut object, "main")?,
        minify: take(&mut object, "minify")?.unwrap_or(false),
        vars: take(&mut object, "vars")?.unwrap_or_default(),
        compatibility_date: take(&mut object, "compatibility_date")?,
        compatibility_flags: take(&mut object, "compatibility_flags")?.unwrap_or_default(),
        ..Project::default()
    };
    if let Some(table) = take::<Map<String, Value>>(&mut object, "assets")? {
        project.assets = Some(assets(table, &mut project.ignored)?);
    }
    let databases: Vec<Map<String, Value>> = take(&mut object, "d1_databases")?.unwrap_or_default();
    for table in databases {
        let database = database(table, project.name.as_deref(), &mut project.ignored)?;
        project.databases.push(database);
    }
    let services: Vec<Map<String, Value>> = take(&mut object, "services")?.unwrap_or_default();
    for table in services {
        project.services.push(service(table, &mut project.ignored)?);
    }
    if let Some(mut limits) = take::<Map<String, Value>>(&mut object, "limits")? {
        for name in ["cpu_ms", "subrequests"] {
            if let Some(limit) = take(&mut limits, name).map_err(|e| within("limits", e))? {
                project.limits.insert(name.into(), limit);
            }
        }
        ignore_rest("limits.", limits, &mut project.ignored);
    }
    if let Some(mut triggers) = take::<Map<String, Value>>(&mut object, "triggers")? {
        let crons: Option<Vec<String>> =
            take(&mut triggers, "crons").map_err(|e| within("triggers", e))?;
        project.crons = crons.into_iter().flatten().map(cron).collect();
        ignore_rest("triggers.", triggers, &mut project.ignored);
    }
    object.retain(|key, value| !is_without_meaning(key, value));
    project.unsupported = take_unsupported(&mut object, text);
    ignore_rest("", object, &mut project.ignored);
    project.ignored.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(project)
}

/// Takes out the keys that are bindings which Ouro does not have. Consumers of queues are no bindings; their key stays, to be ignored.
fn take_unsupported(object: &mut Map<String, Value>, text: &str) -> Vec<Unsupported> {
    let mut found = Vec::new();
    object.retain(|key, value| {
        let bindings = unsupported::bindings(key, value, text);
        let stays = bindings.is_empty() || !is_empty(&value["consumers"]);
        found.extend(bindings);
        stays
    });
    // Without a line last.
    found.sort_by_key(|each| (each.line.unwrap_or(usize::MAX), each.name.clone()));
    found
}

fn assets(mut table: Map<String, Value>, ignored: &mut Vec<Ignored>) -> Result<Assets, String> {
    let table_error = |e| within("assets", e);
    let directory: Option<PathBuf> = take(&mut table, "directory").map_err(table_error)?;
    let assets = Assets {
        directory: directory.ok_or(
            "`assets.directory` is missing; where a framework's build sets it, run that first",
        )?,
        binding: take(&mut table, "binding").map_err(table_error)?,
        html_handling: take(&mut table, "html_handling").map_err(table_error)?,
        not_found_handling: take(&mut table, "not_found_handling").map_err(table_error)?,
        run_worker_first: take(&mut table, "run_worker_first")
            .map_err(|_| "`assets.run_worker_first`: expected true, false or a list of paths")?
            .unwrap_or_default(),
    };
    ignore_rest("assets.", table, ignored);
    Ok(assets)
}

fn database(
    mut table: Map<String, Value>,
    worker: Option<&str>,
    ignored: &mut Vec<Ignored>,
) -> Result<Database, String> {
    let table_error = |e| within("d1_databases", e);
    let binding: String = take(&mut table, "binding")
        .map_err(table_error)?
        .ok_or("`d1_databases.binding` is missing")?;
    let name: Option<String> = take(&mut table, "database_name").map_err(table_error)?;
    // The name that wrangler gives to a database it creates by itself.
    let name = match (name, worker) {
        (Some(name), _) => name,
        (None, Some(worker)) => {
            format!(
                "{worker}-{}",
                binding.to_ascii_lowercase().replace('_', "-")
            )
        }
        (None, None) => return Err("`d1_databases.database_name` is missing".to_owned()),
    };
    ignore_rest("d1_databases.", table, ignored);
    Ok(Database { binding, name })
}

fn service(mut table: Map<String, Value>, ignored: &mut Vec<Ignored>) -> Result<Service, String> {
    let table_error = |e| within("services", e);
    let service = Service {
        binding: take(&mut table, "binding")
            .map_err(table_error)?
            .ok_or("`services.binding` is missing")?,
        service: take(&mut table, "service")
            .map_err(table_error)?
            .ok_or("`services.service` is missing")?,
        entrypoint: take(&mut table, "entrypoint").map_err(table_error)?,
        props: take(&mut table, "props").map_err(table_error)?,
    };
    ignore_rest("services.", table, ignored);
    Ok(service)
}

/// The expression stays as it is, since handlers compare it with `event.cron`: Cloudflare counts days of the week from 1, Sunday.
fn cron(expression: String) -> Value {
    json!({ "expression": expression, "weekdays": "cloudflare" })
}

/// Removes a key and reads its value.
fn take<T: for<'de> Deserialize<'de>>(
    object: &mut Map<String, Value>,
    key: &str,
) -> Result<Option<T>, String> {
    match object.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value)
            .map(Some)
            .map_err(|e| format!("`{key}`: {e}")),
    }
}

fn within(table: &str, error: String) -> String {
    error.replacen('`', &format!("`{table}."), 1)
}

fn ignore_rest(prefix: &str, object: Map<String, Value>, ignored: &mut Vec<Ignored>) {
    for (key, value) in object {
        if is_empty(&value) {
            continue;
        }
        let key = format!("{prefix}{key}");
        let reason = reason(&key);
        ignored.push(Ignored { key, reason });
    }
}

/// Tools write every key there is into the files that they generate.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.values().all(is_empty),
        _ => false,
    }
}

/// Keys that nobody misses: what they say is so here in any case, or is for another tool.
fn is_without_meaning(key: &str, value: &Value) -> bool {
    match key {
        "$schema"
        | "configPath"
        | "userConfigPath"
        | "topLevelName"
        | "definedEnvironments"
        | "dev"
        | "legacy_env"
        | "upload_source_maps"
        | "previews"
        | "python_modules" => true,
        // What is bundled already is bundled once more, to the same effect.
        "no_bundle" => true,
        "jsx_factory" => value == "React.createElement",
        "jsx_fragment" => value == "React.Fragment",
        "rules" => {
            let mut rules = value.as_array().into_iter().flatten();
            rules.all(|rule| rule["type"] == "ESModule")
        }
        _ => false,
    }
}

/// Why a key has no effect.
fn reason(key: &str) -> &'static str {
    match key {
        "durable_objects"
        | "kv_namespaces"
        | "r2_buckets"
        | "workflows"
        | "vectorize"
        | "hyperdrive"
        | "ai"
        | "browser"
        | "images"
        | "send_email"
        | "containers"
        | "analytics_engine_datasets"
        | "dispatch_namespaces"
        | "mtls_certificates"
        | "pipelines"
        | "secrets_store_secrets"
        | "version_metadata"
        | "worker_loaders"
        | "ratelimits"
        | "media"
        | "vpc_services"
        | "unsafe"
        | "wasm_modules"
        | "text_blobs"
        | "data_blobs"
        | "ai_search"
        | "ai_search_namespaces"
        | "agent_memory"
        | "artifacts"
        | "cloudchamber"
        | "connect"
        | "flagship"
        | "vpc_networks"
        | "logfwdr"
        | "tail_consumers" => "Ouro has no such binding yet",
        "queues" => "Ouro has no queues yet, so nothing calls the consumers",
        "route" | "routes" => "the worker answers on its own host name",
        "migrations" => "it belongs to Durable Objects",
        "env" => "named environments are not read; the top level is deployed",
        "build" => "run your own build command before `ouro deploy`",
        "site" => "use `assets` instead",
        "account_id" | "zone_id" | "workers_dev" | "preview_urls" | "logpush" | "observability"
        | "placement" | "send_metrics" | "usage_model" | "compliance_region" => {
            "it is about Cloudflare's own service"
        }
        "keep_vars" => "it has no effect here",
        "node_compat"
        | "rules"
        | "define"
        | "alias"
        | "tsconfig"
        | "base_dir"
        | "find_additional_modules"
        | "preserve_file_names"
        | "jsx_factory"
        | "jsx_fragment" => "Ouro's bundler has no such setting yet",
        "d1_databases.database_id" | "d1_databases.preview_database_id" => {
            "the database is found by its name"
        }
        "d1_databases.migrations_dir" | "d1_databases.migrations_table" => {
            "run migrations with `ouro databases exec <name> --file <file>`"
        }
        "services.environment" | "services.remote" => "it has no effect here",
        "d1_databases.remote" | "d1_databases.experimental_remote" => "it has no effect here",
        _ => "Ouro does not know this key",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ouro_core::version::WorkerFirst;

    #[test]
    fn a_jsonc_file_with_comments_and_trailing_commas_is_read() {
        let project = parse(
            r#"{
  // from a template
  "$schema": "node_modules/wrangler/config-schema.json",
  "name": "shop", /* the name */
  "main": "src/index.ts",
  "compatibility_date": "2026-11-01",
  "vars": { "GREETING": "hello", "DEEP": { "a": [1, null] } },
  "assets": { "directory": "./public", "binding": "ASSETS" },
  "d1_databases": [
    { "binding": "DB", "database_name": "shop-data", "database_id": "4d1" },
  ],
  "services": [{ "binding": "AUTH", "service": "auth", "entrypoint": "Admin", "remote": true }],
  "limits": { "cpu_ms": 50 },
  "triggers": { "crons": ["0 9 * * 2"] },
}"#,
            false,
        )
        .unwrap();
        assert_eq!(project.name.as_deref(), Some("shop"));
        assert_eq!(project.vars["DEEP"], json!({"a": [1, null]}));
        assert_eq!(
            project.assets.as_ref().unwrap().directory,
            PathBuf::from("./public")
        );
        assert_eq!(project.databases[0].name, "shop-data");
        assert_eq!(project.limits["cpu_ms"], 50);
        assert_eq!(
            project.crons,
            [json!({"expression": "0 9 * * 2", "weekdays": "cloudflare"})]
        );
        let ignored: Vec<_> = project.ignored.iter().map(|i| i.key.as_str()).collect();
        assert_eq!(ignored, ["d1_databases.database_id", "services.remote"]);
        assert_eq!(project.services[0].entrypoint.as_deref(), Some("Admin"));
    }

    #[test]
    fn a_toml_file_is_read_the_same_way() {
        let project = parse(
            "name = \"shop\"\nmain = \"a.js\"\n[vars]\nN = 1\n[[d1_databases]]\nbinding = \"MY_DB\"\n",
            true,
        )
        .unwrap();
        assert_eq!(project.vars["N"], json!(1));
        assert_eq!(project.databases[0].name, "shop-my-db");
    }

    #[test]
    fn keys_without_effect_are_named_with_a_reason() {
        let project = parse(
            r#"{"name": "a", "durable_objects": {"bindings": [1]}, "kv_namespaces": [], "wokers_dev": true}"#,
            false,
        )
        .unwrap();
        let lines: Vec<_> = project
            .ignored
            .iter()
            .map(|i| (i.key.as_str(), i.reason))
            .collect();
        assert_eq!(
            lines,
            [
                ("durable_objects", "Ouro has no such binding yet"),
                ("wokers_dev", "Ouro does not know this key"),
            ]
        );
    }

    #[test]
    fn bindings_that_ouro_does_not_have_are_named_with_their_lines() {
        let text = "name = \"a\"\n[[kv_namespaces]]\nbinding = \"CACHE\"\nid = \"x\"\n\
            [[queues.producers]]\nbinding = \"JOBS\"\nqueue = \"jobs\"\n[[queues.consumers]]\nqueue = \"jobs\"\n";
        let project = parse(text, true).unwrap();
        let found = |each: &Unsupported| (each.name.clone(), each.kind, each.line);
        let found: Vec<_> = project.unsupported.iter().map(found).collect();
        assert_eq!(
            found,
            [
                ("CACHE".to_owned(), "KV namespace", Some(3)),
                ("JOBS".to_owned(), "queue", Some(6)),
            ]
        );
        let ignored: Vec<_> = project.ignored.iter().map(|i| i.key.as_str()).collect();
        assert_eq!(ignored, ["queues"]);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named() {
        let error = parse(r#"{"assets": {"directory": 3}}"#, false).unwrap_err();
        assert!(error.starts_with("`assets.directory`: "), "{error}");
        let error = parse(r#"{"name": ["a"]}"#, false).unwrap_err();
        assert!(error.starts_with("`name`: "), "{error}");
    }

    #[test]
    fn bad_json_is_refused_with_its_line() {
        let error = parse("{\n  \"name\": \"a\"\n  \"main\": \"b\"\n}", false).unwrap_err();
        assert!(error.contains("line"), "{error}");
    }

    #[test]
    fn run_worker_first_may_be_a_list_of_paths() {
        let file = |first: &str| {
            let text =
                format!(r#"{{"assets": {{"directory": "a", "run_worker_first": {first}}}}}"#);
            parse(&text, false).map(|project| project.assets.unwrap().run_worker_first)
        };
        assert_eq!(file("true"), Ok(WorkerFirst::Always(true)));
        let paths = WorkerFirst::Paths(vec!["/api/*".into(), "!/api/docs".into()]);
        assert_eq!(file(r#"["/api/*", "!/api/docs"]"#), Ok(paths));
        let error = file("3").unwrap_err();
        assert!(error.contains("`assets.run_worker_first`"), "{error}");
    }

    #[test]
    fn what_a_generated_file_says_to_nobody_is_not_named() {
        let project = parse(
            r#"{"name": "a", "main": "index.js", "no_bundle": true, "configPath": "/a/wrangler.jsonc",
                "rules": [{"type": "ESModule", "globs": ["**/*.js"]}], "jsx_factory": "React.createElement",
                "triggers": {}, "durable_objects": {"bindings": []}, "queues": {"producers": [], "consumers": []},
                "python_modules": {"exclude": ["**/*.pyc"]}, "dev": {"ip": "localhost"},
                "tail_consumers": [{"service": "log"}]}"#,
            false,
        )
        .unwrap();
        let ignored: Vec<_> = project.ignored.iter().map(|i| i.key.as_str()).collect();
        assert_eq!(ignored, ["tail_consumers"]);
        let project = parse(
            r#"{"rules": [{"type": "CompiledWasm"}], "jsx_factory": "h"}"#,
            false,
        );
        assert_eq!(project.unwrap().ignored.len(), 2);
    }
}
