// Checks: each is a line of output and of the report. Those that every framework has are here, the others in steps/.
import assert from "node:assert/strict";

import { open } from "./browser.mjs";
import { request } from "./http.mjs";

const TYPES = { ".js": /^text\/javascript\b/, ".css": /^text\/css\b/, ".svg": /^image\/svg\+xml$/ };

/** Runs checks one after another; one that fails does not keep the next from running. */
export class Checks {
  list = [];

  constructor(framework) {
    this.framework = framework;
  }

  async run(name, body) {
    const begun = performance.now();
    let reason;
    try {
      await body();
    } catch (error) {
      reason = error.message;
    }
    const ms = Math.round(performance.now() - begun);
    this.list.push({ name, pass: reason === undefined, ms, ...(reason === undefined ? {} : { reason }) });
    console.log(`${reason === undefined ? "ok    " : "FAILED"}  ${this.framework}: ${name} (${ms} ms)${reason === undefined ? "" : `\n        ${reason}`}`);
    return reason === undefined;
  }
}

/** What the worker writes is in the answer itself, not the browser's doing. */
export async function serverRendered(url, path, texts) {
  const answer = await request(url + path);
  assert.equal(answer.status, 200);
  assert.match(answer.headers["content-type"], /^text\/html\b/);
  for (const text of texts) assert.ok(answer.text.includes(text), `\`${path}\` should contain \`${text}\`:\n${answer.text}`);
}

/** The shell arrives first, and the rest by the same response. */
export async function streams(url, path, early, late) {
  const { parts } = await request(url + path);
  const arrives = (text) => parts.findIndex((_, at) => parts.slice(0, at + 1).join("").includes(text));
  assert.ok(arrives(early) >= 0, `\`${early}\` never arrives`);
  assert.ok(arrives(late) > arrives(early), `\`${late}\` arrives in part ${arrives(late)}, \`${early}\` in part ${arrives(early)}`);
}

/** All scripts and style sheets that pages name below a prefix are there, may be kept for good, and have their type. */
export async function hashedAssets(url, pages, prefix) {
  const found = new Set();
  for (const page of pages) {
    const { text } = await request(url + page);
    for (const [, path] of text.matchAll(/["'(]\.?((?:\/[\w.\-@]+)+\.(?:js|css))["')]/g)) if (path.startsWith(prefix)) found.add(path);
  }
  assert.ok(found.size > 0, `no page names a file below \`${prefix}\``);
  for (const path of found) {
    const answer = await request(url + path);
    assert.equal(answer.status, 200, path);
    assert.match(answer.headers["content-type"], TYPES[path.slice(path.lastIndexOf("."))], path);
    assert.match(answer.headers["cache-control"], /\bimmutable\b/, path);
    assert.match(answer.headers["cache-control"], /max-age=31536000/, path);
    const again = await request(url + path, { headers: { "if-none-match": answer.headers.etag } });
    assert.equal(again.status, 304, path);
  }
}

/** A file without a hash in its name is asked for again each time. */
export async function plainAsset(url, path) {
  const answer = await request(url + path);
  assert.equal(answer.status, 200);
  assert.match(answer.headers["content-type"], TYPES[path.slice(path.lastIndexOf("."))]);
  assert.match(answer.headers["cache-control"], /max-age=0/);
}

/** An unknown path has the framework's page, with status 404. */
export async function notFound(browser, url, text) {
  const { page, close } = await open(browser, url);
  try {
    const response = await page.goto("/there/is/nothing");
    assert.equal(response.status(), 404);
    assert.ok((await page.locator("body").innerText()).includes(text), `the page should say \`${text}\``);
  } finally {
    await close();
  }
}

/** A form works by itself: it is sent, and the page that answers shows what was made of it. */
export async function formWithoutScript(browser, url, use) {
  const { page, close } = await open(browser, url, { javaScriptEnabled: false });
  try {
    await page.goto("/notes");
    await use(page);
  } finally {
    await close();
  }
}

export async function save(page, text) {
  await page.locator("input[name=text]").fill(text);
  await page.getByRole("button", { name: "Save" }).click();
}
