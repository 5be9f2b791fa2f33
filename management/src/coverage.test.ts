/**
 * docs/reference/api-coverage.md: which route serves each row of the APIs that Ouro takes over from, and which test shows it. The page
 * is made from the list below; routes and tests that it names must be there. With `OURO_TEST_WRITE=1` it is written anew.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { allRoutes } from "./app.ts";

const PAGE = new URL("../../docs/reference/api-coverage.md", import.meta.url);
const ROOT = new URL("../../", import.meta.url);

interface Row {
  what: string;
  /** Methods and path; `null` where it is no route. */
  route: string | null;
  /** File below the root, and what its test is called; `null`: it is not there yet. */
  proof: [string, string] | null;
}

const here = (file: string): string => `management/src/routes/${file}.test.ts`;
const e2e = (file: string): string => `tests/e2e/tests/it/${file}.rs`;

const ROWS: Record<string, Row[]> = {
  "OpenWorkers API (S0)": [
    { what: "list workers", route: "GET /api/v1/workers", proof: [here("workers"), "workers are listed newest first, page by page, each once"] },
    { what: "is a name taken", route: "GET /api/v1/workers/name-exists/:name", proof: [here("workers"), "name-exists tells whether a name is taken"] },
    { what: "show a worker", route: "GET /api/v1/workers/:worker", proof: [here("workers"), "a worker is found by id and by name"] },
    { what: "create a worker", route: "POST /api/v1/workers", proof: [here("workers"), "a new worker has an id, a URL and no live version"] },
    { what: "update a worker", route: "PUT PATCH /api/v1/workers/:worker", proof: [here("workers"), "changes the fields given, and the host hears of a new name"] },
    { what: "add a cron to a worker", route: "POST /api/v1/workers/:worker/crons", proof: [here("crons"), "a cron is made, shown, listed and deleted"] },
    { what: "delete a worker", route: "DELETE /api/v1/workers/:worker", proof: [here("workers"), "a deleted worker is gone with its versions and deployments, and from the host"] },
    { what: "create a cron", route: "POST /api/v1/crons", proof: [here("crons"), "a cron is made of any worker that is named in the body, and `value` is its expression"] },
    { what: "update a cron", route: "PUT PATCH /api/v1/crons/:cron", proof: [here("crons"), "the fields given are updated, and a new expression begins with its next due time"] },
    { what: "delete a cron", route: "DELETE /api/v1/crons/:cron", proof: [here("crons"), "a cron is made, shown, listed and deleted"] },
    { what: "crons fire, once each", route: null, proof: [e2e("crons"), "a_worker_runs_by_itself_once_for_each_due_time"] },
    { what: "list environments", route: "GET /api/v1/environments", proof: [here("environments"), "environments are listed newest first, page by page"] },
    { what: "show an environment with its values", route: "GET /api/v1/environments/:environment", proof: [here("environments"), "an environment holds vars, secrets and databases"] },
    { what: "create an environment", route: "POST /api/v1/environments", proof: [here("environments"), "an environment holds vars, secrets and databases"] },
    { what: "update an environment", route: "PUT PATCH /api/v1/environments/:environment", proof: [here("environments"), "changes the fields and values given, and null deletes"] },
    { what: "delete an environment", route: "DELETE /api/v1/environments/:environment", proof: [here("environments"), "an environment in use is not deleted"] },
    { what: "list domains", route: "GET /api/v1/domains", proof: [here("domains"), "domains are listed newest first and given up"] },
    { what: "add a domain", route: "POST /api/v1/domains", proof: [here("domains"), "a claim is proven by its record, and only then does the host hear of it"] },
    { what: "delete a domain", route: "DELETE /api/v1/domains/:domain", proof: [here("domains"), "domains are listed newest first and given up"] },
    { what: "domains route", route: null, proof: [e2e("domains"), "a_domain_serves_its_worker_once_it_is_proven"] },
    { what: "sign in with GitHub", route: "POST /api/v1/openid/github", proof: null },
    { what: "GitHub's callback", route: "GET /api/v1/callback/github", proof: null },
    { what: "refresh", route: "POST /api/v1/refresh", proof: [here("sign-in"), "a refresh token is good once, and its second use ends the session for both"] },
    { what: "profile with limits", route: "GET /api/v1/profile", proof: [here("sign-in"), "who signs up has a personal organization and owns it"] },
    { what: "run SQL", route: "POST /api/v1/databases/:database/exec", proof: [here("databases"), "a statement answers with columns, rows and figures"] },
    { what: "tables and columns", route: "GET /api/v1/databases/:database/tables", proof: [here("tables"), "tables and views are listed by name, SQLite's own are not"] },
    { what: "tokens of a database, the deterministic ones too", route: "POST /api/v1/databases/:database/tokens", proof: null },
    { what: "API keys", route: "POST /api/v1/keys", proof: [here("keys"), "a key is shown once, and the store has its hash and its beginning"] },
    { what: "mail by Scaleway or SMTP", route: null, proof: null },
  ],
  "workerd-faas (S2)": [
    { what: "a version at `<beginning of its id>.<worker>.<base domain>`, a worker at `<worker>.<base domain>`", route: null, proof: [e2e("aliases"), "an_alias_serves_its_version_and_its_assets_until_it_names_another"] },
    { what: "an ambiguous or unknown beginning serves nothing", route: null, proof: [e2e("aliases"), "names_that_mean_no_version_are_not_found"] },
    { what: "aliases", route: "PUT /api/v1/workers/:worker/aliases/:alias", proof: [here("aliases"), "an alias names a version, and then another"] },
    { what: "deployments with percentages", route: "POST /api/v1/workers/:worker/deployments", proof: [here("deployments"), "a split is one deployment of several versions, each of which is checked"] },
    { what: "percentages hold, and stick", route: null, proof: [e2e("aliases"), "a_split_answers_by_the_version_key"] },
    { what: "`USE_FORWARDED_HOST`", route: null, proof: ["host/server/tests/it/configuration.rs", "USE_FORWARDED_HOST"] },
    { what: "sign in with any OIDC provider", route: "POST /api/v1/openid/oidc", proof: null },
    { what: "`/client/v4`, Cloudflare's API as deploy tools speak it", route: "GET /client/v4/memberships", proof: null },
  ],
};

