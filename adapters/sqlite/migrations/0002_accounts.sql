-- no-transaction
-- People, organizations, and what proves who asks. Tables whose uniqueness changes are made anew, which takes foreign keys
-- being off, and that is only possible outside of a transaction (https://sqlite.org/lang_altertable.html, section 7).

PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;

CREATE TABLE users (
  id                TEXT PRIMARY KEY,
  -- in lower case
  email             TEXT NOT NULL UNIQUE,
  -- until then it proves nothing about its owner
  email_verified_at INTEGER,
  name              TEXT NOT NULL DEFAULT '',
  -- PHC string of argon2id; NULL for who signs in otherwise
  password_hash     TEXT,
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL
) STRICT;

-- What a provider says that a user is (OpenID Connect Core 5.7: issuer and subject together, never the email).
CREATE TABLE identities (
  issuer     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT;

CREATE INDEX identities_by_user ON identities (user_id);

CREATE TABLE organizations (
  id               TEXT PRIMARY KEY,
  name             TEXT NOT NULL UNIQUE,
  description      TEXT NOT NULL DEFAULT '',
  -- of whom it is the personal one
  personal_user_id TEXT UNIQUE REFERENCES users (id) ON DELETE SET NULL,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  -- when it and all that it owns goes; until then it serves nothing and can be restored
  deletion_at      INTEGER
) STRICT;

-- What there was before organizations, and what the operator makes without naming one.
INSERT INTO organizations (id, name, description, created_at, updated_at)
  VALUES ('org_00000000000000000000000000000000', 'default', 'The operator''s own', 0, 0);

CREATE TABLE memberships (
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  user_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role            TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  created_at      INTEGER NOT NULL,
  PRIMARY KEY (organization_id, user_id)
) STRICT;

CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE invitations (
  id              TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  -- NULL: whoever has the link
  email           TEXT,
  role            TEXT NOT NULL CHECK (role IN ('admin', 'member', 'viewer')),
  -- SHA-256 of the token in the link, in hex
  token_hash      TEXT NOT NULL UNIQUE,
  invited_by      TEXT REFERENCES users (id) ON DELETE SET NULL,
  created_at      INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL,
  accepted_by     TEXT REFERENCES users (id) ON DELETE SET NULL,
  accepted_at     INTEGER
) STRICT;

CREATE INDEX invitations_by_organization ON invitations (organization_id, created_at);

-- One sign-in, with all the tokens that come of it.
CREATE TABLE sessions (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- User-Agent and address of the sign-in, for the user's own list
  client       TEXT NOT NULL DEFAULT '',
  address      TEXT NOT NULL DEFAULT '',
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  revoked_at   INTEGER
) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_id, created_at);

-- Each is used once. One that is used again was stolen, and ends its session (RFC 9700 4.14.2).
CREATE TABLE refresh_tokens (
  -- the token's `jti`
  id         TEXT PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  used_at    INTEGER
) STRICT;

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

CREATE TABLE keys (
  id              TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  -- its keys go with a member; NULL for the operator's
  created_by      TEXT REFERENCES users (id) ON DELETE CASCADE,
  -- 'api': what its scopes say; 'service': everything in the organization
  kind            TEXT NOT NULL CHECK (kind IN ('api', 'service')),
  name            TEXT NOT NULL,
  -- the first characters, by which its owner knows it
  beginning       TEXT NOT NULL,
  -- SHA-256 of the whole, in hex
  hash            TEXT NOT NULL UNIQUE,
  -- JSON array of permissions
  scopes          TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  expires_at      INTEGER,
  last_used_at    INTEGER,
  revoked_at      INTEGER
) STRICT;

CREATE INDEX keys_by_organization ON keys (organization_id, created_at);

-- Whose tokens an organization accepts from its workers' callers.
CREATE TABLE issuers (
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  issuer          TEXT NOT NULL,
  audience        TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  PRIMARY KEY (organization_id, issuer)
) STRICT;

-- What is used once: links in mails, states of sign-ins, device codes.
CREATE TABLE one_time_tokens (
  -- SHA-256 of the token, in hex
  hash       TEXT PRIMARY KEY,
  -- 'verify-email', 'reset-password', 'sign-in', 'device', 'code'
  purpose    TEXT NOT NULL,
  user_id    TEXT REFERENCES users (id) ON DELETE CASCADE,
  -- JSON, by purpose; what is secret in it is sealed
  payload    TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER
) STRICT;

CREATE INDEX one_time_tokens_by_time ON one_time_tokens (expires_at);

-- Failures that count against the next try, by what was tried and from where.
CREATE TABLE attempts (
  subject       TEXT PRIMARY KEY,
  failures      INTEGER NOT NULL,
  first_at      INTEGER NOT NULL,
  blocked_until INTEGER NOT NULL
) STRICT;

-- Every change: who made it, to what, when and from where. Rows are added and never changed while their organization is there.
CREATE TABLE audit_entries (
  sequence        INTEGER PRIMARY KEY AUTOINCREMENT,
  id              TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  -- 'operator', 'user', 'key' or 'host'
  actor_kind      TEXT NOT NULL,
  actor_id        TEXT NOT NULL,
  -- such as 'worker.create'
  action          TEXT NOT NULL,
  subject_id      TEXT NOT NULL,
  subject_name    TEXT NOT NULL,
  -- JSON objects of the fields that changed, without secrets
  before          TEXT,
  after           TEXT,
  address         TEXT NOT NULL,
  request_id      TEXT NOT NULL,
  created_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_entries_by_organization ON audit_entries (organization_id, sequence);

CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries
  WHEN EXISTS (SELECT 1 FROM organizations WHERE id = OLD.organization_id)
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- Everything has an owner. Names of workers are the platform's, since they stand in host names; others are an organization's.

CREATE TABLE new_environments (
  id              TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name            TEXT NOT NULL,
  description     TEXT NOT NULL DEFAULT '',
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  UNIQUE (organization_id, name)
) STRICT;
INSERT INTO new_environments
  SELECT id, 'org_00000000000000000000000000000000', name, description, created_at, updated_at FROM environments;
DROP TABLE environments;
ALTER TABLE new_environments RENAME TO environments;

CREATE TABLE new_databases (
  id              TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name            TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  UNIQUE (organization_id, name)
) STRICT;
INSERT INTO new_databases
  SELECT id, 'org_00000000000000000000000000000000', name, created_at FROM databases;
DROP TABLE databases;
ALTER TABLE new_databases RENAME TO databases;

CREATE TABLE new_workers (
  id              TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  name            TEXT NOT NULL UNIQUE,
  description     TEXT NOT NULL DEFAULT '',
  environment_id  TEXT REFERENCES environments (id) ON DELETE RESTRICT,
  -- who may call it
  auth            TEXT NOT NULL DEFAULT 'public' CHECK (auth IN ('public', 'anon', 'user', 'key')),
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT;
INSERT INTO new_workers
  SELECT id, 'org_00000000000000000000000000000000', name, description, environment_id, 'public', created_at, updated_at FROM workers;
DROP TABLE workers;
ALTER TABLE new_workers RENAME TO workers;

-- What an organization has uploaded. Artifacts are shared by content, and knowing a digest is no proof of having the bytes.
CREATE TABLE artifacts (
  organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
  digest          TEXT NOT NULL,
  -- in bytes
  size            INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  PRIMARY KEY (organization_id, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX workers_by_organization ON workers (organization_id, created_at);
CREATE TRIGGER workers_changed AFTER UPDATE OF name, environment_id, auth, organization_id ON workers BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER workers_removed AFTER DELETE ON workers BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER organizations_deleted AFTER UPDATE OF deletion_at ON organizations BEGIN UPDATE revision SET number = number + 1; END;

-- A number that grows with each change to who somebody is and what proves it.
CREATE TABLE principals_revision (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  number INTEGER NOT NULL
) STRICT;
INSERT INTO principals_revision (id, number) VALUES (1, 0);

CREATE TRIGGER keys_added AFTER INSERT ON keys BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER keys_changed AFTER UPDATE OF scopes, expires_at, revoked_at ON keys BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER keys_removed AFTER DELETE ON keys BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER sessions_changed AFTER UPDATE OF expires_at, revoked_at ON sessions BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER sessions_removed AFTER DELETE ON sessions BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER memberships_added AFTER INSERT ON memberships BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER memberships_changed AFTER UPDATE ON memberships BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER memberships_removed AFTER DELETE ON memberships BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER issuers_added AFTER INSERT ON issuers BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER issuers_changed AFTER UPDATE ON issuers BEGIN UPDATE principals_revision SET number = number + 1; END;
CREATE TRIGGER issuers_removed AFTER DELETE ON issuers BEGIN UPDATE principals_revision SET number = number + 1; END;

COMMIT;
PRAGMA foreign_keys = ON;
