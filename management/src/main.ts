/** The management API, as the host runs it. */
import { allRoutes, app } from "./app.ts";

// The top level runs once, when the worker is built. What the libraries put off until the first request is done here,
// since every request is the first one of its instance.
app.router.match("GET", "/health");
for (const { body, query } of allRoutes) {
  query.safeParse({});
  body?.safeParse({});
}

export default { fetch: app.fetch };