const routed = new Set(allRoutes.flatMap((route) => route.methods.map((method) => `${method.toUpperCase()} ${route.path}`)));

function routesOf(text: string): string[] {
  const words = text.split(" ");
  const path = words.at(-1) ?? "";
  return words.slice(0, -1).map((method) => `${method} ${path}`);
}

function page(): string {
  const line = ({ what, route, proof }: Row): string => {
    const shown = proof === null ? "**not there yet**" : `\`${proof[0]}\`: ${proof[1]}`;
    return `| ${what} | ${route === null ? "" : `\`${route}\``} | ${shown} |`;
  };
  const tables = Object.entries(ROWS).map(([title, rows]) => `## ${title}\n\n| what | route | shown by |\n|---|---|---|\n${rows.map(line).join("\n")}\n`);
  return `# What Ouro's API covers of others\n\n<!-- Made from management/src/coverage.test.ts, which compares. -->\n\nWhat a user of these systems finds here, and the test that shows it.\n\n${tables.join("\n")}`;
}

for (const [title, rows] of Object.entries(ROWS)) {
  test(`what the page says of ${title} is so`, () => {
    for (const { what, route, proof } of rows) {
      for (const each of route === null ? [] : routesOf(route)) assert.equal(routed.has(each), proof !== null, `${what}: ${each}`);
      if (proof === null) continue;
      const file = new URL(proof[0], ROOT);
      assert.ok(existsSync(file), proof[0]);
      assert.ok(readFileSync(file, "utf8").includes(proof[1]), `${proof[0]} has no test \`${proof[1]}\``);
    }
  });
}

test("the page is what the list says", () => {
  if (process.env["OURO_TEST_WRITE"] !== undefined) writeFileSync(PAGE, page());
  assert.equal(readFileSync(PAGE, "utf8"), page(), "run the tests with OURO_TEST_WRITE=1 to write the page anew");
});
