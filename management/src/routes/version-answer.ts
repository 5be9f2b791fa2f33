/** A version as the API shows it: of secrets only the names. */
import * as z from "zod";

import { parseConfig, type AssetsConfig } from "../domain/version-config.ts";
import type { FullVersionRow, VersionRow } from "../store/versions.ts";
import { digest, time, timeOf } from "./fields.ts";

const summaryFields = {
  id: z.string(),
  worker_id: z.string(),
  number: z.int().meta({ description: "Counts from 1 within the worker." }),
  component: z.string().meta({ description: "Digest of the component that runs." }),
  kind: z.string().meta({ description: "`javascript`, made by `ouro build`, or `component`." }),
  message: z.string(),
  live: z.boolean(),
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
        run_worker_first: z.boolean(),
        files: z.record(z.string(), assetFile),
      })
      .nullable(),
    compatibility_date: z.string().nullable(),
    compatibility_flags: z.array(z.string()),
    limits: z
      .object({ cpu_ms: z.int().optional(), wall_ms: z.int().optional(), memory_bytes: z.int().optional() })
      .meta({ description: "Those that the version sets; the others are the host's." }),
  })
  .meta({ id: "Version" });

export function summaryOf(row: VersionRow): z.input<typeof versionSummary> {
  const { id, worker_id, number, component, kind, message } = row;
  return { id, worker_id, number, component, kind, message, live: row.live !== 0, created_at: timeOf(row.created_at) };
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
  };
}

function assetsOf(assets: AssetsConfig | null): z.input<typeof version>["assets"] {
  if (assets === null) return null;
  const { binding, html_handling, not_found_handling, run_worker_first, files } = assets;
  return { binding, html_handling, not_found_handling, run_worker_first, files };
}
