// What many workers do in a request; nothing here is ever served.
class Router {
    #routes = [];
    get(pattern, handler) {
        this.#routes.push({ method: "GET", pattern, handler });
        return this;
    }
    async handle(request, env, ctx) {
        const { pathname, searchParams } = new URL(request.url);
        for (const { method, pattern, handler } of this.#routes) {
            const match = request.method === method && pathname.match(pattern);
            if (match) return await handler({ request, env, ctx, params: [...match], query: searchParams });
        }
        return new Response("not found", { status: 404 });
    }
}

const router = new Router().get(/^\/(\w*)$/, async ({ request, ctx, params, query }) => {
    const headers = new Headers({ "content-type": "text/html; charset=utf-8" });
    headers.set("x-agent", request.headers.get("user-agent") ?? "none");
    headers.append("vary", "accept");
    for (const [name, value] of request.headers) headers.has(name) || headers.set(`x-${name.toLowerCase()}`, value);
    const seen = new Map([...new Set(params)].map((value, index) => [value, index]));
    const order = JSON.parse(JSON.stringify({ path: params, page: Number(query.get("page") ?? 1), list: [1, 2.5, null, true, "text"] }));
    const { list, ...rest } = Object.assign({}, order, { size: seen.size });
    const total = list.filter((value) => typeof value === "number").map((value) => value * 2).sort((a, b) => a - b).reduce((a, b) => a + b, 0);
    ctx.waitUntil(Promise.all([Promise.resolve(total), new Promise((resolve) => resolve(1))]).then(([a]) => a));
    try {
        if (total > 0) throw new TypeError("rehearsed");
    } catch (error) {
        if (!(error instanceof Error)) throw error;
    }
    const text = new TextDecoder().decode(new TextEncoder().encode(Object.entries(rest).join("&").replace(/,/g, "=").split("&").join(";").trim()));
    const date = new Date(Date.now()).toISOString().slice(0, 10).padStart(12, " ");
    const reply = new Response(`<p>${encodeURIComponent(text)} ${date}</p>`, { status: 200, headers });
    if (reply.ok && params.length > 5) return Response.json(rest, { headers: { "x-a": "b" } });
    const second = Response.json(rest, { headers });
    await second.text();
    return new Response(reply.body, reply);
});

export default {
    async fetch(request, env, ctx) {
        await null;
        const response = await router.handle(request, env, ctx);
        return new Response(await response.text(), { status: response.status, headers: response.headers });
    },
};
