/** The API with fakes of the host around it: real SQL under the real schema, everything else recorded. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";

import { app } from "../app.ts";
import type { Env, Health, Prepared } from "../env.ts";
import type { Role } from "../access.ts";
import { DEFAULT_ORGANIZATION } from "../store/organizations.ts";
import { PRINCIPAL_HEADER, type Principal } from "../principal.ts";
import { HostError, MemoryDatabase } from "./sqlite.ts";

export const REQUEST_ID = "req-1";
const MIGRATIONS = new URL("../../../adapters/sqlite/migrations/", import.meta.url);
const SCHEMA = readdirSync(MIGRATIONS).sort().map((name) => readFileSync(new URL(name, MIGRATIONS), "utf8")).join("\n");

export const OPERATOR: Principal = { kind: "operator", id: "operator" };

export type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  headers: Headers;
  /** `undefined` where there is no body. */
  json: Json;
}

const IDLE: Health = { status: "idle", windowMs: 600_000, outcomes: {} };

/** Hex digits of a digest that is not one. */
export function digestOf(digit: string): string {
  return digit.repeat(64);
}

/** Of a token that the fake issued. */
function claimsOf(kind: string, token: string): Record<string, unknown> | null {
  try {
    const read = JSON.parse(Buffer.from(token, "base64url").toString()) as { kind: string; claims: Record<string, unknown>; exp: number };
    return read.kind === kind && read.exp > Date.now() / 1000 ? { ...read.claims, exp: read.exp } : null;
  } catch {
    return null;
  }
}

export class Api {
  readonly db = new MemoryDatabase(SCHEMA);
  /** Calls of the privileged bindings, such as `routing.reload wrk_…`. */
  readonly calls: string[] = [];
  /** What a binding's method, by the name in `calls`, fails with. */
  readonly failures = new Map<string, HostError>();
  readonly artifacts = new Set<string>();
  readonly databases = new Map<string, MemoryDatabase>();
  prepared: Partial<Prepared> = {};
  /** How workers fare, by id; the others are idle. */
  readonly healths = new Map<string, Health>();
  /** What every cron expression is due at next. */
  readonly dueTimes: number[] = [Date.UTC(2100, 0, 1), Date.UTC(2100, 0, 2)];
  /** Body that the artifact store was given last. */
  stored: ReadableStream<Uint8Array> | Uint8Array | null | undefined;
  /** TXT records by name. */
  readonly records = new Map<string, string>();
  /** Whether domains have to be verified. */
  proofOfDomains = true;
  readonly mails: { to: string; subject: string; text: string }[] = [];
  readonly env: Env;
  /** Who asks, as the host says; `null` is nobody. */
  principal: Principal | null = OPERATOR;

