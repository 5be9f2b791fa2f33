import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, digestOf, type Json } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

const component = digestOf("a");

async function apiWithWorker(): Promise<Api> {
  const api = new Api();
  await api.worker("hello", 0);
  api.upload(component);
  return api;
}

function storedConfig(api: Api, number: number): Json {
  return JSON.parse(String(api.rows(`SELECT config FROM versions WHERE number = ${number}`)[0]?.[0])) as Json;
}

test("a version of a component alone has the defaults, and is not live", async () => {
  const api = await apiWithWorker();
  const { id, worker_id, created_at, ...rest } = await api.version("hello");
  assert.match(String(id), /^ver_[0-9a-f]{32}$/);
  assert.deepEqual(rest, {
    number: 1,
    component,
    kind: "javascript",
    message: "",
    live: false,
    percentage: 0,
    vars: {},
    secrets: [],
    databases: {},
    services: {},
    allow_net: true,
    crons: [],
    assets: null,
    compatibility_date: null,
    compatibility_flags: [],
    limits: {},
  });
  assert.deepEqual(api.calls, ["artifacts.missing", "build.prepare aaaa  false"]);
  assert.deepEqual([typeof worker_id, typeof created_at], ["string", "string"]);
});

test("the stored configuration is what the host reads", async () => {
  const api = await apiWithWorker();
  const database = await api.expect(201, "POST", "databases", { name: "main" });
  api.upload(digestOf("b"));
  const file = { digest: digestOf("b"), size: 3, content_type: "text/html; charset=utf-8" };
  const shown = await api.version("hello", {
    message: "first",
    vars: { TEXT: "x", TREE: { a: [1, null] }, NOTHING: null },
    secrets: { KEY: "s3cret" },
    databases: { DB: "main", SAME: database["id"] },
    services: { SELF: { worker: "hello", entrypoint: "Admin", props: { level: 3 } } },
    allow_net: ["example.com", "*.Example.org:8443", "10.0.0.1:80", "[::1]:65535"],
    assets: { binding: "ASSETS", not_found_handling: "404-page", files: { "/": file, "/a/b.html": file } },
    compatibility_date: "2026-11-01",
    compatibility_flags: ["nodejs_compat"],
    limits: { cpu_ms: 50 },
  });
  const hello = await api.expect(200, "GET", "workers/hello");
  const common = {
    services: { SELF: { worker: hello["id"], entrypoint: "Admin", props: { level: 3 } } },
    crons: [],
    allow_net: ["example.com", "*.Example.org:8443", "10.0.0.1:80", "[::1]:65535"],
    vars: { TEXT: "x", TREE: { a: [1, null] }, NOTHING: null },
    databases: { DB: database["id"], SAME: database["id"] },
    assets: {
      binding: "ASSETS",
      html_handling: "auto-trailing-slash",
      not_found_handling: "404-page",
      run_worker_first: false,
      headers: [],
      redirects: [],
      files: { "/": file, "/a/b.html": file },
    },
    compatibility_date: "2026-11-01",
    compatibility_flags: ["nodejs_compat"],
    limits: { cpu_ms: 50 },
  };
  assert.deepEqual(storedConfig(api, 1), { ...common, secrets: { KEY: Buffer.from("sealed:s3cret").toString("base64") } });
  assert.deepEqual({ ...shown, ...common, secrets: ["KEY"], message: "first" }, shown);
  assert.ok(api.calls.includes("build.prepare aaaa assets+service+database false"));
});

test("rules for assets are stored as they come, and what is no rule is refused", async () => {
  const api = await apiWithWorker();
  const rules = {
    run_worker_first: ["/api/*", "!/api/docs/*"],
    headers: [{ path: "/_app/*", unset: ["cache-control"], set: { "x-a": ":splat" } }],
    redirects: [{ from: "/old/:page", to: "/new/:page", status: 301 }],
  };
  const shown = await api.version("hello", { assets: { files: {}, ...rules } });
  const stored = storedConfig(api, 1)["assets"] as Json;
  for (const assets of [shown["assets"] as Json, stored]) assert.deepEqual({ ...assets, ...rules }, assets);
  for (const wrong of [
    { run_worker_first: ["api/*"] },
    { headers: [{ path: "/*/*" }] },
    { headers: [{ path: "/:a-:b" }] },
    { headers: [{ path: "/", set: { "x-a": "1\n2" } }] },
    { redirects: [{ from: "/a", to: "b", status: 301 }] },
    { redirects: [{ from: "/a", to: "/b", status: 404 }] },
  ]) {
    await api.expect(400, "POST", "workers/hello/versions", { component, assets: { files: {}, ...wrong } });
  }
});

