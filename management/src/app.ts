/** The application: routes, and one shape for every error. */
import "./validation.ts";

import { Hono, type Context } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import * as z from "zod";

import { callerOf, refuseUnknown } from "./actor.ts";
import type { Env } from "./env.ts";
import { ApiError, clip, QuotaExceeded, toApiError } from "./errors.ts";
import { describeApi } from "./openapi.ts";
import { route, type Route } from "./route.ts";
import { routes } from "./routes/all.ts";

type App = { Bindings: Env };

const descriptionRoute: Route = {
  ...route({
    id: "getOpenApi",
    method: "get",
    path: "/api/v1/openapi.json",
    summary: "This description",
    access: "open",
    answer: z.record(z.string(), z.unknown()).meta({ id: "OpenApi" }),
    handle: () => Promise.resolve({}),
  }),
  serve: (context) => Promise.resolve(context.body(description, 200, { "content-type": "application/json" })),
};

export const allRoutes: readonly Route[] = [...routes, descriptionRoute];

// Written when the worker is built, not with a request.
const description = JSON.stringify(describeApi(allRoutes));

export const app = new Hono<App>({ router: new TrieRouter() });

for (const each of allRoutes) {
  const serve = (context: Context<App>): Promise<Response> => each.serve(context);
  app.on(methodsOf(each), each.path, serve);
}

// Who is not signed in is not told which routes there are.
app.notFound((context) => {
  const { method, path, raw } = context.req;
  try {
    refuseUnknown(callerOf(raw));
    throw new ApiError("not_found", `no route \`${method} ${clip(path)}\``);
  } catch (error) {
    return answerError(error, context);
  }
});

app.onError((error, context) => answerError(error, context));

function methodsOf(each: Route): string[] {
  return each.methods.map((method) => method.toUpperCase());
}

function answerError(error: unknown, context: Context<App>): Response {
  const shown = toApiError(error);
  const requestId = context.req.header("x-request-id") ?? "";
  if (!(error instanceof ApiError)) console.error(`request ${requestId} failed:`, error);
  if (shown.retryAfter !== null) context.header("retry-after", String(shown.retryAfter));
  if (shown.code === "unauthorized") context.header("www-authenticate", "Bearer");
  const issues = shown.issues.length > 0 ? { issues: shown.issues } : {};
  const excess = shown instanceof QuotaExceeded ? shown.excess : {};
  return context.json({ code: shown.code, message: shown.message, request_id: requestId, ...issues, ...excess }, shown.status);
}
