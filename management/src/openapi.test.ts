import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { allRoutes } from "./app.ts";
import { Api, type Json } from "./testing/api.ts";

const document = await new Api().expect(200, "GET", "/api/v1/openapi.json");
const paths = document["paths"] as Record<string, Record<string, Json>>;

test("the document is OpenAPI 3.1 and has every route", () => {
  assert.equal(document["openapi"], "3.1.0");
  const described = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  const routed = allRoutes.flatMap((route) => route.methods.map((method) => `${method} ${route.path.replace(/:(\w+)/g, "{$1}")}`));
  assert.deepEqual(described.sort(), routed.sort());
});

test("operation ids are unique", () => {
  const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map((operation) => operation["operationId"]));
  assert.equal(new Set(ids).size, ids.length);
});

test("every reference leads to a schema", () => {
  const references = new Set(JSON.stringify(document).match(/"#\/[^"]+"/g)?.map((text) => text.slice(1, -1)));
  assert.ok(references.size > 20);
  for (const reference of references) {
    let at: unknown = document;
    for (const name of reference.slice(2).split("/")) at = (at as Json | undefined)?.[name];
    assert.ok(at, reference);
  }
});

test("routes behind the token say so, and what they take", () => {
  assert.deepEqual(document["security"], [{ token: [] }, { key: [] }, { session: [] }]);
  assert.deepEqual(paths["/health"]?.["get"]?.["security"], []);
  const create = paths["/api/v1/workers/{worker}/versions"]?.["post"];
  assert.ok(create);
  const [worker, organization] = create["parameters"] as Json[];
  assert.deepEqual(worker, { name: "worker", in: "path", required: true, schema: { type: "string" } });
  assert.equal(organization?.["name"], "X-Ouro-Organization");
  assert.equal(create["x-permission"], "workers:write");
  assert.deepEqual(Object.keys(create["responses"] as Json), ["201", "400", "401", "403", "404", "413", "422", "500", "502", "503"]);
  const schemas = (document["components"] as Record<string, Json>)["schemas"] as Record<string, Json>;
  assert.deepEqual(schemas["VersionCreate"]?.["required"], ["component"]);
  assert.equal(schemas["VersionCreate"]?.["additionalProperties"], false);
});

test("the reference page has every route, and no other", () => {
  const page = readFileSync(new URL("../../docs/reference/management-api.md", import.meta.url), "utf8");
  const documented = Array.from(page.matchAll(/^\| (`[^|]+`) \|/gm), ([, cell]) => cell ?? "").flatMap((cell) => {
    const path = /\/\S+(?=`)/.exec(cell)?.[0] ?? "";
    return Array.from(cell.matchAll(/\b[A-Z]{3,6}\b/g), ([method]) => `${method} ${path}`);
  });
  const routed = allRoutes.flatMap((route) => route.methods.map((method) => `${method.toUpperCase()} ${route.path}`));
  assert.deepEqual(documented.sort(), routed.filter((route) => !route.endsWith("/openapi.json")).sort());
});
