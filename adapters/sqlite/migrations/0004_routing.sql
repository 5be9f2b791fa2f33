-- What is served beside the live version: names of versions, shares of what is live, domains of customers.

CREATE TABLE aliases (
  sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
  worker_id  TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  -- a DNS label; never `live`, nor one that could be the beginning of a version's id
  name       TEXT NOT NULL,
  version_id TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (worker_id, name)
) STRICT;

CREATE TRIGGER aliases_added AFTER INSERT ON aliases BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER aliases_changed AFTER UPDATE ON aliases BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER aliases_removed AFTER DELETE ON aliases BEGIN UPDATE revision SET number = number + 1; END;

-- The beginning of an id that named one version names two: who remembers what it named looks again.
CREATE TRIGGER versions_collide AFTER INSERT ON versions
  WHEN EXISTS (SELECT 1 FROM versions v WHERE v.worker_id = NEW.worker_id AND v.id <> NEW.id
               AND substr(v.id, 1, 12) = substr(NEW.id, 1, 12))
  BEGIN UPDATE revision SET number = number + 1; END;

-- How clients without a version key keep the version that they were given: NULL, not at all.
ALTER TABLE deployments ADD COLUMN sticky TEXT CHECK (sticky IN ('cookie'));

-- The versions among which a deployment splits requests, written with it. One without rows here serves its `version_id`
-- alone; one with rows has there the version of the largest share.
CREATE TABLE deployment_versions (
  deployment_id TEXT NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
  version_id    TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  percentage    REAL NOT NULL CHECK (percentage > 0 AND percentage < 100),
  PRIMARY KEY (deployment_id, version_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER deployment_versions_added AFTER INSERT ON deployment_versions BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER deployment_versions_changed AFTER UPDATE ON deployment_versions BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER deployment_versions_removed AFTER DELETE ON deployment_versions BEGIN UPDATE revision SET number = number + 1; END;

-- What the plain host name of each worker serves: the versions of its newest deployment.
CREATE VIEW live_shares AS
  SELECT w.id AS worker_id, d.id AS deployment_id, d.sticky,
         COALESCE(s.version_id, d.version_id) AS version_id, COALESCE(s.percentage, 100) AS percentage
  FROM workers w
  JOIN deployments d ON d.sequence = (SELECT MAX(sequence) FROM deployments WHERE worker_id = w.id)
  LEFT JOIN deployment_versions s ON s.deployment_id = d.id;

CREATE TABLE domains (
  sequence        INTEGER PRIMARY KEY AUTOINCREMENT,
  -- in lower case, without a dot at its end
  name            TEXT NOT NULL,
  worker_id       TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  -- what the TXT record `_ouro-challenge.<name>` has to hold
  token           TEXT NOT NULL,
  -- until then it routes nothing
  verified_at     INTEGER,
  created_at      INTEGER NOT NULL,
  UNIQUE (organization_id, name)
) STRICT;

-- Claims may be many, its owner is one.
CREATE UNIQUE INDEX domains_verified ON domains (name) WHERE verified_at IS NOT NULL;
CREATE INDEX domains_by_worker ON domains (worker_id);

CREATE TRIGGER domains_added AFTER INSERT ON domains BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER domains_changed AFTER UPDATE ON domains BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER domains_removed AFTER DELETE ON domains BEGIN UPDATE revision SET number = number + 1; END;
