/** The configuration of a version as the host reads it: host/core/src/version.rs, which refuses keys that it does not know. */
import type { Weekdays } from "../env.ts";
import type { Missed } from "../store/crons.ts";

export interface AssetFile {
  digest: string;
  size: number;
  content_type: string;
}

/** What is done to the headers of assets below a path. */
export interface HeaderRule {
  path: string;
  unset: string[];
  set: Record<string, string>;
}

export interface Redirect {
  from: string;
  to: string;
  status: 200 | 301 | 302 | 303 | 307 | 308;
}

export interface AssetsConfig {
  binding: string | null;
  html_handling: "auto-trailing-slash" | "force-trailing-slash" | "drop-trailing-slash" | "none";
  not_found_handling: "none" | "404-page" | "single-page-application";
  /** True for all requests, or globs over paths. */
  run_worker_first: boolean | string[];
  headers: HeaderRule[];
  redirects: Redirect[];
  files: Record<string, AssetFile>;
}

/** Another worker, as a service binding reaches it. */
export interface ServiceConfig {
  /** Id. */
  worker: string;
  entrypoint: string | null;
  props: Record<string, unknown> | null;
}

/** When a version runs by itself, as long as it is live. */
export interface CronTrigger {
  expression: string;
  time_zone: string;
  weekdays: Weekdays;
  missed: Missed;
}

/** What is not given is the host's default. */
export interface Limits {
  cpu_ms?: number;
  wall_ms?: number;
  memory_bytes?: number;
  request_body_bytes?: number;
  response_body_bytes?: number;
  header_bytes?: number;
  header_count?: number;
  subrequests?: number;
  subrequests_at_once?: number;
  operations?: number;
  console_bytes?: number;
  websockets?: number;
  invocations_at_once?: number;
}

export interface VersionConfig {
  vars: Record<string, unknown>;
  /** Sealed. */
  secrets: Record<string, string>;
  /** Binding to id. */
  databases: Record<string, string>;
  services: Record<string, ServiceConfig>;
  assets: AssetsConfig | null;
  compatibility_date: string | null;
  compatibility_flags: string[];
  limits: Limits;
  /** True, false, or hosts with or without a port. */
  allow_net: boolean | string[];
  crons: CronTrigger[];
}

const EMPTY: VersionConfig = {
  vars: {},
  secrets: {},
  databases: {},
  services: {},
  assets: null,
  compatibility_date: null,
  compatibility_flags: [],
  limits: {},
  allow_net: true,
  crons: [],
};

const NO_RULES = { headers: [], redirects: [] };

/** As it was stored, by this API, of today or before, or by the host, which leaves out what is empty. */
export function parseConfig(json: string): VersionConfig {
  const config = { ...EMPTY, ...(JSON.parse(json) as Partial<VersionConfig>) };
  if (config.assets !== null) config.assets = { ...NO_RULES, ...config.assets };
  return config;
}
