// Headless Chromium, and what the steps ask of a page.
import assert from "node:assert/strict";

import { chromium } from "playwright-core";

import { USER_AGENT } from "./http.mjs";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const TIMEOUT_MS = 15_000;

/** With a profile of its own, which goes with it. */
export function launch() {
  return chromium.launch({ executablePath: EXECUTABLE, headless: true, args: FLAGS.split(" ") });
}

/** A page with cookies of its own, and what it complained about. */
export async function open(browser, baseURL, options = {}) {
  const context = await browser.newContext({ baseURL, userAgent: USER_AGENT, ...options });
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(String(error.stack ?? error)));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    // A page that is left ends the requests for what it would have shown next.
    if (reason !== "net::ERR_ABORTED") complaints.push(`${request.url()}: ${reason}`);
  });
  return { page, complaints, close: () => context.close() };
}

/** The page shows the text there, sooner or later. */
export async function shows(page, selector, text) {
  const found = page.locator(selector).filter({ hasText: text });
  await found.first().waitFor().catch(async () => {
    const there = await page.locator(selector).allTextContents();
    assert.fail(`\`${selector}\` should show \`${text}\` but shows ${JSON.stringify(there)}`);
  });
}

/** A button counts its clicks once the page's scripts run; clicks before that are lost. */
export async function countsClicks(page, selector) {
  await shows(page, selector, "clicked 0");
  const clicked = (selector) => {
    const button = document.querySelector(selector);
    if (/[1-9]/.test(button.textContent)) return true;
    button.click();
    return false;
  };
  await page.waitForFunction(clicked, selector, { polling: 100 });
}

/** What happens stays in one document: a full load of a page would lose the mark. */
export async function withoutReload(page, action) {
  await page.evaluate(() => (globalThis.sameDocument = true));
  await action();
  assert.equal(await page.evaluate(() => globalThis.sameDocument), true, "the page was loaded anew");
}

/** Follows a link of the page by a click, to a page with this heading. */
export async function follow(page, link, path, heading) {
  await page.getByRole("link", { name: link, exact: true }).click();
  await page.waitForURL(`**${path}`);
  await shows(page, "h1", heading);
}

/** Every text that an element shows while a page is loaded, in order. */
export async function textsWhileLoading(page, path, selector, last) {
  await page.addInitScript((selector) => {
    globalThis.seen = [];
    const look = () => {
      const text = document.querySelector(selector)?.textContent;
      if (text !== undefined && globalThis.seen.at(-1) !== text) globalThis.seen.push(text);
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  }, selector);
  await page.goto(path);
  await shows(page, selector, last);
  return page.evaluate(() => globalThis.seen);
}
