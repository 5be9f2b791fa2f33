/** What a cron is made of, given by itself or with a version. */
import * as z from "zod";

import { MISSED } from "../store/crons.ts";

export const cronFields = {
  expression: z.string().min(1).max(200).meta({
    description: "Minute, hour, day of month, month, day of week; the second before them where there are six. `@daily` and the like are taken too.",
  }),
  timezone: z.string().min(1).max(100).meta({ description: "IANA name, such as `Europe/Berlin`; `UTC` where it is not given." }),
  weekdays: z.enum(["posix", "cloudflare"]).meta({ description: "How the expression numbers days: 0 is Sunday, or, as on Cloudflare, 1 is." }),
  missed: z.enum(MISSED).meta({
    description: "What becomes of due times at which no node was there: nothing, one run for all of them, or one for each, 100 at most.",
  }),
};
