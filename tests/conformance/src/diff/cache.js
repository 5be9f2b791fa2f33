// The service behind workerd's Cache API, which speaks to it in HTTP: PUT with a whole response as body, GET, PURGE.
const stored = new Map();

export default {
  async fetch(request) {
    switch (request.method) {
      case "PUT":
        stored.set(request.url, parse(new Uint8Array(await request.arrayBuffer())));
        return new Response(null, { status: 204 });
      case "PURGE":
        return new Response(null, { status: stored.delete(request.url) ? 200 : 404 });
      default: {
        const found = stored.get(request.url);
        if (found === undefined) return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
        const response = new Response(found.body, found);
        response.headers.set("cf-cache-status", "HIT");
        return response;
      }
    }
  },
};

/** A response as it is on the wire. */
function parse(bytes) {
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  const [status, ...fields] = text.slice(0, end).split("\r\n");
  const headers = fields.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  const kept = headers.filter(([name]) => !["transfer-encoding", "content-length"].includes(name.toLowerCase()));
  const isChunked = headers.some(([name, value]) => name.toLowerCase() === "transfer-encoding" && value === "chunked");
  const body = bytes.subarray(end + 4);
  return { status: Number(status.split(" ")[1]), headers: kept, body: isChunked ? dechunk(body) : body };
}

function dechunk(bytes) {
  const parts = [];
  for (let at = 0; ; ) {
    const line = bytes.indexOf(0x0d, at);
    const length = parseInt(new TextDecoder().decode(bytes.subarray(at, line)), 16);
    if (!(length > 0)) return new Blob(parts);
    parts.push(bytes.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}
