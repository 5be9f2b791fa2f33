import assert from "node:assert/strict";

import { countsClicks, follow, shows, textsWhileLoading, withoutReload } from "../lib/browser.mjs";
import { formWithoutScript, hashedAssets, notFound, plainAsset, save, serverRendered, streams } from "../lib/checks.mjs";

export const framework = { name: "SvelteKit", package: "@sveltejs/kit", adapter: "@sveltejs/adapter-cloudflare" };

export async function steps({ checks, browser, url, page }) {
  await checks.run("a page is rendered by the server", () => serverRendered(url, "/about", ["<h1>About</h1>", "true function"]));
  await checks.run("the page comes alive", async () => {
    await page.goto("/");
    await countsClicks(page, "button");
  });
  await checks.run("a link is followed without loading a page", () => withoutReload(page, () => follow(page, "About", "/about", "About")));
  await checks.run("a form action answers the script", async () => {
    await follow(page, "Notes", "/notes", "Notes");
    await withoutReload(page, async () => {
      await save(page, "first");
      await shows(page, "#saved", "saved: first");
      await shows(page, "#last", "last: first");
    });
  });
  await checks.run("a form action works without script", () =>
    formWithoutScript(browser, url, async (page) => {
      await save(page, "");
      await shows(page, "#problem", "a note needs text");
      await save(page, "second");
      await shows(page, "#saved", "saved: second");
    }),
  );
  await checks.run("what is late is streamed behind the page", () => streams(url, "/slow", "<h1>Slow</h1>", "arrived"));
  await checks.run("the page shows that it waits, then what came", async () => {
    assert.deepEqual(await textsWhileLoading(page, "/slow", "#late", "arrived"), ["waiting", "arrived"]);
  });
  await checks.run("hashed assets may be kept for good", () => hashedAssets(url, ["/", "/about", "/notes", "/slow"], "/_app/immutable/"));
  await checks.run("other assets are asked for again", () => plainAsset(url, "/icon.svg"));
  await checks.run("an unknown path has the page for it", () => notFound(browser, url, "Not Found"));
}
