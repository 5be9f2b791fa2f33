import { ActionError, defineAction } from "astro:actions";
import { z } from "astro/zod";

export const server = {
  save: defineAction({
    accept: "form",
    input: z.object({ text: z.string().nullable() }),
    handler({ text }, context) {
      if (text === null || text === "") throw new ActionError({ code: "BAD_REQUEST", message: "a note needs text" });
      context.cookies.set("last", text, { path: "/" });
      return { saved: text };
    },
  }),
};
