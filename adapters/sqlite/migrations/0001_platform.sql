-- The platform's metadata. The management worker writes it through its database binding; the host reads what is live
-- and writes executions. Times are Unix milliseconds. JSON columns hold what the comment beside them names.

CREATE TABLE environments (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL DEFAULT '',
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE environment_values (
  environment_id TEXT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
  name           TEXT NOT NULL,
  kind           TEXT NOT NULL CHECK (kind IN ('var', 'secret', 'database')),
  -- var: JSON value; secret: sealed text; database: id
  value          TEXT NOT NULL,
  PRIMARY KEY (environment_id, name)
) STRICT;

CREATE TABLE workers (
  id             TEXT PRIMARY KEY,
  name           TEXT NOT NULL UNIQUE,
  description    TEXT NOT NULL DEFAULT '',
  environment_id TEXT REFERENCES environments (id) ON DELETE RESTRICT,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE versions (
  id         TEXT PRIMARY KEY,
  worker_id  TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  number     INTEGER NOT NULL,
  -- SHA-256 of the component that runs
  component  TEXT NOT NULL,
  -- 'javascript' or 'component'
  kind       TEXT NOT NULL,
  -- host/core VersionConfig
  config     TEXT NOT NULL,
  message    TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  UNIQUE (worker_id, number)
) STRICT;

-- What changed `live`, in order: the newest row of a worker says what it serves.
CREATE TABLE deployments (
  sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT NOT NULL UNIQUE,
  worker_id  TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  version_id TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  -- 'deploy', 'rollback' or 'install'
  reason     TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX deployments_by_worker ON deployments (worker_id, sequence);

CREATE TABLE databases (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

-- No foreign keys: records outlive what they speak of, until retention takes them.
CREATE TABLE executions (
  id               TEXT PRIMARY KEY,
  worker_id        TEXT NOT NULL,
  version_id       TEXT NOT NULL,
  trigger          TEXT NOT NULL,
  outcome          TEXT NOT NULL,
  status_code      INTEGER,
  started_at       INTEGER NOT NULL,
  duration_us      INTEGER NOT NULL,
  cpu_us           INTEGER NOT NULL,
  memory_bytes_max INTEGER NOT NULL,
  -- array of host/core ConsoleLine
  console          TEXT NOT NULL,
  console_dropped  INTEGER NOT NULL,
  error            TEXT
) STRICT;

CREATE INDEX executions_by_worker ON executions (worker_id, started_at);
CREATE INDEX executions_by_time ON executions (started_at);

-- A number that grows with each change to what is served, whoever makes it. Records of executions leave it alone.
CREATE TABLE revision (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  number INTEGER NOT NULL
) STRICT;
INSERT INTO revision (id, number) VALUES (1, 0);

CREATE TRIGGER deployments_added AFTER INSERT ON deployments BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER deployments_changed AFTER UPDATE ON deployments BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER deployments_removed AFTER DELETE ON deployments BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER versions_changed AFTER UPDATE ON versions BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER workers_changed AFTER UPDATE OF name, environment_id ON workers BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER workers_removed AFTER DELETE ON workers BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER environment_values_added AFTER INSERT ON environment_values BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER environment_values_changed AFTER UPDATE ON environment_values BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER environment_values_removed AFTER DELETE ON environment_values BEGIN UPDATE revision SET number = number + 1; END;
