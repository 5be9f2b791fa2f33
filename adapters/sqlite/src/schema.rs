//! The platform's schema: migrations that run at start.

use ouro_core::ports::metadata::MetadataError;
use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migrator};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Brings the database to the schema that this program knows.
pub async fn migrate(pool: &SqlitePool) -> Result<(), MetadataError> {
    MIGRATIONS.run(pool).await.map_err(|error| {
        MetadataError::Unavailable(match error {
            MigrateError::VersionMissing(found) => format!(
                "the platform's database has schema {found}, this program knows schema {} at most\n\
                 hint: start the newer ouro that wrote it",
                newest()
            ),
            MigrateError::VersionMismatch(version) => format!(
                "the platform's database has another schema {version} than this program: it was written by a build of its own"
            ),
            error => format!("cannot bring the platform's database to schema {}: {error}", newest()),
        })
    })
}

fn newest() -> i64 {
    let versions = MIGRATIONS.iter().map(|migration| migration.version);
    versions.max().unwrap_or_default()
}
