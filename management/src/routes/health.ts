/** The check that the host makes before a version of this API goes live. */
import * as z from "zod";

import { ApiError } from "../errors.ts";
import { route } from "../route.ts";
import { ping } from "../store/health.ts";

export const healthRoutes = [
  route({
    id: "getHealth",
    method: "get",
    path: "/health",
    summary: "Says whether the API can read its database",
    access: "open",
    answer: z.object({ ok: z.literal(true) }).meta({ id: "Health" }),
    errors: ["unavailable"],
    async handle({ env }) {
      try {
        await ping(env.DB);
      } catch {
        throw new ApiError("unavailable", "the platform's database cannot be read");
      }
      return { ok: true as const };
    },
  }),
];
