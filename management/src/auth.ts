/** The bearer token (RFC 6750 2.1). There is one, given to the host's operator; users come with a later version. */
import type { MiddlewareHandler } from "hono";

import type { Env } from "./env.ts";
import { ApiError } from "./errors.ts";

/** Lets a request pass that has the token. */
export const authenticate: MiddlewareHandler<{ Bindings: Env }> = async (context, next) => {
  const given = /^bearer +(\S+) *$/i.exec(context.req.header("authorization") ?? "")?.[1];
  if (given === undefined) {
    throw new ApiError("unauthorized", "no token: expected the header `authorization: Bearer <token>`");
  }
  // Without a token of its own the API is closed, not open.
  const expected = context.env.ADMIN_TOKEN;
  if (expected === "" || !(await isSame(given, expected))) {
    throw new ApiError("unauthorized", "the token is not valid");
  }
  await next();
};

/** Compares digests, so that time tells nothing about the token or its length. */
async function isSame(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([sha256(a), sha256(b)]);
  let difference = 0;
  for (let i = 0; i < left.length; i += 1) difference |= (left[i] ?? 0) ^ (right[i] ?? 0);
  return difference === 0;
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
