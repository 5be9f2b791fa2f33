import assert from "node:assert/strict";

import { countsClicks, follow, shows, textsWhileLoading, withoutReload } from "../lib/browser.mjs";
import { formWithoutScript, hashedAssets, notFound, plainAsset, save, serverRendered, streams } from "../lib/checks.mjs";

export const framework = { name: "Astro", package: "astro", adapter: "@astrojs/cloudflare" };

export async function steps({ checks, browser, url, page }) {
  await checks.run("a page is rendered by the server", () => serverRendered(url, "/about", ["<h1>About</h1>", "served by Astro"]));
  await checks.run("a page that was rendered at the build is served", () => serverRendered(url, "/prerendered/", ["made at build time"]));
  await checks.run("the page comes alive", async () => {
    await page.goto("/");
    await countsClicks(page, "#count");
  });
  await checks.run("a link is followed without loading a page", () => withoutReload(page, () => follow(page, "About", "/about", "About")));
  await checks.run("an action answers the script", async () => {
    await follow(page, "Notes", "/notes", "Notes");
    await withoutReload(page, async () => {
      await save(page, "first");
      await shows(page, "#saved", "saved: first");
    });
  });
  await checks.run("an action works without script", () =>
    formWithoutScript(browser, url, async (page) => {
      await save(page, "");
      await shows(page, "#problem", "a note needs text");
      await save(page, "second");
      await shows(page, "#saved", "saved: second");
      await page.goto("/notes");
      await shows(page, "#last", "last: second");
    }),
  );
  await checks.run("what is late is streamed behind the page", () => streams(url, "/slow", 'id="early"', "arrived"));
  await checks.run("a server island comes in place of its fallback", async () => {
    assert.deepEqual(await textsWhileLoading(page, "/slow", "#island", "hello island"), ["waiting", "hello island"]);
    await shows(page, "#late", "arrived");
  });
  await checks.run("hashed assets may be kept for good", () => hashedAssets(url, ["/", "/about", "/notes"], "/_astro/"));
  await checks.run("other assets are asked for again", () => plainAsset(url, "/icon.svg"));
  await checks.run("an unknown path has the page for it", () => notFound(browser, url, "Nothing here"));
}
