/** Hello, a while after the request: instances that live at once. */
const WAIT_MS = 3000;

export default {
  async fetch(): Promise<Response> {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    return new Response("Hello, world!\n");
  },
};
