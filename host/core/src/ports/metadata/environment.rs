//! The values of an environment, and how they come under a version's own configuration.

use std::collections::BTreeMap;

use crate::VersionConfig;
use crate::id::DatabaseId;

/// One named value of an environment.
#[derive(Clone, Debug, PartialEq)]
pub enum EnvironmentValue {
    Var(serde_json::Value),
    /// Sealed by the host's key.
    Secret(String),
    Database(DatabaseId),
}

impl EnvironmentValue {
    /// Reads a row of `environment_values`.
    ///
    /// # Errors
    /// Says what is wrong, without the value.
    pub fn parse(kind: &str, value: &str) -> Result<Self, String> {
        match kind {
            "var" => serde_json::from_str(value)
                .map(Self::Var)
                .map_err(|error| format!("not JSON: {error}")),
            "secret" => Ok(Self::Secret(value.to_owned())),
            "database" => Ok(Self::Database(DatabaseId::from(value))),
            other => Err(format!("unknown kind `{other}`")),
        }
    }
}

/// Adds the values of an environment to a version's configuration. A name that the version itself uses, for a value
/// of any kind, stays the version's.
pub fn merge(config: &mut VersionConfig, values: BTreeMap<String, EnvironmentValue>) {
    for (name, value) in values {
        if is_used(config, &name) {
            continue;
        }
        match value {
            EnvironmentValue::Var(value) => {
                config.vars.insert(name, value);
            }
            EnvironmentValue::Secret(sealed) => {
                config.secrets.insert(name, sealed);
            }
            EnvironmentValue::Database(id) => {
                config.databases.insert(name, id);
            }
        }
    }
}

fn is_used(config: &VersionConfig, name: &str) -> bool {
    let assets = config.assets.as_ref();
    config.vars.contains_key(name)
        || config.secrets.contains_key(name)
        || config.databases.contains_key(name)
        || config.services.contains_key(name)
        || assets.is_some_and(|assets| assets.binding.as_deref() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_s_own_value_of_any_kind_hides_the_environment_s() {
        let mut config = VersionConfig::default();
        config.vars.insert("NAME".to_owned(), "own".into());
        let expected = config.clone();
        merge(
            &mut config,
            [(
                "NAME".to_owned(),
                EnvironmentValue::Secret("sealed".to_owned()),
            )]
            .into(),
        );
        assert_eq!(config, expected);
    }

    #[test]
    fn a_value_that_is_not_json_is_refused_without_naming_it() {
        let refused = EnvironmentValue::parse("var", "hunter2").expect_err("not JSON");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
}
