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

// Names that frameworks and libraries like: an object of a new shape counts each of its names.
const NAMES = "get set has delete add post put patch all use on off once emit send json text html body form blob path params param query \
    method url headers header status statusText ok redirect location host origin cookie cookies req res request response next app router \
    route routes handler handlers middleware context ctx env event error errors message name code stack cause type kind value values key \
    keys entries id ids data result results items item list index count total size length limit offset page cursor first last start end \
    from to into of at date time now created updated created_at updated_at user users role email title description content content-type \
    content-length authorization accept cache-control etag vary charset encoding lang locale version options option config settings \
    default success valid validate parse safeParse issues input output schema fields field required optional min max pattern format \
    match matches test exec replace split join map filter reduce slice indexOf includes startsWith endsWith push pop shift then catch \
    finally resolve reject done call apply bind constructor prototype toString toJSON valueOf dispatch fetch scheduled".split(/\s+/);

// A count that goes down again before the end would not show.
let kept;

function keep() {
    kept = {};
    for (const name of NAMES) kept[name] = name.length;
}

export default {
    async fetch(request, env, ctx) {
        await null;
        keep();
        const response = await router.handle(request, env, ctx);
        return new Response(await response.text(), { status: response.status, headers: response.headers });
    },
};
