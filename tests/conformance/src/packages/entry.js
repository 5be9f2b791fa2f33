import test from "./SMOKE";

const text = (value) => JSON.stringify(value, (_, part) => (part === undefined ? "undefined" : typeof part === "bigint" ? `${part}n` : ArrayBuffer.isView(part) ? [...part] : part));

function equal(actual, expected) {
  if (text(actual) !== text(expected)) throw new Error(`got ${text(actual)}, not ${text(expected)}`);
}

export default {
  async fetch(request, env) {
    try {
      await test({ env, equal });
      return new Response("passed");
    } catch (error) {
      return new Response(error?.stack ?? String(error), { status: 500 });
    }
  },
};
