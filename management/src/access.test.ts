import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { PERMISSIONS, roleMay, ROLES } from "./access.ts";

test("the reference page has the table of roles and permissions", () => {
  const page = readFileSync(new URL("../../docs/reference/organizations.md", import.meta.url), "utf8");
  const rows = PERMISSIONS.map((permission) => `| \`${permission}\` | ${ROLES.map((role) => (roleMay(role, permission) ? "yes" : "")).join(" | ")} |`);
  const table = ["| permission | viewer | member | admin | owner |", "|---|---|---|---|---|", ...rows].join("\n");
  assert.ok(page.includes(`\n${table}\n\n`), `expected in docs/reference/organizations.md:\n${table}`);
});

test("each role may what those before it may", () => {
  for (const permission of PERMISSIONS) {
    const may = ROLES.map((role) => roleMay(role, permission));
    assert.deepEqual([...may].sort(), may, permission);
    assert.ok(may.at(-1), permission);
  }
});
