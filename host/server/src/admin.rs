//! Repairs that need no management API: they work on the stores themselves, and a running server notices within a second.

use ouro_core::id::VersionId;

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::wire;

/// Makes the version that was live before the live one live again. Answers with it.
pub async fn roll_back(config: &Config, worker_name: &str) -> anyhow::Result<VersionId> {
    // Opening would make a directory that is not there; a mistyped path should rather be told.
    anyhow::ensure!(
        config.data_dir.join("platform.db").exists(),
        "`{}` is not a data directory of Ouro: it has no `platform.db`",
        config.data_dir.display()
    );
    let data_dir = DataDir::open(&config.data_dir)?;
    let metadata = wire::metadata(&data_dir).await?;
    Ok(metadata.roll_back(worker_name).await?)
}
