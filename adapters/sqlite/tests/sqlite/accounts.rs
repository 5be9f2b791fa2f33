//! Keys, sessions and usage, as the host reads what the management worker writes.

use ouro_adapter_sqlite::{SqliteDatabases, SqliteMetadata};
use ouro_core::id::{DatabaseId, OrganizationId, WorkerId};
use ouro_core::ports::database::conformance::query;
use ouro_core::ports::database::{Database, DatabaseBackend};
use ouro_core::ports::identity::IdentityStore;
use ouro_core::ports::metadata::{DailyQuotas, MetadataStore, Usage};

struct Store {
    _directory: tempfile::TempDir,
    metadata: SqliteMetadata,
    management: std::sync::Arc<dyn Database>,
}

const PEOPLE: [&str; 4] = [
    "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ('usr_1', 'ada@example.org', 'Ada', 0, 0)",
    "INSERT INTO organizations (id, name, created_at, updated_at) VALUES ('org_a', 'a', 0, 0), ('org_b', 'b', 0, 0)",
    "INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ('org_a', 'usr_1', 'owner', 0)",
    "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at) VALUES ('ses_1', 'usr_1', 0, 0, 9)",
];

const KEY: &str =
    "INSERT INTO keys (id, organization_id, kind, name, beginning, hash, scopes, created_at)
    VALUES ('key_1', 'org_a', 'api', 'k', 'ouro_', 'h', '[\"execute:functions\"]', 0)";

async fn store() -> Store {
    let directory = tempfile::tempdir().expect("a folder");
    let path = directory.path().join("platform.db");
    let metadata = SqliteMetadata::open(path).await.expect("open");
    let databases = SqliteDatabases::open(directory.path()).expect("open");
    let platform = databases.open(&DatabaseId::PLATFORM.into()).await;
    let store = Store {
        _directory: directory,
        metadata,
        management: platform.expect("the platform's database"),
    };
    for sql in PEOPLE {
        store.run(sql).await;
    }
    store.run(KEY).await;
    store
}

impl Store {
    async fn run(&self, sql: &str) {
        query(&*self.management, sql, []).await;
    }

    async fn add(&self, organization: &str, requests: u64, cpu_us: u64) {
        let usage = Usage {
            organization: OrganizationId::from(organization),
            worker: WorkerId::from("wrk_1"),
            requests,
            errors: 0,
            cpu_us,
        };
        let added = self.metadata.add_usage(20_000, &[usage]).await;
        added.expect("added");
    }

    /// Who is over what, by these defaults.
    async fn over(
        &self,
        requests: Option<u64>,
        cpu_seconds: Option<u64>,
    ) -> Vec<(String, String, u64)> {
        let quotas = DailyQuotas {
            requests,
            cpu_seconds,
        };
        let over = self
            .metadata
            .over_quota(20_000, quotas)
            .await
            .expect("read");
        let shown = over
            .into_iter()
            .map(|it| (it.organization.0, it.quota.to_owned(), it.used));
        shown.collect()
    }
}

#[tokio::test]
async fn a_key_is_found_by_its_hash_until_it_is_revoked() {
    let store = store().await;
    let key = store.metadata.key("h").await.expect("read").expect("a key");
    assert_eq!(key.organization.as_str(), "org_a");
    assert_eq!(key.scopes, ["execute:functions"]);
    assert!(!key.is_service && key.expires_at_ms.is_none());
    assert_eq!(store.metadata.key("other").await, Ok(None));
    store
        .metadata
        .note_uses(vec![("key_1".to_owned(), 7)])
        .await
        .expect("noted");
    let before = IdentityStore::revision(&store.metadata)
        .await
        .expect("a number");
    store.run("UPDATE keys SET revoked_at = 1").await;
    assert_eq!(store.metadata.key("h").await, Ok(None));
    let after = IdentityStore::revision(&store.metadata)
        .await
        .expect("a number");
    assert!(after > before);
}

#[tokio::test]
async fn a_key_of_an_organization_that_is_about_to_go_is_none() {
    let store = store().await;
    store
        .run("UPDATE organizations SET deletion_at = 99 WHERE id = 'org_a'")
        .await;
    assert_eq!(store.metadata.key("h").await, Ok(None));
}

#[tokio::test]
async fn a_session_has_its_user_and_their_organizations() {
    let store = store().await;
    let session = store
        .metadata
        .session("ses_1")
        .await
        .expect("read")
        .expect("a session");
    assert_eq!(
        (session.user.as_str(), session.email.as_str()),
        ("usr_1", "ada@example.org")
    );
    assert_eq!(session.organizations, [OrganizationId::from("org_a")]);
    assert_eq!(session.expires_at_ms, 9);
    store.run("UPDATE sessions SET revoked_at = 1").await;
    assert_eq!(store.metadata.session("ses_1").await, Ok(None));
}

#[tokio::test]
async fn usage_adds_up_and_tells_who_is_over_a_quota() {
    let store = store().await;
    store.add("org_a", 6, 1_500_000).await;
    store.add("org_a", 6, 1_500_000).await;
    store.add("org_b", 9, 0).await;
    store.add("org_gone", 99, 0).await;
    store.add(OrganizationId::DEFAULT, 99, 99_000_000).await;
    let over = |name: &str, quota: &str, used| (name.to_owned(), quota.to_owned(), used);
    assert_eq!(store.over(None, None).await, []);
    assert_eq!(
        store.over(Some(10), None).await,
        [over("org_a", "requests_per_day", 12)]
    );
    assert_eq!(
        store.over(None, Some(3)).await,
        [over("org_a", "cpu_seconds_per_day", 3)]
    );
    // The operator's word goes before.
    store.run("INSERT INTO quotas VALUES ('org_a', 'requests_per_day', NULL), ('org_b', 'requests_per_day', 5)").await;
    assert_eq!(
        store.over(Some(10), None).await,
        [over("org_b", "requests_per_day", 9)]
    );
}
