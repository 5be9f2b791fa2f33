/** A version as the API shows it: of secrets only the names. */
import * as z from "zod";

import { parseConfig, type AssetsConfig } from "../domain/version-config.ts";
import type { FullVersionRow, VersionRow } from "../store/versions.ts";
import { cronFields } from "./cron-fields.ts";
import { digest, time, timeOf } from "./fields.ts";

const summaryFields = {
  id: z.string(),
  worker_id: z.string(),
  number: z.int().meta({ description: "Counts from 1 within the worker." }),
  component: z.string().meta({ description: "Digest of the component that runs." }),
  kind: z.string().meta({ description: "`javascript`, made by `ouro build`, or `component`." }),
  message: z.string(),
  live: z.boolean(),
  percentage: z.number().meta({ description: "What part of the requests to the plain host name it answers." }),
  created_at: time,
};

export const versionSummary = z.object(summaryFields).meta({ id: "VersionSummary" });

export const assetFile = z
  .strictObject({
    digest,
    size: z.int().min(0),
    content_type: z.string().regex(/^[\x20-\x7e]{1,255}$/, "expected 1 to 255 printable ASCII characters"),
  })
  .meta({ id: "AssetFile" });

export const htmlHandling = z.enum(["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"]);
export const notFoundHandling = z.enum(["none", "404-page", "single-page-application"]);

/** As `ouro_core::path_pattern` reads it. */
const pathPattern = z
  .string()
  .max(2000)
  .regex(/^(?:\/|https:\/\/)[^*\s]*(?:\*[^*\s]*)?$/, "not a pattern: expected one beginning with `/` or `https://`, with at most one `*`")
  .refine(
    (pattern) => pattern.split("/").every((segment) => (segment.match(/:[A-Za-z]\w*|\*/g) ?? []).length <= 1),
    "more than one of `:name` and `*` in one segment",
  );
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/, "not the name of a header");
const headerValue = z.string().regex(/^[\x20-\x7e]{1,2000}$/, "expected 1 to 2000 printable ASCII characters");

export const headerRule = z
  .strictObject({
    path: pathPattern,
    unset: z.array(headerName).max(100).default([]),
    set: z.record(headerName, headerValue).default({}),
  })
  .meta({ id: "HeaderRule" });

export const redirect = z
  .strictObject({
    from: pathPattern,
    to: z.string().regex(/^(?:\/|https?:\/\/)[\x21-\x7e]{0,2000}$/, "expected a path or a URL"),
    status: z.literal([200, 301, 302, 303, 307, 308]),
  })
  .meta({ id: "Redirect" });

export const workerFirst = z
  .union([z.boolean(), z.array(z.string().regex(/^!?\/\S{0,99}$/, "expected a path that begins with `/` or `!/`")).min(1).max(100)])
  .meta({ description: "True: the worker sees every request. Paths: it sees these, but for those after a `!`." });

export const version = z
  .object({
    ...summaryFields,
    vars: z.record(z.string(), z.unknown()),
    secrets: z.array(z.string()).meta({ description: "Names; values are never shown." }),
    databases: z.record(z.string(), z.string()).meta({ description: "Binding to id." }),
    services: z
      .record(z.string(), z.object({ worker: z.string(), entrypoint: z.string().nullable(), props: z.record(z.string(), z.unknown()).nullable() }))
      .meta({ description: "Binding to the worker's id." }),
    assets: z
      .object({
        binding: z.string().nullable(),
        html_handling: htmlHandling,
        not_found_handling: notFoundHandling,
        run_worker_first: workerFirst,
        headers: z.array(headerRule),
        redirects: z.array(redirect),
        files: z.record(z.string(), assetFile),
      })
      .nullable(),
    compatibility_date: z.string().nullable(),
    compatibility_flags: z.array(z.string()),
    limits: z
      .object({
        cpu_ms: z.int().optional(),
        wall_ms: z.int().optional(),
        memory_bytes: z.int().optional(),
        request_body_bytes: z.int().optional(),
        response_body_bytes: z.int().optional(),
        header_bytes: z.int().optional(),
        header_count: z.int().optional(),
        subrequests: z.int().optional(),
        subrequests_at_once: z.int().optional(),
        operations: z.int().optional(),
        console_bytes: z.int().optional(),
        websockets: z.int().optional(),
        invocations_at_once: z.int().optional(),
      })
      .meta({ description: "Those that the version sets; the others are the host's." }),
    allow_net: z.union([z.boolean(), z.array(z.string())]),
    crons: z.array(z.object(cronFields)),
  })
  .meta({ id: "Version" });

export function summaryOf(row: VersionRow): z.input<typeof versionSummary> {
  const { id, worker_id, number, component, kind, message, percentage } = row;
  return { id, worker_id, number, component, kind, message, live: percentage > 0, percentage, created_at: timeOf(row.created_at) };
}

export function versionOf(row: FullVersionRow): z.input<typeof version> {
  const config = parseConfig(row.config);
  return {
    ...summaryOf(row),
    vars: config.vars,
    secrets: Object.keys(config.secrets).sort(),
    databases: config.databases,
    services: config.services,
    assets: assetsOf(config.assets),
    compatibility_date: config.compatibility_date,
    compatibility_flags: config.compatibility_flags,
    limits: config.limits,
    allow_net: config.allow_net,
    crons: config.crons.map(({ time_zone, ...cron }) => ({ ...cron, timezone: time_zone })),
  };
}

function assetsOf(assets: AssetsConfig | null): z.input<typeof version>["assets"] {
  if (assets === null) return null;
  const { binding, html_handling, not_found_handling, run_worker_first, headers, redirects, files } = assets;
  return { binding, html_handling, not_found_handling, run_worker_first, headers, redirects, files };
}
