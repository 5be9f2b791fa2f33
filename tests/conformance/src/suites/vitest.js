import { run } from "vitest";

const files = [TESTS];

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      await files[pathname.slice(1)]();
      const number = searchParams.get("test");
      return Response.json(await run(number === null ? undefined : Number(number)));
    } catch (error) {
      return new Response(error?.stack ?? String(error), { status: 500 });
    }
  },
};