test("a service that is no worker, or the management API, is refused", async () => {
  const api = await apiWithWorker();
  api.installManagement();
  for (const worker of ["nobody", "management"]) {
    const refused = await api.expect(400, "POST", "workers/hello/versions", { component: digestOf("a"), services: { S: { worker } } });
    assert.match(JSON.stringify(refused), /services\.S\.worker/);
  }
});

test("a configuration that the host wrote is shown", async () => {
  const api = new Api();
  api.installManagement();
  const shown = await api.expect(200, "GET", "workers/management/versions/1");
  assert.deepEqual([shown["vars"], shown["secrets"], shown["assets"], shown["live"]], [{}, [], null, true]);
});

test("an environment's database is granted too", async () => {
  const api = await apiWithWorker();
  await api.expect(201, "POST", "databases", { name: "main" });
  await api.expect(201, "POST", "environments", { name: "production", values: { DB: { kind: "database", value: "main" } } });
  await api.expect(200, "PATCH", "workers/hello", { environment: "production" });
  await api.version("hello");
  assert.equal(api.calls.at(-1), "build.prepare aaaa database false");
});

test("a rebuilt component is stored by its new digest", async () => {
  const api = await apiWithWorker();
  api.prepared = { component: digestOf("c"), kind: "component", rebuilt: true };
  const shown = await api.version("hello");
  assert.deepEqual([shown["component"], shown["kind"]], [digestOf("c"), "component"]);
});

test("numbers count from 1 within a worker, and are not shared by uploads at once", async () => {
  const api = await apiWithWorker();
  await api.worker("other", 3);
  const uploads = await Promise.all([1, 2, 3, 4].map(() => api.version("hello")));
  assert.deepEqual(uploads.map((version) => version["number"]).sort(), [1, 2, 3, 4]);
});

test("missing artifacts are named, and nothing is stored", async () => {
  const api = await apiWithWorker();
  const file = { digest: digestOf("b"), size: 3, content_type: "text/html" };
  const body = { component: digestOf("d"), assets: { files: { "/x.html": file } } };
  const { message, issues } = await api.refused(422, "unprocessable", "POST", "workers/hello/versions", body);
  assert.equal(message, "2 of the version's artifacts were not uploaded");
  assert.deepEqual(issues, { component: `no artifact \`${digestOf("d")}\``, "assets.files./x.html": `no artifact \`${digestOf("b")}\`` });
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM versions"), [[0]]);
});

const failures = [
  ["not-found", "b".repeat(64), `no artifact \`${"b".repeat(64)}\``],
  ["unknown-import", "acme:evil/api@1.0.0", "the component imports `acme:evil/api@1.0.0`, which this host does not have"],
  ["ungranted-import", "ouro:host/database", "the component imports `ouro:host/database`, a binding that the version does not grant"],
  ["not-a-component", "bad magic\n  number", `artifact \`${component}\` is not a component that runs here: bad magic number`],
  ["evaluation", "TypeError: x at index.ts:1:2", "TypeError: x at index.ts:1:2"],
] as const;

for (const [code, text, shown] of failures) {
  test(`a component that fails with ${code} is 422 with the reason, and is not stored`, async () => {
    const api = await apiWithWorker();
    api.failures.set("build.prepare", new HostError(code, text));
    const { message } = await api.refused(422, "unprocessable", "POST", "workers/hello/versions", { component, activate: true });
    assert.equal(message, shown);
    assert.deepEqual(api.rows("SELECT COUNT(*) FROM versions"), [[0]]);
  });
}

test("an unreachable store while deploying is 503, and the old version stays live", async () => {
  for (const call of ["build.prepare", "artifacts.missing", "routing.check"]) {
    const api = await apiWithWorker();
    await api.version("hello", { activate: true });
    api.failures.set(call, new HostError("unavailable", "disk full"));
    const { message } = await api.refused(503, "unavailable", "POST", "workers/hello/versions", { component, activate: true });
    assert.match(message, /disk full$/);
    const { live } = await api.expect(200, "GET", "workers/hello");
    assert.equal((live as Json)["number"], 1, call);
  }
});

test("a store that fails while the version is written leaves the old version live", async () => {
  const api = await apiWithWorker();
  await api.version("hello", { activate: true });
  for (const before of ["INSERT INTO versions", "INSERT INTO deployments"]) {
    api.db.meanwhile = {
      before,
      run: () => {
        throw new HostError("unavailable", "database or disk is full");
      },
    };
    await api.refused(503, "unavailable", "POST", "workers/hello/versions", { component, activate: true });
    assert.deepEqual(api.rows("SELECT COUNT(*) FROM deployments"), [[1]]);
  }
});

