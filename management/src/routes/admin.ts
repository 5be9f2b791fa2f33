/** What the operator does for all organizations, over HTTP. */
import * as z from "zod";

import { purge } from "../domain/purge.ts";
import { route } from "../route.ts";

export const adminRoutes = [
  route({
    id: "purge",
    access: "operator",
    method: "post",
    path: "/api/v1/admin/purge",
    summary: "Deletes the organizations whose grace is over with all that they own; for a timer",
    answer: z
      .object({
        organizations: z.int().meta({ description: "How many are gone." }),
        more: z.boolean().meta({ description: "Whether there is more to do: call again." }),
      })
      .meta({ id: "Purged" }),
    errors: ["unavailable"],
    async handle({ env, actor }) {
      const { organizations, isMore } = await purge(env, actor);
      return { organizations, more: isMore };
    },
  }),
];
