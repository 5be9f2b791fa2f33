-- What an organization may have at most, and what it has used.

-- The operator's word on one organization, over the configuration's on all.
CREATE TABLE quotas (
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name            TEXT NOT NULL,
  -- NULL: as much as it likes
  maximum         INTEGER CHECK (maximum >= 0),
  PRIMARY KEY (organization_id, name)
) STRICT, WITHOUT ROWID;

-- The host adds to it. No foreign key to workers: what was used stays used.
CREATE TABLE usage (
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  worker_id       TEXT NOT NULL,
  -- days since 1970-01-01, in UTC
  day             INTEGER NOT NULL,
  requests        INTEGER NOT NULL DEFAULT 0,
  errors          INTEGER NOT NULL DEFAULT 0,
  cpu_us          INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, day, worker_id)
) STRICT, WITHOUT ROWID;

-- Never holds a row: a statement that inserts the name of a constraint fails by it, and the transaction with it.
CREATE TABLE guards (
  name TEXT NOT NULL,
  CONSTRAINT over_quota CHECK (name <> 'over_quota'),
  CONSTRAINT last_owner CHECK (name <> 'last_owner'),
  CONSTRAINT changed_meanwhile CHECK (name <> 'changed_meanwhile')
) STRICT;