test("secrets stay from the live version, and are replaced, left out or given over by name", async () => {
  const api = await apiWithWorker();
  await api.version("hello", { secrets: { A: "1", B: "2", C: "3", D: "4" }, activate: true });
  await api.version("hello", { secrets: { A: "not live" } });
  const third = await api.version("hello", { secrets: { B: "new", C: null }, vars: { D: "plain" }, activate: true });
  assert.deepEqual(third["secrets"], ["A", "B"]);
  const sealed = (text: string): string => Buffer.from(`sealed:${text}`).toString("base64");
  assert.deepEqual(storedConfig(api, 3)["secrets"], { A: sealed("1"), B: sealed("new") });
});

test("a secret is never shown", async () => {
  const api = await apiWithWorker();
  await api.version("hello", { secrets: { KEY: "s3cret" }, activate: true });
  await api.expect(201, "POST", "environments", { name: "production", values: { KEY: { kind: "secret", value: "s3cret" } } });
  const sealed = Buffer.from("sealed:s3cret").toString("base64");
  for (const path of ["workers", "workers/hello", "workers/hello/versions", "workers/hello/versions/1", "environments", "environments/production"]) {
    const text = JSON.stringify(await api.expect(200, "GET", path));
    assert.ok(!text.includes("s3cret") && !text.includes(sealed), path);
  }
});

test("no two bindings have one name", async () => {
  const api = await apiWithWorker();
  await api.expect(201, "POST", "databases", { name: "main" });
  const body = { component, vars: { X: "", Y: "" }, secrets: { X: "" }, databases: { Y: "main" }, assets: { binding: "X", files: {} } };
  const { issues } = await api.refused(400, "invalid_request", "POST", "workers/hello/versions", body);
  assert.deepEqual(Object.keys(issues).sort(), ["assets.binding", "databases.Y", "secrets.X"]);
});

test("the management worker's own bindings cannot be taken", async () => {
  const api = new Api();
  api.installManagement();
  const { issues } = await api.refused(400, "invalid_request", "POST", "workers/management/versions", { component, vars: { PUBLIC_URL: "mine" } });
  assert.deepEqual(Object.keys(issues), ["vars.PUBLIC_URL"]);
});

test("an unknown database is named by its binding", async () => {
  const api = await apiWithWorker();
  const { issues } = await api.refused(400, "invalid_request", "POST", "workers/hello/versions", { component, databases: { DB: "nope" } });
  assert.deepEqual(issues, { "databases.DB": "no database `nope`" });
});

const deep: unknown[] = [];
for (let i = 0, at = deep; i < 100; i += 1) at.push((at = []));

const bad: [fields: Json, path: string][] = [
  [{ component: "x" }, "component"],
  [{ component: undefined }, "component"],
  [{ vars: { "not a name": 1 } }, "vars.not a name"],
  [{ vars: { DEEP: deep } }, "vars.DEEP"],
  [{ secrets: { A: 1 } }, "secrets.A"],
  [{ secrets: { A: "x".repeat(65_537) } }, "secrets.A"],
  [{ databases: { DB: "" } }, "databases.DB"],
  [{ compatibility_date: "2026-13-01" }, "compatibility_date"],
  [{ limits: { cpu_ms: 0 } }, "limits.cpu_ms"],
  [{ limits: { cpu_ms: 1.5 } }, "limits.cpu_ms"],
  [{ limits: { memory_bytes: 2 ** 31 } }, "limits.memory_bytes"],
  [{ limits: { wall_ms: 300_001 } }, "limits.wall_ms"],
  [{ limits: { subrequests: -1 } }, "limits.subrequests"],
  [{ limits: { fuel: 1 } }, "limits.fuel"],
  [{ activate: "yes" }, "activate"],
  [{ assets: { files: {}, html_handling: "magic" } }, "assets.html_handling"],
  [{ assets: {} }, "assets.files"],
  [{ assets: { files: { "a.html": {} } } }, "assets.files.a.html"],
  [{ assets: { files: { "/../a": { digest: component, size: 1, content_type: "x" } } } }, "assets.files./../a"],
  [{ assets: { files: { "/a/..": { digest: component, size: 1, content_type: "x" } } } }, "assets.files./a/.."],
  [{ allow_net: "all" }, "allow_net"],
  [{ allow_net: ["http://a"] }, "allow_net.0"],
  [{ allow_net: ["a", "b:65536"] }, "allow_net.1"],
  [{ allow_net: ["[:::]"] }, "allow_net.0"],
  [{ allow_net: ["*"] }, "allow_net.0"],
  [{ assets: { files: { "/a\u0000b": { digest: component, size: 1, content_type: "x" } } } }, "assets.files./a\u0000b"],
  [{ assets: { files: { "/a\\b": { digest: component, size: 1, content_type: "x" } } } }, "assets.files./a\\b"],
  [{ assets: { files: { "/a": { digest: component, size: -1, content_type: "x" } } } }, "assets.files./a.size"],
  [{ assets: { files: { "/a": { digest: component, size: 1, content_type: "x\r\ny: z" } } } }, "assets.files./a.content_type"],
  [{ assets: { files: { "/a": { digest: component, size: 1, content_type: "x", mode: 1 } } } }, "assets.files./a.mode"],
];

