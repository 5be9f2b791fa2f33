import type { Limits } from "./domain/version-config.ts";

/**
 * The bindings of the management world, as `env` holds them. The classes behind them are in sdk/js/src, in files of the
 * bindings' names; this file is what both sides agree on.
 *
 * Every method that can fail rejects with an `Error` that has a `code`: the name of the variant in wit/, such as
 * `digest-mismatch`, `unknown-import`, `unhealthy` or `constraint`. The message is the variant's text: of `digest-mismatch`,
 * `unknown-import`, `ungranted-import` and the `not-found` of `BUILD` only the name of the thing.
 */
export interface Env {
  /** Origin at which this API is reached, such as `http://localhost:8080`. */
  readonly PUBLIC_URL: string;
  /** Who may make an account. */
  readonly SIGN_UP: "open" | "invited" | "closed";
  /** Origin of the dashboard, to which browsers return; empty where there is none. */
  readonly APP_URL: string;
  /** Workers are served at `<name>.<BASE_DOMAIN>`; no port. */
  readonly BASE_DOMAIN: string;
  /** What an organization may have at most, by the names of domain/quotas.ts; what is `null` or absent has no limit. */
  readonly QUOTAS: Readonly<Record<string, number | null>>;
  /** How long an organization that was deleted can be restored. */
  readonly ORGANIZATION_GRACE_DAYS: number;
  /** What the operator allows of each of a version's limits. */
  readonly CEILINGS: Required<Limits>;
  /** The platform's metadata. */
  readonly DB: Database;
  readonly ARTIFACTS: Artifacts;
  readonly BUILD: Build;
  readonly CRONS: Crons;
  readonly DATABASES: Databases;
  readonly DOMAINS: Domains;
  readonly EXECUTIONS: Executions;
  readonly IDENTITY: Identity;
  readonly MAIL: Mail;
  readonly ROUTING: Routing;
  readonly SECRETS: Secrets;
}

/** wit/artifacts.wit. Codes: invalid-digest, digest-mismatch, truncated, too-large, unavailable. */
export interface Artifacts {
  missing(digests: readonly string[]): Promise<string[]>;
  /**
   * Stores the bytes under their digest and answers with their size in bytes. An unread request body is moved by the host,
   * without a chunk entering JavaScript; `null` is the empty body.
   */
  put(digest: string, body: ReadableStream<Uint8Array> | Uint8Array | null): Promise<{ size: number }>;
}

export type ComponentKind = "javascript" | "component";

export interface Prepared {
  /** Digest of what runs; another one than was asked for where it was rebuilt. */
  component: string;
  kind: ComponentKind;
  rebuilt: boolean;
}

/** wit/build.wit. Codes: not-found, not-a-component, unknown-import, ungranted-import, evaluation, unavailable. */
export interface Build {
  /** `granted` holds kinds of bindings: `assets`, `database`. */
  prepare(component: string, granted: readonly string[], management: boolean): Promise<Prepared>;
}

/** How an expression numbers days of the week: 0 is Sunday, or 1 is. */
export type Weekdays = "posix" | "cloudflare";

/** wit/crons.wit. Codes: expression, time-zone. */
export interface Crons {
  /** The next due times of an expression, in Unix milliseconds: one at least. */
  check(expression: string, timeZone: string, weekdays: Weekdays): Promise<number[]>;
  /** This node looks for what is due now. */
  reload(): Promise<void>;
}

/** wit/databases.wit. Codes: those of wit/database.wit. */
export interface Databases {
  create(id: string): Promise<void>;
  /** Deleting an absent one succeeds. */
  delete(id: string): Promise<void>;
  open(id: string): CustomerDatabase;
}

/** wit/domains.wit. Codes: unproven, unavailable. */
export interface Domains {
  /** Whether the operator asks for proof. */
  required(): Promise<boolean>;
  /** Resolves where the TXT record `_ouro-challenge.<name>` holds the token. */
  check(name: string, token: string): Promise<void>;
}

/** wit/executions.wit. */
export interface Executions {
  /** Resolves when the records of all invocations that have ended are in the store, or after a second. */
  flush(): Promise<void>;
  /** By the worker's id; of this node, and of invocations whose records were dropped too. */
  health(worker: string): Promise<Health>;
}

/** How the invocations of a worker ended within the last `windowMs`. */
export interface Health {
  status: "idle" | "healthy" | "failing" | "dying";
  windowMs: number;
  /** Counts by outcome; those that are not zero. */
  outcomes: Record<string, number>;
  lastFailure?: { outcome: string; message: string; endedAtMs: number; execution: string };
}

export type TokenKind = "access" | "refresh" | "anon";

/** wit/identity.wit. Codes: invalid, unavailable. */
export interface Identity {
  /** argon2id, as a PHC string. */
  hashPassword(password: string): Promise<string>;
  verifyPassword(password: string, hash: string): Promise<boolean>;
  /** A signed JWT. The host adds `iss`, `aud`, `iat`, `exp` and `typ` to the claims. */
  issue(kind: TokenKind, claims: Record<string, unknown>, lifetimeSeconds: number): Promise<string>;
  /** The claims; `null` where the token is not valid, has expired or is of another kind. */
  verify(kind: TokenKind, token: string): Promise<Record<string, unknown> | null>;
  /** What this node knows of keys and sessions is looked up again. */
  forget(): Promise<void>;
}

/** wit/mail.wit. Codes: not-configured, invalid, unavailable. */
export interface Mail {
  /** Plain text, to one address. */
  send(to: string, subject: string, text: string): Promise<void>;
}

/** wit/routing.wit. Codes: not-found, unhealthy, unavailable. */
export interface Routing {
  check(version: string, healthPath: string | null): Promise<void>;
  /** By the worker's id; every worker where it is `null`. */
  reload(worker: string | null): Promise<void>;
}

/** wit/secrets.wit. */
export interface Secrets {
  seal(plaintext: string): Promise<string>;
}

export type SqlValue = null | number | bigint | string | Uint8Array;

/** Figures of one statement, named as D1 names them. */
export interface Meta {
  /** Milliseconds. */
  duration: number;
  changes: number;
  last_row_id: number;
  changed_db: boolean;
  /** Bytes. */
  size_after: number;
  rows_read: number;
  rows_written: number;
}

/** What this API uses of the D1 client. Codes: sql, constraint, limit, timeout, unavailable, not-granted. */
export interface Database {
  prepare(sql: string): Statement;
  /** One transaction. */
  batch(statements: readonly Statement[]): Promise<Result<Record<string, unknown>>[]>;
}

export interface Statement {
  bind(...params: readonly (SqlValue | boolean)[]): Statement;
  first<Row>(): Promise<Row | null>;
  all<Row>(): Promise<Result<Row>>;
  run(): Promise<Result<Record<string, unknown>>>;
}

export interface Result<Row> {
  results: Row[];
  meta: Meta;
}

/** A customer's database: the D1 client, and one method that keeps the columns of an empty answer. */
export interface CustomerDatabase extends Database {
  /** Runs one statement. `rows` are in the order of `columns`. */
  query(sql: string, params: readonly (SqlValue | boolean)[]): Promise<{ columns: string[]; rows: SqlValue[][]; meta: Meta }>;
}
