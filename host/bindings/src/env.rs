//! Vars, secrets and the names of bindings.

use ouro_core::ports::secrets::{SealError, SecretSealer};
use ouro_core::{EnvValue, VersionConfig};
use ouro_runtime::HostState;

use crate::generated::ouro::host::env::{Entry, Host, Value};

/// Kinds of bindings as `env` names them.
const DATABASE: &str = "database";
const ASSETS: &str = "assets";
const SERVICE: &str = "service";

/// All that `env` of a version holds, in the clear, in the order of names.
///
/// # Errors
/// Where a secret cannot be opened.
pub fn env_of(
    config: &VersionConfig,
    sealer: &dyn SecretSealer,
) -> Result<Vec<(String, EnvValue)>, SealError> {
    let mut env = Vec::new();
    for (name, value) in &config.vars {
        let value = match value {
            serde_json::Value::String(text) => EnvValue::Text(text.clone()),
            json => EnvValue::Json(json.to_string()),
        };
        env.push((name.clone(), value));
    }
    for (name, sealed) in &config.secrets {
        env.push((name.clone(), EnvValue::Secret(sealer.open(sealed)?)));
    }
    for name in config.databases.keys() {
        env.push((name.clone(), EnvValue::Binding(DATABASE)));
    }
    for name in config.services.keys() {
        env.push((name.clone(), EnvValue::Binding(SERVICE)));
    }
    if let Some(name) = config
        .assets
        .as_ref()
        .and_then(|assets| assets.binding.as_ref())
    {
        env.push((name.clone(), EnvValue::Binding(ASSETS)));
    }
    env.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(env)
}

impl Host for HostState {
    fn entries(&mut self) -> wasmtime::Result<Vec<Entry>> {
        let entry = |(name, value): &(String, EnvValue)| Entry {
            name: name.clone(),
            value: match value.clone() {
                EnvValue::Text(text) => Value::Text(text),
                EnvValue::Json(json) => Value::Json(json),
                EnvValue::Secret(secret) => Value::Secret(secret),
                EnvValue::Binding(kind) => Value::Binding(kind.to_owned()),
            },
        };
        Ok(self.worker().env().iter().map(entry).collect())
    }

    fn get(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        let env = self.worker().env();
        Ok(env
            .iter()
            .find(|(key, _)| *key == name)
            .and_then(|(_, value)| match value {
                EnvValue::Text(text) | EnvValue::Json(text) | EnvValue::Secret(text) => {
                    Some(text.clone())
                }
                EnvValue::Binding(_) => None,
            }))
    }
}

#[cfg(test)]
mod tests {
    use ouro_core::id::DatabaseId;
    use ouro_core::version::AssetsConfig;

    use super::*;
    use crate::tests::Reversed;

    #[test]
    fn env_holds_vars_secrets_and_bindings_in_the_order_of_names() {
        let mut config = VersionConfig::default();
        config.vars.insert("TEXT".into(), "plain".into());
        config
            .vars
            .insert("JSON".into(), serde_json::json!({ "a": 1 }));
        config
            .secrets
            .insert("KEY".into(), Reversed.seal("secret").expect("seals"));
        config
            .databases
            .insert("DB".into(), DatabaseId::from("db_1"));
        config.assets = Some(AssetsConfig {
            binding: Some("ASSETS".into()),
            ..AssetsConfig::default()
        });
        let env = env_of(&config, &Reversed).expect("opens");
        let expected = [
            ("ASSETS", EnvValue::Binding("assets")),
            ("DB", EnvValue::Binding("database")),
            ("JSON", EnvValue::Json("{\"a\":1}".into())),
            ("KEY", EnvValue::Secret("secret".into())),
            ("TEXT", EnvValue::Text("plain".into())),
        ];
        assert_eq!(env, expected.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn a_secret_that_cannot_be_opened_is_an_error() {
        let mut config = VersionConfig::default();
        config.secrets.insert("KEY".into(), "not sealed".into());
        assert!(env_of(&config, &Reversed).is_err());
    }
}
