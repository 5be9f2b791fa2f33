//! The one list of adapters: which implementation stands behind each port, as the configuration says.

use std::sync::Arc;

use anyhow::Context;
use ouro_adapter_dns::DnsProofs;
use ouro_adapter_filesystem::FilesystemArtifacts;
use ouro_adapter_s3::{S3Artifacts, S3Config};
use ouro_adapter_sqlite::{SqliteDatabases, SqliteMetadata};
use ouro_build::Builder;
use ouro_core::ports::artifacts::ArtifactStore;
use ouro_core::ports::builder::WorkerBuilder;
use ouro_core::ports::cache::{CacheStore, MemoryCache};
use ouro_core::ports::crons::CronStore;
use ouro_core::ports::database::DatabaseBackend;
use ouro_core::ports::domains::{DomainProofs, NoProof};
use ouro_core::ports::identity::IdentityStore;
use ouro_core::ports::metadata::MetadataStore;

use crate::config::{self, ArtifactsBackend, ArtifactsConfig, Config, DomainsConfig};
use crate::data_dir::DataDir;

/// What the host stands on.
pub struct Backends {
    pub metadata: Arc<dyn MetadataStore>,
    pub identities: Arc<dyn IdentityStore>,
    pub crons: Arc<dyn CronStore>,
    pub databases: Arc<dyn DatabaseBackend>,
    pub artifacts: Arc<dyn ArtifactStore>,
    pub builder: Arc<dyn WorkerBuilder>,
    pub cache: Arc<dyn CacheStore>,
    pub domains: Arc<dyn DomainProofs>,
}

/// Opens every backend; migrations run here.
pub async fn backends(config: &Config, data_dir: &DataDir) -> anyhow::Result<Backends> {
    let platform = Arc::new(SqliteMetadata::open(data_dir.platform_database()).await?);
    Ok(Backends {
        metadata: platform.clone(),
        identities: platform.clone(),
        crons: platform,
        databases: Arc::new(SqliteDatabases::open(data_dir.path()).context("databases")?),
        artifacts: artifacts(&config.artifacts, data_dir).await?,
        builder: Arc::new(Builder::new().context("engines")?),
        cache: Arc::new(MemoryCache::new(config.cache.bytes_max)),
        domains: domains(&config.domains)?,
    })
}

fn domains(config: &DomainsConfig) -> anyhow::Result<Arc<dyn DomainProofs>> {
    if !config.verify {
        return Ok(Arc::new(NoProof));
    }
    Ok(Arc::new(DnsProofs::new(config.resolver()?)))
}

/// The metadata store alone, for `ouro admin`.
pub async fn metadata(data_dir: &DataDir) -> anyhow::Result<Arc<dyn MetadataStore>> {
    Ok(Arc::new(
        SqliteMetadata::open(data_dir.platform_database()).await?,
    ))
}

async fn artifacts(
    config: &ArtifactsConfig,
    data_dir: &DataDir,
) -> anyhow::Result<Arc<dyn ArtifactStore>> {
    Ok(match config.backend {
        ArtifactsBackend::Filesystem => Arc::new(FilesystemArtifacts::open(data_dir.artifacts())?),
        ArtifactsBackend::S3 => Arc::new(S3Artifacts::connect(s3(&config.s3)).await?),
    })
}

fn s3(config: &config::S3Config) -> S3Config {
    S3Config {
        endpoint: if config.endpoint.is_empty() {
            format!("https://s3.{}.amazonaws.com", config.region)
        } else {
            config.endpoint.clone()
        },
        bucket: config.bucket.clone(),
        region: config.region.clone(),
        access_key_id: config.access_key_id.clone(),
        secret_access_key: config.secret_access_key.0.clone(),
        path_style: config.path_style,
        prefix: config.prefix.clone(),
    }
}
