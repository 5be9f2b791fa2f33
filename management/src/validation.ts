/**
 * zod as this API uses it. `app.ts` imports this before all else: the configuration must come before the first schema.
 *
 * Without its compiler (`new Function`): in a fresh instance for each request the interpreter pays for compiling a parser
 * that runs once. Messages are those of this project instead of a locale's.
 */
import * as z from "zod";

import type { Issue } from "./errors.ts";

z.config({ jitless: true, customError: (issue) => describe(issue) });

type RawIssue = Parameters<NonNullable<ReturnType<typeof z.config>["customError"]>>[0];

function describe(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? `is missing: expected ${issue.expected}` : `expected ${issue.expected}, got ${kindOf(issue.input)}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => `\`${String(value)}\``).join(" or ")}`;
    case "too_small":
      return `expected at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_union":
      return "none of the accepted forms";
    default:
      return undefined;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " items" : "";
}

/** Each problem with the field that has it; an unknown field is a problem of its own. */
export function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.flatMap((issue): Issue[] => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "unknown field" }));
    }
    if (issue.code === "invalid_key") {
      return [{ path: path.join("."), message: issue.issues[0]?.message ?? issue.message }];
    }
    return [{ path: path.join("."), message: issue.message }];
  });
}
