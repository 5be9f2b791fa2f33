/** Stands in for `msw/node`: what no handler answers fails as the `fetch` of Node.js does where nobody listens. */
import { HttpResponse } from "./index.js";

/** What a handler throws is the server's failure. */
async function respond(handler, request) {
  try {
    return await handler(request);
  } catch (error) {
    if (error instanceof Response) return error;
    return HttpResponse.json({ name: error?.name, message: error?.message }, { status: 500, statusText: "Unhandled Exception" });
  }
}

export function setupServer(...initial) {
  let handlers = initial;
  let realFetch;
  const answer = async (input, init) => {
    const request = new Request(input, init);
    for (const handler of handlers) {
      const response = await respond(handler, request.clone());
      if (response !== undefined) return response;
    }
    throw new TypeError("fetch failed");
  };
  return {
    listen() {
      realFetch = globalThis.fetch;
      globalThis.fetch = answer;
    },
    use: (...more) => void (handlers = [...more, ...handlers]),
    resetHandlers: (...next) => void (handlers = next.length > 0 ? next : initial),
    close: () => void (globalThis.fetch = realFetch),
  };
}
