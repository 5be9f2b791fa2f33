//! The server's configuration. Layers, the stronger first: flags, `OURO_*` variables, the TOML file, defaults.
//! Every key stands once in [`keys::KEYS`]; an unknown key or an impossible pair stops the start with a message that names it.

mod keys;
mod layers;
mod sections;

pub use keys::{KEYS, Key, Kind, reference};
pub use layers::Layers;
pub use sections::{
    ArtifactsBackend, ArtifactsConfig, AuthConfig, CacheConfig, Config, CronsConfig,
    ExecutionsConfig, LimitsConfig, LogConfig, LogFormat, MetricsConfig, OutboundConfig,
    QuotasConfig, S3Config, SecretText, SignUp,
};

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("configuration file `{path}`: {reason}")]
    File { path: String, reason: String },
    #[error("{place}: `{key}` is not a configuration key{hint}")]
    UnknownKey {
        place: String,
        key: String,
        hint: String,
    },
    #[error("{place}: `{key}` is `{value}`: expected {expected}")]
    Value {
        place: String,
        key: String,
        value: String,
        expected: String,
    },
    /// Keys that do not go together.
    #[error("{0}")]
    Pair(String),
}
