// pako
import * as pako from "pako";
export default async ({ equal }) => { const z = pako.gzip("hello hello hello"); equal([pako.ungzip(z, { toText: true }), await new Response(new Response(z).body.pipeThrough(new DecompressionStream("gzip"))).text()], ["hello hello hello", "hello hello hello"]); };
