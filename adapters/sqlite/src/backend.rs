//! The databases under one directory: which are open, and how they come and go.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use ouro_core::id::DatabaseId;
use ouro_core::ports::database::{Database, DatabaseBackend, DatabaseError};
use sqlx::{ConnectOptions, Connection as _};
use tokio::task::AbortHandle;

use crate::connection::options;
use crate::database::{Places, SqliteDatabase};
use crate::limits::{CONNECTIONS_MAX, IDLE_TIMEOUT, Limits};

/// How often idle connections are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

/// Where the platform's own database lies in the data directory.
pub(crate) const PLATFORM_FILE: &str = "platform.db";

/// `<data>/platform.db` and `<data>/databases/<id>.db`.
pub struct SqliteDatabases {
    platform: PathBuf,
    directory: PathBuf,
    limits: Limits,
    open: Arc<Open>,
    sweeper: AbortHandle,
}

struct Open {
    databases: Mutex<HashMap<DatabaseId, Arc<SqliteDatabase>>>,
    places: Arc<Places>,
}

impl SqliteDatabases {
    /// Opens the databases under a data directory. It must run inside tokio; it blocks shortly.
    ///
    /// # Errors
    /// `Unavailable` with the path, where the directory cannot be made.
    pub fn open(data: impl AsRef<Path>) -> Result<Self, DatabaseError> {
        Self::open_with(data, Limits::default())
    }

    /// The same with other limits for customers' databases.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_with(data: impl AsRef<Path>, limits: Limits) -> Result<Self, DatabaseError> {
        let data = std::path::absolute(data.as_ref())
            .map_err(|error| unavailable("find", data.as_ref(), &error))?;
        let directory = data.join("databases");
        std::fs::create_dir_all(&directory)
            .map_err(|error| unavailable("create", &directory, &error))?;
        let open = Arc::new(Open {
            databases: Mutex::default(),
            places: Arc::new(Places::new(CONNECTIONS_MAX)),
        });
        let sweep = sweep(Arc::downgrade(&open), open.places.clone());
        let sweeper = tokio::spawn(sweep).abort_handle();
        Ok(Self {
            platform: data.join(PLATFORM_FILE),
            directory,
            limits,
            open,
            sweeper,
        })
    }

    fn path(&self, id: &DatabaseId) -> Result<PathBuf, DatabaseError> {
        check_id(id)?;
        Ok(if id.as_str() == DatabaseId::PLATFORM {
            self.platform.clone()
        } else {
            self.directory.join(format!("{id}.db"))
        })
    }

    fn customer_path(&self, id: &DatabaseId) -> Result<PathBuf, DatabaseError> {
        if id.as_str() == DatabaseId::PLATFORM {
            return Err(DatabaseError::Sql(
                "the platform's database is neither created nor deleted by a call".to_owned(),
            ));
        }
        self.path(id)
    }

    fn listed(&self, id: &DatabaseId, path: PathBuf) -> Arc<SqliteDatabase> {
        let mut databases = self.open.databases();
        let database = databases
            .entry(id.clone())
            .or_insert_with(|| Arc::new(self.database(id, path)));
        database.clone()
    }

    fn database(&self, id: &DatabaseId, path: PathBuf) -> SqliteDatabase {
        if id.as_str() == DatabaseId::PLATFORM {
            SqliteDatabase::new(id.clone(), path, Limits::platform(), None)
        } else {
            let places = self.open.places.clone();
            SqliteDatabase::new(id.clone(), path, self.limits, Some(places))
        }
    }
}

impl Drop for SqliteDatabases {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}

impl Open {
    fn databases(&self) -> MutexGuard<'_, HashMap<DatabaseId, Arc<SqliteDatabase>>> {
        self.databases
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes idle connections, and forgets databases that nobody has open.
    fn close_idle(&self, unused: Duration) {
        self.databases()
            .retain(|_, database| !database.close_idle(unused) || Arc::strong_count(database) > 1);
    }
}

/// Closes what is idle: now and then what was so for long, and all of it when a connection is wanted and none may be opened.
async fn sweep(open: Weak<Open>, places: Arc<Places>) {
    let mut interval = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        let unused = tokio::select! {
            _ = interval.tick() => IDLE_TIMEOUT,
            () = places.wanted() => Duration::ZERO,
        };
        let Some(open) = open.upgrade() else { return };
        open.close_idle(unused);
    }
}

#[async_trait]
impl DatabaseBackend for SqliteDatabases {
    async fn create(&self, id: &DatabaseId) -> Result<(), DatabaseError> {
        let path = self.customer_path(id)?;
        let failed = |error: sqlx::Error| {
            DatabaseError::Unavailable(format!("cannot create `{}`: {error}", path.display()))
        };
        let connection = options(&path).create_if_missing(true).connect().await;
        connection.map_err(failed)?.close().await.map_err(failed)
    }

    async fn delete(&self, id: &DatabaseId) -> Result<(), DatabaseError> {
        let path = self.customer_path(id)?;
        // It stays listed, closed, until its files are gone, so that nobody opens them meanwhile.
        let closing = self.listed(id, path.clone());
        closing.close().await;
        for suffix in ["", "-wal", "-shm"] {
            let mut file = path.clone().into_os_string();
            file.push(suffix);
            match tokio::fs::remove_file(&file).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(unavailable("delete", Path::new(&file), &error));
                }
                _ => {}
            }
        }
        self.open.databases().remove(id);
        Ok(())
    }

    async fn open(&self, id: &DatabaseId) -> Result<Arc<dyn Database>, DatabaseError> {
        let path = self.path(id)?;
        if let Some(database) = self.open.databases().get(id) {
            return Ok(database.clone());
        }
        match tokio::fs::try_exists(&path).await {
            Ok(true) => {}
            Ok(false) => return Err(DatabaseError::Unavailable(format!("no database `{id}`"))),
            Err(error) => return Err(unavailable("find", &path, &error)),
        }
        Ok(self.listed(id, path))
    }
}

/// An id becomes a file name.
fn check_id(id: &DatabaseId) -> Result<(), DatabaseError> {
    let text = id.as_str();
    let word = matches!(text.len(), 1..=64)
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    if word {
        return Ok(());
    }
    let shown: String = text.chars().take(80).collect();
    Err(DatabaseError::Sql(format!(
        "`{}` is not a database id: expected 1 to 64 characters of `a-z`, `0-9`, `_` and `-`",
        shown.escape_default()
    )))
}

fn unavailable(verb: &str, path: &Path, error: &std::io::Error) -> DatabaseError {
    DatabaseError::Unavailable(format!("cannot {verb} `{}`: {error}", path.display()))
}
