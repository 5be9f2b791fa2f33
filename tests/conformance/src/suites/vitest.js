import { run } from "vitest";

const files = [TESTS];

export default {
  async fetch(request) {
    try {
      await files[new URL(request.url).pathname.slice(1)]();
      return Response.json(await run());
    } catch (error) {
      return new Response(error?.stack ?? String(error), { status: 500 });
    }
  },
};
