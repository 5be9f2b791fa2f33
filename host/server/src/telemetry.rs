//! Log lines on standard error, as text for people or as JSON for machines. Secrets, tokens, bodies and SQL parameters never reach one.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, LogConfig, LogFormat};

/// Begins to write log lines. A process that has begun already keeps what it has.
pub fn start(config: &LogConfig) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(&config.filter).map_err(|error| ConfigError::Value {
        place: "configuration".to_owned(),
        key: "log.filter".to_owned(),
        value: config.filter.clone(),
        expected: format!("a filter such as `info,ouro_runtime=debug` ({error})"),
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match config.format {
        LogFormat::Json => lines.json().try_init(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    if started.is_err() {
        tracing::debug!("log lines are written already");
    }
    Ok(())
}
