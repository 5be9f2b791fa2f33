export default { fetch: (request: Request) => new Response(`Hello from ${new URL(request.url).hostname}\n`) };
