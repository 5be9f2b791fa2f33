//! Sends the artifacts that the server does not have, a few at a time.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use ouro_core::Digest;
use serde_json::json;

use super::Plan;
use crate::client::Client;
use crate::failure::{Result, ours};
use crate::output::{Progress, bytes};

const UPLOADS_AT_ONCE: usize = 4;
/// As many as the API takes in one question.
const DIGESTS_MAX: usize = 20_000;

pub struct Uploaded {
    pub files: usize,
    pub files_all: usize,
    pub bytes: u64,
}

/// Where an artifact's bytes are.
#[derive(Clone)]
enum Source<'a> {
    Memory(Bytes),
    File(&'a Path, u64),
}

impl Source<'_> {
    fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(_, size) => *size,
        }
    }
}

pub async fn missing(client: &Client, plan: &Plan) -> Result<Uploaded> {
    let mut sources = BTreeMap::from([(plan.digest, Source::Memory(plan.component.clone()))]);
    for file in plan.assets.files.values() {
        sources.insert(file.digest, Source::File(&file.file, file.size));
    }
    let lacking = ask(client, &sources).await?;
    let total: u64 = lacking.iter().map(|(_, source)| source.size()).sum();
    let count = lacking.len();
    let progress = Progress::new();
    let mut sent = (0, 0);
    let mut uploads = stream::iter(lacking)
        .map(|(digest, source)| async move {
            put(client, digest, &source).await?;
            Ok::<_, crate::failure::Failure>(source.size())
        })
        .buffer_unordered(UPLOADS_AT_ONCE);
    while let Some(size) = uploads.try_next().await? {
        sent = (sent.0 + 1, sent.1 + size);
        let (files, done) = sent;
        progress.show(&format!(
            "uploading: {files}/{count} files, {}/{}",
            bytes(done),
            bytes(total)
        ));
    }
    progress.clear();
    Ok(Uploaded {
        files: count,
        files_all: sources.len(),
        bytes: total,
    })
}

/// Those of the artifacts that the server lacks.
async fn ask<'a>(
    client: &Client,
    sources: &BTreeMap<Digest, Source<'a>>,
) -> Result<Vec<(Digest, Source<'a>)>> {
    let digests: Vec<_> = sources.keys().collect();
    let mut lacking = Vec::new();
    for part in digests.chunks(DIGESTS_MAX) {
        let answer = client
            .post("api/v1/artifacts/missing", &json!({ "digests": part }))
            .await?;
        let missing: Vec<Digest> =
            serde_json::from_value(answer["missing"].clone()).map_err(|e| {
                ours(format!(
                    "the answer to `artifacts/missing` cannot be read: {e}"
                ))
            })?;
        for digest in missing {
            if let Some(source) = sources.get(&digest) {
                lacking.push((digest, source.clone()));
            }
        }
    }
    Ok(lacking)
}

async fn put(client: &Client, digest: Digest, source: &Source<'_>) -> Result<()> {
    let path = format!("api/v1/artifacts/{digest}");
    match source {
        Source::Memory(bytes) => client.put_bytes(&path, bytes.clone()).await,
        Source::File(file, size) => client.put_file(&path, file, *size).await,
    }
    .map(drop)
}
