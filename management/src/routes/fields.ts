/** Fields that more than one resource has. */
import * as z from "zod";

import { BINDING_NAME, BINDING_NAME_RULE, ORGANIZATION_NAME, ORGANIZATION_NAME_RULE, RESOURCE_NAME, RESOURCE_NAME_RULE, WORKER_NAME, WORKER_NAME_RULE } from "../domain/names.ts";

export const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "not a digest: expected 64 lower-case hex digits")
  .meta({ id: "Digest", description: "SHA-256 of an artifact's bytes." });

export const workerName = z.string().regex(WORKER_NAME, WORKER_NAME_RULE).meta({ id: "WorkerName" });
export const resourceName = z.string().regex(RESOURCE_NAME, RESOURCE_NAME_RULE).meta({ id: "ResourceName" });
export const organizationName = z.string().regex(ORGANIZATION_NAME, ORGANIZATION_NAME_RULE).meta({ id: "OrganizationName" });
export const bindingName = z.string().regex(BINDING_NAME, BINDING_NAME_RULE).meta({ id: "BindingName", description: "A name in `env`." });
export const description = z.string().max(1000);
/** A line for people: nothing in it ends a header or a line of a log. */
export const label = z.string().min(1).max(100).regex(/^[^\p{Cc}\u2028\u2029]*$/u, "expected no control characters");
/** An id or a name. */
export const reference = z.string().min(1).max(100);
export const secretText = z.string().max(65_536);
export const time = z.string().meta({ id: "Time", format: "date-time", description: "RFC 3339, in UTC." });

const VAR_DEPTH_MAX = 64;

/** Any JSON value, not so deep that the host's parser refuses it. */
export const varValue = z
  .unknown()
  .refine((value) => value !== undefined, "is missing")
  .refine((value) => !isDeeper(value, VAR_DEPTH_MAX), `nested deeper than ${VAR_DEPTH_MAX} levels`);

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

/** In requests; Unix milliseconds of it. */
export const moment = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/, "expected a time as RFC 3339 has it, such as `2030-01-31T12:00:00Z`")
  .refine((text) => !Number.isNaN(Date.parse(text)), "no such day or time")
  .transform((text) => Date.parse(text))
  .meta({ id: "Moment", format: "date-time" });

/** In answers, where there may be none. */
export function timeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : timeOf(milliseconds);
}

export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