  constructor() {
    this.env = {
      PUBLIC_URL: "http://localhost:8080",
      SIGN_UP: "open",
      APP_URL: "https://dashboard.example",
      BASE_DOMAIN: "localhost",
      ORGANIZATION_GRACE_DAYS: 7,
      QUOTAS: {
        workers: 100,
        environments: 100,
        databases: 50,
        crons: 100,
        keys: 100,
        members: 100,
        invitations: 100,
        issuers: 20,
        requests_per_day: null,
        cpu_seconds_per_day: null,
        storage_bytes: null,
        database_bytes: null,
        organizations_per_user: 10,
      },
      CEILINGS: {
        cpu_ms: 300_000,
        wall_ms: 300_000,
        memory_bytes: 1 << 30,
        request_body_bytes: 1 << 30,
        response_body_bytes: 2 ** 40,
        header_bytes: 65_536,
        header_count: 100,
        subrequests: 10_000,
        subrequests_at_once: 64,
        operations: 10_000,
        console_bytes: 1 << 20,
        websockets: 1_000,
        invocations_at_once: 1_000,
      },
      DB: this.db,
      ARTIFACTS: {
        missing: (digests) => this.#host("artifacts.missing", [], () => digests.filter((each) => !this.artifacts.has(each))),
        put: (digest, body) =>
          this.#host("artifacts.put", [digest], () => {
            this.stored = body;
            return { size: 7 };
          }),
      },
      BUILD: {
        prepare: (component, granted, management) =>
          this.#host("build.prepare", [component.slice(0, 4), granted.join("+"), String(management)], () => ({
            component,
            kind: "javascript" as const,
            rebuilt: false,
            ...this.prepared,
          })),
      },
      CRONS: {
        check: (expression, timeZone, weekdays) => this.#host("crons.check", [expression, timeZone, weekdays], () => [...this.dueTimes]),
        reload: () => this.#host("crons.reload", [], () => undefined),
      },
      DATABASES: {
        create: (id) => this.#host("databases.create", [id], () => void this.databases.set(id, new MemoryDatabase())),
        delete: (id) => this.#host("databases.delete", [id], () => void this.databases.delete(id)),
        open: (id) => {
          const database = this.databases.get(id);
          if (database === undefined) throw new HostError("unavailable", `no database \`${id}\``);
          return database;
        },
      },
      DOMAINS: {
        required: () => Promise.resolve(this.proofOfDomains),
        check: (name, token) =>
          this.#host("domains.check", [name], () => {
            if (this.records.get(`_ouro-challenge.${name}`) !== token) throw new HostError("unproven", `no TXT record \`_ouro-challenge.${name}\``);
          }),
      },
      EXECUTIONS: {
        flush: () => this.#host("executions.flush", [], () => undefined),
        health: (worker) => Promise.resolve(this.healths.get(worker) ?? IDLE),
      },
      IDENTITY: {
        hashPassword: (password) => this.#host("identity.hash-password", [], () => `hash of ${password}`),
        verifyPassword: (password, hash) => this.#host("identity.verify-password", [], () => hash === `hash of ${password}`),
        issue: (kind, claims, lifetimeSeconds) =>
          this.#host("identity.issue", [kind], () => Buffer.from(JSON.stringify({ kind, claims, exp: Date.now() / 1000 + lifetimeSeconds })).toString("base64url")),
        verify: (kind, token) => this.#host("identity.verify", [kind], () => claimsOf(kind, token)),
        forget: () => this.#host("identity.forget", [], () => undefined),
      },
      MAIL: {
        send: (to, subject, text) => this.#host("mail.send", [to], () => void this.mails.push({ to, subject, text })),
      },
      ROUTING: {
        check: (version, healthPath) => this.#host("routing.check", [version, String(healthPath)], () => undefined),
        reload: (worker) => this.#host("routing.reload", [String(worker)], () => undefined),
      },
      SECRETS: {
        seal: (text) => this.#host("secrets.seal", [], () => Buffer.from(`sealed:${text}`).toString("base64")),
      },
    };
  }

  #host<T>(name: string, args: string[], run: () => T): Promise<T> {
    this.calls.push([name, ...args].join(" "));
    const failure = this.failures.get(name);
    return failure === undefined ? new Promise((resolve) => resolve(run())) : Promise.reject(failure);
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers({ "x-request-id": REQUEST_ID });
    if (this.principal !== null) headers.set(PRINCIPAL_HEADER, JSON.stringify(this.principal));
    new Headers(init.headers).forEach((value, name) => headers.set(name, value));
    const later: Promise<unknown>[] = [];
    const context = { waitUntil: (work: Promise<unknown>) => void later.push(work), passThroughOnException: () => undefined, props: {} };
    const response = await app.request(path, { ...init, method, headers }, this.env, context);
    await Promise.all(later);
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: (text === "" ? undefined : JSON.parse(text)) as Json };
  }

  /** The same API, asked by another. */
  as(principal: Principal | null): Api {
    return Object.assign(Object.create(this) as Api, { principal });
  }

  /** A user with a personal organization, as signed in. */
  user(name: string): Api {
    const id = `usr_${name}`;
    this.db.sqlite.run(`
      INSERT INTO users (id, email, email_verified_at, name, created_at, updated_at) VALUES ('${id}', '${name}@example.com', 1, '${name}', 1, 1);
      INSERT INTO organizations (id, name, personal_user_id, created_at, updated_at) VALUES ('org_${name}', '${name}', '${id}', 1, 1);
      INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ('org_${name}', '${id}', 'owner', 1);`);
    return this.as({ kind: "user", id, session: `ses_${name}`, email: `${name}@example.com`, name });
  }

  /** Makes the user a member of an organization. */
  join(organization: string, user: string, role: Role): void {
    this.db.sqlite.run(`INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ('${organization}', 'usr_${user}', '${role}', 1)`);
  }

  /** Calls with a JSON body, where one is given. */
  call(method: string, path: string, body?: unknown): Promise<Answer> {
    const path_ = path.startsWith("/") ? path : `/api/v1/${path}`;
    return this.request(method, path_, body === undefined ? {} : { body: JSON.stringify(body) });
  }

  /** Calls, and expects a status. */
  async expect(status: number, method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.call(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.json)}`);
    return answer.json;
  }

  /** Calls, and expects an error; answers with its message and the fields that it names. */
  async refused(status: number, code: string, method: string, path: string, body?: unknown): Promise<{ message: string; issues: Record<string, string> }> {
    const { message, issues, ...rest } = await this.expect(status, method, path, body);
    assert.deepEqual(rest, { code, request_id: REQUEST_ID });
    const list = (issues ?? []) as { path: string; message: string }[];
    return { message: String(message), issues: Object.fromEntries(list.map((issue) => [issue.path, issue.message])) };
  }

  /** A worker with versions 1 to `count`, all deployed in turn. */
  async worker(name: string, count = 1): Promise<Json> {
    await this.expect(201, "POST", "workers", { name });
    for (let i = 0; i < count; i += 1) await this.version(name, { activate: true });
    return this.expect(200, "GET", `workers/${name}`);
  }

  /** An artifact that the organization of the operator has uploaded. */
  upload(digest: string): void {
    this.artifacts.add(digest);
    this.db.sqlite.run(`INSERT OR IGNORE INTO artifacts (organization_id, digest, size, created_at) VALUES ('${DEFAULT_ORGANIZATION}', '${digest}', 7, 1)`);
  }

  version(worker: string, fields: Json = {}): Promise<Json> {
    this.upload(digestOf("a"));
    return this.expect(201, "POST", `workers/${worker}/versions`, { component: digestOf("a"), ...fields });
  }

  /** The worker that the host made on its first start. */
  installManagement(): void {
    this.db.sqlite.run(`
      INSERT INTO workers (id, organization_id, name, created_at, updated_at) VALUES ('wrk_m', '${DEFAULT_ORGANIZATION}', 'management', 1, 1);
      INSERT INTO versions (id, worker_id, number, component, kind, config, created_at)
        VALUES ('ver_${"0".repeat(32)}', 'wrk_m', 1, '${digestOf("0")}', 'javascript', '{}', 1);
      INSERT INTO deployments (id, worker_id, version_id, reason, created_at)
        VALUES ('dep_m', 'wrk_m', 'ver_${"0".repeat(32)}', 'install', 1);`);
  }

  /** Items of every page, read with the limit. */
  async pages(path: string, limit: number): Promise<Json[][]> {
    const pages: Json[][] = [];
    let cursor = "";
    do {
      const join = path.includes("?") ? "&" : "?";
      const { items, next } = await this.expect(200, "GET", `${path}${join}limit=${limit}${cursor}`);
      pages.push(items as Json[]);
      cursor = next === null ? "" : `&cursor=${encodeURIComponent(String(next))}`;
    } while (cursor !== "");
    return pages;
  }

  /** What is stored, by SQL. */
  rows(sql: string): unknown[][] {
    return this.db.execute(sql, []).rows;
  }
}
