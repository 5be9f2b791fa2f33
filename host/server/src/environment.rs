//! What a version finds in `env`: its own values and bindings; for the management worker, also what only it gets.

use std::collections::BTreeMap;

use ouro_core::ports::secrets::{SealError, SecretSealer};
use ouro_core::version::Limits;
use ouro_core::{EnvValue, WorkerVersion};

use crate::config::SignUp;

/// The host's part of the management worker's environment.
#[derive(Clone, Debug)]
pub struct ManagementEnv {
    pub base_domain: String,
    /// Known once the gateway listens.
    pub public_url: String,
    /// Origin of the dashboard; empty where there is none.
    pub app_url: String,
    pub sign_up: SignUp,
    /// JSON of names and numbers.
    pub quotas: String,
    pub grace_days: u64,
    /// Of what a version's limits may ask for.
    pub ceilings: Limits,
}

/// The environment of a version, in the order of names.
pub fn of(
    version: &WorkerVersion,
    secrets: &dyn SecretSealer,
    management: &ManagementEnv,
) -> Result<Vec<(String, EnvValue)>, SealError> {
    let mut env: BTreeMap<_, _> = ouro_bindings::env_of(&version.config, secrets)?
        .into_iter()
        .collect();
    // Over what it says itself, so that no version of the management worker can shadow them.
    if version.is_management() {
        env.extend(management.entries());
    }
    Ok(env.into_iter().collect())
}

impl ManagementEnv {
    fn entries(&self) -> impl Iterator<Item = (String, EnvValue)> {
        [
            ("APP_URL", EnvValue::Text(self.app_url.clone())),
            ("SIGN_UP", EnvValue::Text(self.sign_up.as_str().to_owned())),
            ("BASE_DOMAIN", EnvValue::Text(self.base_domain.clone())),
            ("PUBLIC_URL", EnvValue::Text(self.public_url.clone())),
            ("CEILINGS", EnvValue::Json(self.ceilings.to_json())),
            ("DB", EnvValue::Binding("database")),
            ("ARTIFACTS", EnvValue::Binding("artifacts")),
            ("BUILD", EnvValue::Binding("build")),
            ("CRONS", EnvValue::Binding("crons")),
            ("DATABASES", EnvValue::Binding("databases")),
            ("EXECUTIONS", EnvValue::Binding("executions")),
            ("QUOTAS", EnvValue::Json(self.quotas.clone())),
            (
                "ORGANIZATION_GRACE_DAYS",
                EnvValue::Json(self.grace_days.to_string()),
            ),
            ("IDENTITY", EnvValue::Binding("identity")),
            ("MAIL", EnvValue::Binding("mail")),
            ("ROUTING", EnvValue::Binding("routing")),
            ("SECRETS", EnvValue::Binding("secrets")),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
    }
}
