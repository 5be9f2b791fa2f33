//! Keys, sessions and memberships, as the host looks them up.

use async_trait::async_trait;
use ouro_core::id::OrganizationId;
use ouro_core::ports::identity::{IdentityStore, KeyRecord, SessionRecord, Unavailable};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::metadata::SqliteMetadata;

#[async_trait]
impl IdentityStore for SqliteMetadata {
    async fn key(&self, hash: &str) -> Result<Option<KeyRecord>, Unavailable> {
        let row = sqlx::query(
            "SELECT keys.id, keys.organization_id, keys.kind, keys.scopes, keys.expires_at
             FROM keys JOIN organizations ON organizations.id = keys.organization_id
             WHERE keys.hash = $1 AND keys.revoked_at IS NULL AND organizations.deletion_at IS NULL",
        )
        .bind(hash)
        .fetch_optional(self.pool())
        .await
        .map_err(unavailable)?;
        row.as_ref().map(read_key).transpose()
    }

    async fn session(&self, id: &str) -> Result<Option<SessionRecord>, Unavailable> {
        let row = sqlx::query(
            "SELECT users.id, users.email, users.name, sessions.expires_at,
               (SELECT json_group_array(organization_id) FROM memberships WHERE user_id = users.id) AS organizations
             FROM sessions JOIN users ON users.id = sessions.user_id
             WHERE sessions.id = $1 AND sessions.revoked_at IS NULL",
        )
        .bind(id)
        .fetch_optional(self.pool())
        .await
        .map_err(unavailable)?;
        row.as_ref().map(read_session).transpose()
    }

    async fn revision(&self) -> Result<i64, Unavailable> {
        sqlx::query_scalar("SELECT number FROM principals_revision")
            .fetch_one(self.pool())
            .await
            .map_err(unavailable)
    }

    async fn note_uses(&self, uses: Vec<(String, u64)>) -> Result<(), Unavailable> {
        for (key, at_ms) in uses {
            sqlx::query(
                "UPDATE keys SET last_used_at = max(coalesce(last_used_at, 0), $2) WHERE id = $1",
            )
            .bind(key)
            .bind(at_ms.cast_signed())
            .execute(self.pool())
            .await
            .map_err(unavailable)?;
        }
        Ok(())
    }
}

fn read_key(row: &SqliteRow) -> Result<KeyRecord, Unavailable> {
    let scopes: String = row.try_get("scopes").map_err(unavailable)?;
    let kind: String = row.try_get("kind").map_err(unavailable)?;
    let expires_at: Option<i64> = row.try_get("expires_at").map_err(unavailable)?;
    Ok(KeyRecord {
        id: row.try_get("id").map_err(unavailable)?,
        organization: OrganizationId(row.try_get("organization_id").map_err(unavailable)?),
        is_service: kind == "service",
        scopes: serde_json::from_str(&scopes).map_err(unavailable)?,
        expires_at_ms: expires_at.map(i64::cast_unsigned),
    })
}

fn read_session(row: &SqliteRow) -> Result<SessionRecord, Unavailable> {
    let organizations: String = row.try_get("organizations").map_err(unavailable)?;
    let expires_at: i64 = row.try_get("expires_at").map_err(unavailable)?;
    Ok(SessionRecord {
        user: row.try_get("id").map_err(unavailable)?,
        email: row.try_get("email").map_err(unavailable)?,
        name: row.try_get("name").map_err(unavailable)?,
        organizations: serde_json::from_str(&organizations).map_err(unavailable)?,
        expires_at_ms: expires_at.cast_unsigned(),
    })
}

fn unavailable(error: impl std::fmt::Display) -> Unavailable {
    Unavailable(error.to_string())
}
