//! Puts the built-in management component into the store, as a version like any other, on the first start and after an upgrade.

use anyhow::Context;
use bytes::Bytes;
use futures_util::stream;
use ouro_core::id::VersionId;
use ouro_core::name::MANAGEMENT;
use ouro_core::ports::artifacts::ArtifactStore;
use ouro_core::ports::metadata::MetadataStore;
use ouro_core::{Digest, WorkerVersion};

use crate::routing::Router;

/// What the management API answers with 200 when it works.
pub const HEALTH_PATH: &str = "/health";

/// Installs the component where no version has it yet. A version that is new here and does not pass its health check gives way to
/// the one that was live before; the host serves its workers either way.
pub async fn install_management(
    component: Bytes,
    artifacts: &dyn ArtifactStore,
    metadata: &dyn MetadataStore,
    router: &Router,
) -> anyhow::Result<()> {
    let before = live(metadata).await?;
    store(artifacts, component.clone())
        .await
        .context("storing the management component")?;
    let installed = metadata.install_management(Digest::of(&component)).await?;
    if before
        .as_ref()
        .is_some_and(|version| version.version == installed.version)
    {
        return Ok(());
    }
    let version = installed.version;
    match router.check(&version, Some(HEALTH_PATH)).await {
        Ok(()) => {
            tracing::info!(%version, "the management worker is installed");
            Ok(())
        }
        Err(error) => {
            tracing::error!(%version, %error, "THE BUILT-IN MANAGEMENT WORKER DOES NOT PASS ITS HEALTH CHECK");
            fall_back(metadata, before.map(|version| version.version)).await
        }
    }
}

async fn live(metadata: &dyn MetadataStore) -> anyhow::Result<Option<WorkerVersion>> {
    let live = metadata.live_versions().await?;
    Ok(live
        .into_iter()
        .find(|version| version.worker_name == MANAGEMENT))
}

async fn store(artifacts: &dyn ArtifactStore, component: Bytes) -> anyhow::Result<()> {
    let digest = Digest::of(&component);
    if !artifacts.missing(&[digest]).await?.is_empty() {
        let size = component.len() as u64;
        artifacts
            .put(digest, Box::pin(stream::iter([Ok(component)])), size)
            .await?;
    }
    Ok(())
}

async fn fall_back(metadata: &dyn MetadataStore, before: Option<VersionId>) -> anyhow::Result<()> {
    if before.is_none() {
        tracing::error!("the management API is down: there is no earlier version of it");
        return Ok(());
    }
    let version = metadata
        .roll_back(MANAGEMENT)
        .await
        .context("rolling back the management worker")?;
    tracing::error!(%version, "the management API is served by the version that was live before");
    Ok(())
}
