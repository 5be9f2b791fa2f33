import assert from "node:assert/strict";

import { countsClicks, follow, shows, textsWhileLoading, withoutReload } from "../lib/browser.mjs";
import { formWithoutScript, hashedAssets, notFound, plainAsset, save, serverRendered, streams } from "../lib/checks.mjs";

export const framework = { name: "Hono JSX", package: "hono", adapter: "@cloudflare/vite-plugin" };

export async function steps({ checks, browser, url, page }) {
  await checks.run("a page is rendered by the server", () => serverRendered(url, "/", ["<h1>Home</h1>", "served by Hono"]));
  await checks.run("the component in the page comes alive", async () => {
    await page.goto("/");
    await countsClicks(page, "#count");
  });
  await checks.run("the component asks the worker", () =>
    withoutReload(page, async () => {
      await page.locator("#ask").click();
      await shows(page, "#answer", "/api/time");
    }),
  );
  // Hono has no router of the browser: a link loads a page.
  await checks.run("a link leads to the next page", () => follow(page, "Notes", "/notes", "Notes"));
  await checks.run("a form is answered, and redirects", async () => {
    await save(page, "first");
    await shows(page, "#last", "last: first");
  });
  await checks.run("a form works without script", () =>
    formWithoutScript(browser, url, async (page) => {
      await save(page, "second");
      await shows(page, "#last", "last: second");
      await save(page, "");
      await shows(page, "#problem", "a note needs text");
    }),
  );
  await checks.run("what is late is streamed behind the page", () => streams(url, "/slow", "<h1>Slow</h1>", "arrived"));
  await checks.run("the page shows that it waits, then what came", async () => {
    assert.deepEqual(await textsWhileLoading(page, "/slow", "#late", "arrived"), ["waiting", "arrived"]);
  });
  await checks.run("hashed assets may be kept for good", () => hashedAssets(url, ["/", "/notes"], "/assets/"));
  await checks.run("other assets are asked for again", () => plainAsset(url, "/icon.svg"));
  await checks.run("an unknown path has the page for it", () => notFound(browser, url, "Nothing here"));
}
