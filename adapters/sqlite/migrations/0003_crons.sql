-- When workers run by themselves, and what came of it. The management worker writes crons, and asks for runs by hand; the
-- host moves crons on and writes runs.

CREATE TABLE crons (
  id         TEXT PRIMARY KEY,
  worker_id  TEXT NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  expression TEXT NOT NULL,
  -- IANA name
  time_zone  TEXT NOT NULL,
  -- how the expression numbers days: 'posix' (0 is Sunday) or 'cloudflare' (1 is Sunday)
  weekdays   TEXT NOT NULL CHECK (weekdays IN ('posix', 'cloudflare')),
  enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- what becomes of due times at which no node was there
  missed     TEXT NOT NULL CHECK (missed IN ('skip', 'once', 'all')),
  -- 'api', or 'config': of the live version's configuration
  source     TEXT NOT NULL CHECK (source IN ('api', 'config')),
  -- the due time that comes next; NULL where the host has to work it out
  next_at    INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX crons_by_worker ON crons (worker_id, created_at);
CREATE INDEX crons_due ON crons (next_at) WHERE enabled = 1;
CREATE UNIQUE INDEX crons_of_configuration ON crons (worker_id, expression, time_zone) WHERE source = 'config';

CREATE TABLE cron_runs (
  id           TEXT PRIMARY KEY,
  cron_id      TEXT NOT NULL REFERENCES crons (id) ON DELETE CASCADE,
  -- the due time; of a run by hand, when it was asked for
  scheduled_at INTEGER NOT NULL,
  manual       INTEGER NOT NULL DEFAULT 0 CHECK (manual IN (0, 1)),
  -- from 1; another one after a run that was lost
  attempt      INTEGER NOT NULL DEFAULT 1,
  -- NULL: it waits
  started_at   INTEGER,
  -- the node that runs it, and until when it is that node's
  node         TEXT,
  lease_until  INTEGER,
  ended_at     INTEGER,
  -- NULL: it waits or runs. An execution's, or 'skipped', 'missed', 'lost', 'over-quota', 'not-started'
  outcome      TEXT,
  execution_id TEXT,
  UNIQUE (cron_id, scheduled_at, manual, attempt)
) STRICT;

CREATE INDEX cron_runs_unfinished ON cron_runs (cron_id, scheduled_at) WHERE outcome IS NULL;

-- The triggers of a version are part of it: whatever makes it live, a deploy, a rollback or `ouro admin`, brings its crons. One
-- that two versions share stays as it is, with its runs.
-- A configuration that cannot be read brings none; the host leaves such a version out.
CREATE TRIGGER deployments_bring_crons AFTER INSERT ON deployments BEGIN
  DELETE FROM crons WHERE worker_id = NEW.worker_id AND source = 'config' AND NOT EXISTS (
    SELECT 1 FROM versions v, json_each(CASE WHEN json_valid(v.config) THEN v.config ELSE '{}' END, '$.crons') c
    WHERE v.id = NEW.version_id AND json_extract(c.value, '$.expression') = crons.expression
      AND json_extract(c.value, '$.time_zone') = crons.time_zone);
  INSERT INTO crons (id, worker_id, expression, time_zone, weekdays, enabled, missed, source, created_at, updated_at)
    SELECT 'crn_' || lower(hex(randomblob(16))), NEW.worker_id, json_extract(c.value, '$.expression'), json_extract(c.value, '$.time_zone'),
           json_extract(c.value, '$.weekdays'), 1, json_extract(c.value, '$.missed'), 'config', NEW.created_at, NEW.created_at
    FROM versions v, json_each(CASE WHEN json_valid(v.config) THEN v.config ELSE '{}' END, '$.crons') c
    WHERE v.id = NEW.version_id
    ON CONFLICT (worker_id, expression, time_zone) WHERE source = 'config' DO UPDATE
      SET weekdays = excluded.weekdays, missed = excluded.missed, updated_at = excluded.updated_at,
          next_at = CASE WHEN weekdays = excluded.weekdays THEN next_at END
      WHERE weekdays <> excluded.weekdays OR missed <> excluded.missed;
END;
