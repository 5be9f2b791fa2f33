// Builds an application of each framework with its own tool, deploys it with `ouro deploy`, and uses it in headless Chromium.
//   node run.mjs <path of ouro> [--report <file>] [--docs <page>] [names of applications...]
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";

import { launch, open } from "./lib/browser.mjs";
import { Checks } from "./lib/checks.mjs";
import { serve } from "./lib/ouro.mjs";
import { writeReport, writeTable } from "./lib/report.mjs";
import { run } from "./lib/run.mjs";

const HERE = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const APPLICATIONS = ["sveltekit", "hono-jsx", "react-router", "astro"];
// Builds tell nobody about themselves and ask nobody what a request looks like.
const QUIET = { CI: "1", ASTRO_TELEMETRY_DISABLED: "1", WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };

const { values, positionals } = parseArgs({ allowPositionals: true, options: { report: { type: "string" }, docs: { type: "string" } } });
const [binary, ...named] = positionals;
if (binary === undefined) throw new Error("usage: node run.mjs <path of ouro> [--report <file>] [--docs <page>] [application...]");
const unknown = named.filter((name) => !APPLICATIONS.includes(name));
if (unknown.length > 0) throw new Error(`no application \`${unknown[0]}\`: there are ${APPLICATIONS.join(", ")}`);

/** `npm run build` in the application's folder, by the Node.js of this folder's packages. */
function build(folder) {
  const bin = path.join(HERE, "node_modules/.bin");
  return run("npm", ["run", "build"], { cwd: folder, env: { ...process.env, ...QUIET, PATH: `${bin}:${process.env.PATH}` } });
}

async function versions(folder, framework) {
  const { packages } = JSON.parse(await readFile(path.join(folder, "package-lock.json"), "utf8"));
  const version = (name) => packages[`node_modules/${name}`].version;
  return { version: version(framework.package), adapter_version: version(framework.adapter) };
}

async function test(name, ouro, browser) {
  const { framework, steps } = await import(`./steps/${name}.mjs`);
  const folder = path.join(HERE, name);
  const checks = new Checks(framework.name);
  const ready = (await checks.run("its own tool builds it", () => build(folder))) && (await checks.run("`ouro deploy` deploys what was built", () => ouro.deploy(folder)));
  if (ready) {
    const url = ouro.url(name);
    const { page, complaints, close } = await open(browser, url);
    await steps({ checks, browser, url, page });
    await checks.run("the browser has nothing to complain about", () => {
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
    });
    await close();
  }
  return { framework: framework.name, adapter: framework.adapter, ...(await versions(folder, framework)), checks: checks.list };
}

const ouro = await serve(path.resolve(binary));
const browser = await launch();
const results = [];
try {
  for (const name of APPLICATIONS) if (named.length === 0 || named.includes(name)) results.push(await test(name, ouro, browser));
} finally {
  await browser.close();
  await ouro.stop();
}
if (values.report !== undefined) await writeReport(values.report, results);
// A part of the table would pass for all of it.
if (values.docs !== undefined && named.length === 0) await writeTable(values.docs, results);
const failed = results.flatMap((result) => result.checks).filter((check) => !check.pass).length;
console.log(failed === 0 ? "all checks passed" : `${failed} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
