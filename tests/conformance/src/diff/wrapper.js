// Shows what the body of a case gives, or which class of error it throws.
const body = async (request, env, ctx) => {
/* BODY */
};

function show(value, seen = new Set()) {
  if (value === undefined) return { undefined: true };
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0) ? value : { number: Object.is(value, -0) ? "-0" : String(value) };
  if (typeof value === "bigint") return { bigint: String(value) };
  if (typeof value === "symbol") return { symbol: String(value) };
  if (typeof value === "function") return { function: value.name };
  if (seen.has(value)) return { circular: true };
  seen = new Set(seen).add(value);
  const inner = (part) => show(part, seen);
  if (value instanceof Error) return { error: value.name, constructor: value.constructor.name };
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Date) return { date: Number.isNaN(value.getTime()) ? "invalid" : value.toISOString() };
  if (value instanceof RegExp) return { regexp: String(value) };
  if (value instanceof ArrayBuffer) return { buffer: [...new Uint8Array(value)] };
  if (ArrayBuffer.isView(value)) return { [value.constructor.name]: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
  if (value instanceof Map) return { map: [...value].map(inner) };
  if (value instanceof Set) return { set: [...value].map(inner) };
  if (value instanceof Headers) return { headers: [...value] };
  if (value instanceof URL) return { url: value.href };
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  const entries = Object.entries(value).map(([key, part]) => [key, inner(part)]);
  return name === "Object" || name === undefined ? Object.fromEntries(entries) : { [name]: Object.fromEntries(entries) };
}

export default {
  async fetch(request, env, ctx) {
    try {
      const value = await body(request, env, ctx);
      return value instanceof Response ? value : Response.json(show(value));
    } catch (error) {
      return Response.json({ throws: error instanceof Error ? error.name : show(error) });
    }
  },
};