test("any other path is an asset's", async () => {
  const api = await apiWithWorker();
  const file = { digest: component, size: 1, content_type: "text/plain" };
  const files = Object.fromEntries(["/", "/a b", "/ü/[...slug].js", "/..a/b..", "/.well-known/x", "/what?#1.txt"].map((path) => [path, file]));
  const shown = await api.version("hello", { assets: { files } });
  assert.deepEqual((shown["assets"] as Json)["files"], files);
});

for (const [fields, path] of bad) {
  test(`a version with a bad ${JSON.stringify(path)} is refused by that name: ${JSON.stringify(fields).slice(0, 60)}`, async () => {
    const api = await apiWithWorker();
    const { issues } = await api.refused(400, "invalid_request", "POST", "workers/hello/versions", { component, ...fields });
    assert.ok(path in issues, JSON.stringify(issues));
    assert.deepEqual(api.calls, []);
  });
}

test("a limit over the operator's ceiling is refused by the ceiling's name", async () => {
  const api = await apiWithWorker();
  api.env.CEILINGS.subrequests = 50;
  await api.version("hello", { limits: { subrequests: 50 } });
  const { issues } = await api.refused(400, "invalid_request", "POST", "workers/hello/versions", { component, limits: { subrequests: 51 } });
  assert.deepEqual(issues, { "limits.subrequests": "51 is over the server's ceiling `limits.subrequests_max`, which is 50" });
});

test("versions are listed newest first, page by page", async () => {
  const api = await apiWithWorker();
  for (let i = 0; i < 5; i += 1) await api.version("hello", { activate: i === 2 });
  const pages = await api.pages("workers/hello/versions", 2);
  const shown = pages.map((page) => page.map((version) => [version["number"], version["live"]]));
  assert.deepEqual(shown, [[[5, false], [4, false]], [[3, true], [2, false]], [[1, false]]]);
  assert.ok(!("vars" in (pages[0]?.[0] ?? {})));
  await api.refused(404, "not_found", "GET", "workers/nobody/versions");
});

test("a version is found by number, id and unique beginning", async () => {
  const api = await apiWithWorker();
  const insert = (number: number, id: string): void => {
    const values = `'${id}', (SELECT id FROM workers), ${number}, '${component}', 'component', '{}', 1`;
    api.db.sqlite.run(`INSERT INTO versions (id, worker_id, number, component, kind, config, created_at) VALUES (${values})`);
  };
  const one = `ver_12345678${"a".repeat(24)}`;
  const two = `ver_12345679${"b".repeat(24)}`;
  insert(1, one);
  insert(2, two);
  const cases = [["1", one], ["2", two], [one, one], ["ver_12345679", two], ["12345678", one], ["12345679b", two]] as const;
  for (const [name, id] of cases) assert.equal((await api.expect(200, "GET", `workers/hello/versions/${name}`))["id"], id, name);
  assert.match((await api.refused(409, "conflict", "GET", "workers/hello/versions/ver_1234")).message, /`ver_1234`/);
  for (const name of ["3", "0", "1234", "ver_9", "ver_%25", "ver_", "nope", "1.0", "-1"]) {
    await api.refused(404, "not_found", "GET", `workers/hello/versions/${name}`);
  }
});

test("a version of another worker is not found", async () => {
  const api = await apiWithWorker();
  await api.worker("other", 0);
  const { id } = await api.version("other");
  await api.refused(404, "not_found", "GET", `workers/hello/versions/${String(id)}`);
  await api.refused(404, "not_found", "POST", "workers/hello/deployments", { version: id });
});

test("a worker deleted while its version is made is 404", async () => {
  const api = await apiWithWorker();
  api.db.meanwhile = { before: "INSERT INTO versions", run: () => void api.db.sqlite.run("DELETE FROM workers") };
  await api.refused(404, "not_found", "POST", "workers/hello/versions", { component });
  await api.refused(404, "not_found", "POST", "workers/nobody/versions", { component });
});
