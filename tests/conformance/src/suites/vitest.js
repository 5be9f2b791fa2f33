import { run } from "vitest";

export default {
  async fetch() {
    await import("./TESTS");
    return Response.json(await run());
  },
};
