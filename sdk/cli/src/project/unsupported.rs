//! Bindings of a wrangler file that Ouro does not have: the worker finds nothing in `env` where it expects them.

use std::path::Path;

use serde_json::Value;

#[derive(Debug, PartialEq)]
pub struct Unsupported {
    /// As in `env.NAME`.
    pub name: String,
    pub kind: &'static str,
    /// Of the file, from 1; none where more than one may be it.
    pub line: Option<usize>,
}

/// How an entry of a key gives its binding's name.
#[derive(Clone, Copy)]
enum Form {
    /// A property, such as `binding`, of the value or of each value in a list.
    Property(&'static str),
    /// The same, within this table.
    Within(&'static str, &'static str),
    /// The names are the keys of a table.
    Keys,
}

use Form::{Keys, Property, Within};

/// The keys, each with the kind of what it binds.
const KINDS: [(&str, &str, Form); 32] = [
    ("agent_memory", "agent memory", Property("binding")),
    ("ai", "Workers AI", Property("binding")),
    ("ai_search", "AI Search", Property("binding")),
    ("ai_search_namespaces", "AI Search", Property("binding")),
    (
        "analytics_engine_datasets",
        "Analytics Engine dataset",
        Property("binding"),
    ),
    ("artifacts", "artifacts", Property("binding")),
    ("browser", "Browser Rendering", Property("binding")),
    ("data_blobs", "data blob", Keys),
    (
        "dispatch_namespaces",
        "dispatch namespace",
        Property("binding"),
    ),
    (
        "durable_objects",
        "Durable Object",
        Within("bindings", "name"),
    ),
    ("flagship", "flagship", Property("binding")),
    ("hyperdrive", "Hyperdrive", Property("binding")),
    ("images", "Images", Property("binding")),
    ("kv_namespaces", "KV namespace", Property("binding")),
    ("logfwdr", "logfwdr", Within("bindings", "name")),
    ("media", "Media Transformations", Property("binding")),
    ("mtls_certificates", "mTLS certificate", Property("binding")),
    ("pipelines", "pipeline", Property("binding")),
    ("queues", "queue", Within("producers", "binding")),
    ("r2_buckets", "R2 bucket", Property("binding")),
    ("ratelimits", "rate limit", Property("name")),
    (
        "secrets_store_secrets",
        "Secrets Store secret",
        Property("binding"),
    ),
    ("send_email", "email", Property("name")),
    ("text_blobs", "text blob", Keys),
    ("unsafe", "unsafe binding", Within("bindings", "name")),
    ("vectorize", "Vectorize index", Property("binding")),
    ("version_metadata", "version metadata", Property("binding")),
    ("vpc_networks", "VPC network", Property("binding")),
    ("vpc_services", "VPC service", Property("binding")),
    ("wasm_modules", "Wasm module", Keys),
    ("worker_loaders", "worker loader", Property("binding")),
    ("workflows", "workflow", Property("binding")),
];

/// The bindings that a key of the file gives.
pub fn bindings(key: &str, value: &Value, text: &str) -> Vec<Unsupported> {
    let Some((_, kind, form)) = KINDS.iter().find(|(known, ..)| *known == key) else {
        return Vec::new();
    };
    let unsupported = |name: &str, line| Unsupported {
        name: name.to_owned(),
        kind,
        line,
    };
    let (values, property) = match form {
        Keys => {
            let names = value.as_object().into_iter().flat_map(|table| table.keys());
            return names.map(|name| unsupported(name, None)).collect();
        }
        Property(property) => (value, property),
        Within(table, property) => (&value[table], property),
    };
    let values = match values {
        Value::Array(values) => &values[..],
        value => std::slice::from_ref(value),
    };
    values
        .iter()
        .filter_map(|value| value[property].as_str())
        .map(|name| unsupported(name, line_of(text, property, name)))
        .collect()
}

/// The one line where the property has the value; the file's values have lost theirs when they are read.
fn line_of(text: &str, property: &str, value: &str) -> Option<usize> {
    let quoted = [format!("\"{value}\""), format!("'{value}'")];
    let mut lines = text.lines().enumerate().filter(|(_, line)| {
        line.contains(property) && quoted.iter().any(|quoted| line.contains(quoted.as_str()))
    });
    match (lines.next(), lines.next()) {
        (Some((index, _)), None) => Some(index + 1),
        _ => None,
    }
}

/// One block that names them all.
pub fn warning(file: &Path, unsupported: &[Unsupported]) -> String {
    let width = |text: &dyn Fn(&Unsupported) -> usize| unsupported.iter().map(text).max();
    let name_width = width(&|each| each.name.chars().count()).unwrap_or_default();
    let kind_width = width(&|each| each.kind.len()).unwrap_or_default();
    let mut text = format!(
        "warning: Ouro does not have these bindings of `{}` yet, so the worker finds `undefined` in their place:\n",
        file.display()
    );
    for Unsupported { name, kind, line } in unsupported {
        let line = line.map_or_else(String::new, |line| format!("line {line}"));
        let row = format!("  env.{name:name_width$}  {kind:kind_width$}  {line}");
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(key: &str, value: Value) -> Vec<String> {
        let found = bindings(key, &value, "");
        found.into_iter().map(|each| each.name).collect()
    }

    #[test]
    fn each_form_gives_the_names_of_its_bindings() {
        let list = json!([{"binding": "A"}, {"id": "x"}, {"binding": "B"}]);
        assert_eq!(names("kv_namespaces", list), ["A", "B"]);
        assert_eq!(names("ai", json!({"binding": "AI"})), ["AI"]);
        let objects = json!({"bindings": [{"name": "ROOM", "class_name": "Room"}]});
        assert_eq!(names("durable_objects", objects), ["ROOM"]);
        let queues = json!({"producers": [{"binding": "Q"}], "consumers": [{"queue": "q"}]});
        assert_eq!(names("queues", queues), ["Q"]);
        assert_eq!(names("wasm_modules", json!({"M": "m.wasm"})), ["M"]);
        assert!(names("ai", json!(3)).is_empty());
        assert!(names("triggers", json!({"binding": "X"})).is_empty());
    }

    #[test]
    fn a_line_is_given_where_it_is_certain() {
        let text = "{\n  \"binding\": \"A\",\n  // \"binding\": \"B\"\n  \"binding\": \"B\"\n}";
        assert_eq!(line_of(text, "binding", "A"), Some(2));
        assert_eq!(line_of(text, "binding", "B"), None);
        assert_eq!(line_of("binding = 'A'", "binding", "A"), Some(1));
    }
}
