/** Versions over HTTP. */
import * as z from "zod";

import { CRONS_MAX } from "../domain/crons.ts";
import { createVersion, getVersion } from "../domain/versions.ts";
import { getWorker } from "../domain/workers.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/versions.ts";
import { cronFields } from "./cron-fields.ts";
import { bindingName, digest, reference, secretText, varValue } from "./fields.ts";
import { assetFile, headerRule, htmlHandling, notFoundHandling, redirect, summaryOf, version, versionOf, versionSummary, workerFirst } from "./version-answer.ts";

const FILES_MAX = 20_000;

/** Segments are names: nothing that a client or a file system would resolve. */
const assetPath = z
  .string()
  .max(1024)
  .regex(
    /^(?!.*\/\.{1,2}(?:\/|$))\/[^\\\u0000-\u001f\u007f]*$/,
    "not an asset path: expected one beginning with `/`, without `.` and `..` segments, `\\` and control characters",
  );

const assets = z.strictObject({
  binding: bindingName.nullable().default(null),
  html_handling: htmlHandling.default("auto-trailing-slash"),
  not_found_handling: notFoundHandling.default("none"),
  run_worker_first: workerFirst.default(false),
  headers: z.array(headerRule).max(100).default([]),
  redirects: z.array(redirect).max(2100).default([]),
  files: z
    .record(assetPath, assetFile)
    .refine((files) => Object.keys(files).length <= FILES_MAX, `expected at most ${FILES_MAX} files`),
});

const service = z.strictObject({
  worker: reference.meta({ description: "Id or name." }),
  entrypoint: z
    .string()
    .regex(/^[A-Za-z_$][\w$]{0,127}$/, "not the name of an export")
    .nullable()
    .default(null),
  props: z.record(z.string(), varValue).nullable().default(null).meta({ description: "What the worker finds in `ctx.props`." }),
});

/** How far down a limit goes; how far up is the operator's to say. */
const limitFrom = (least: number) => z.int().min(least).exactOptional();

const limits = z
  .strictObject({
    cpu_ms: limitFrom(1),
    wall_ms: limitFrom(1),
    memory_bytes: limitFrom(16 << 20),
    request_body_bytes: limitFrom(0),
    response_body_bytes: limitFrom(0),
    header_bytes: limitFrom(1024),
    header_count: limitFrom(10),
    subrequests: limitFrom(0),
    subrequests_at_once: limitFrom(1),
    operations: limitFrom(0),
    console_bytes: limitFrom(0),
    websockets: limitFrom(0),
    invocations_at_once: limitFrom(1),
  })
  .meta({ description: "Of one invocation; `invocations_at_once` of the worker on one node. None over the operator's ceiling." });

const HOST_PATTERN = /^((?:\*\.)?[a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/i;

/** As host/core/src/egress.rs reads it. */
function isHostPattern(text: string): boolean {
  const [, host = "", port = "0"] = HOST_PATTERN.exec(text) ?? [];
  return host !== "" && Number(port) <= 65_535 && (!host.startsWith("[") || URL.canParse(`http://${host}/`));
}

const hostPattern = z
  .string()
  .max(300)
  .refine(isHostPattern, "not a host: expected `example.com`, `*.example.com` or an address (IPv6 in brackets), each with or without `:port`");

const allowNet = z
  .union([z.boolean(), z.array(hostPattern).max(1000)])
  .meta({ description: "Whom the worker may ask over the network: everybody, nobody, or hosts such as `example.com`, `*.example.com`, `10.0.0.1:8080`." });

const cronTrigger = z.strictObject({
  expression: cronFields.expression,
  timezone: cronFields.timezone.default("UTC"),
  weekdays: cronFields.weekdays.default("posix"),
  missed: cronFields.missed.default("skip"),
});

const versionCreate = z
  .strictObject({
    component: digest,
    message: z.string().max(1000).default(""),
    vars: z.record(bindingName, varValue).default({}),
    secrets: z
      .record(bindingName, secretText.nullable())
      .default({})
      .meta({ description: "Those of the live version stay where they are not named; `null` leaves one out." }),
    databases: z.record(bindingName, reference).default({}).meta({ description: "Binding to id or name." }),
    services: z.record(bindingName, service).default({}).meta({ description: "Binding to the worker that it calls." }),
    assets: assets.nullable().default(null),
    compatibility_date: z.iso.date("expected a date as YYYY-MM-DD").nullable().default(null),
    compatibility_flags: z.array(z.string().min(1).max(100)).max(100).default([]),
    limits: limits.default({}),
    allow_net: allowNet.default(true),
    crons: z.array(cronTrigger).max(CRONS_MAX).default([]).meta({ description: "When it runs by itself, as long as it is live." }),
    activate: z.boolean().default(false),
  })
  .meta({ id: "VersionCreate" });

export const versionRoutes = [
  route({
    id: "createVersion",
    access: "workers:write",
    method: "post",
    path: "/api/v1/workers/:worker/versions",
    summary: "Stores a version of uploaded artifacts, and activates it where asked to",
    body: versionCreate,
    status: 201,
    answer: version,
    errors: ["not_found", "quota_exceeded", "unprocessable", "unhealthy", "unavailable"],
    handle: async ({ env, actor, params, body }) => versionOf(await createVersion(env, actor, params.worker, body)),
  }),
  route({
    id: "listVersions",
    access: "workers:read",
    method: "get",
    path: "/api/v1/workers/:worker/versions",
    summary: "Lists versions, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(versionSummary).meta({ id: "VersionPage" }),
    errors: ["not_found"],
    async handle({ env, actor, params, query }) {
      const worker = await getWorker(env, actor, params.worker);
      const page = pageRequest(query);
      const rows = await store.list(env.DB, worker.id, page);
      return toPage(rows, page, (row) => ({ key: row.number, id: row.id }), summaryOf);
    },
  }),
  route({
    id: "getVersion",
    access: "workers:read",
    method: "get",
    path: "/api/v1/workers/:worker/versions/:version",
    summary: "Shows a version",
    answer: version,
    errors: ["not_found", "conflict"],
    async handle({ env, actor, params }) {
      const worker = await getWorker(env, actor, params.worker);
      return versionOf(await getVersion(env, worker, params.version));
    },
  }),
];
