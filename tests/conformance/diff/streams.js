// Streams.
//// read-all
const s = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } }); const out = []; for await (const x of s) out.push(x); return out;
//// from-iterable
const out = []; for await (const x of ReadableStream.from([1, 2])) out.push(x); return out;
//// tee
const [a, b] = new ReadableStream({ start(c) { c.enqueue("x"); c.close(); } }).tee(); return [await a.getReader().read(), await b.getReader().read()];
//// transform
const t = new TransformStream({ transform(x, c) { c.enqueue(x * 2); } }); const w = t.writable.getWriter(); w.write(2); w.close(); return [await t.readable.getReader().read()];
//// transform-error
const t = new TransformStream({ transform() { throw new RangeError("x"); } }); const w = t.writable.getWriter(); w.write(1).catch(() => {}); w.closed.catch(() => {}); await t.readable.getReader().read();
//// pipe-to
const out = []; await new ReadableStream({ start(c) { c.enqueue(1); c.close(); } }).pipeTo(new WritableStream({ write(x) { out.push(x); } })); return out;
//// cancel-reason
let reason; const s = new ReadableStream({ cancel(r) { reason = r; } }); await s.cancel("why"); return reason;
//// locked-twice
const s = new ReadableStream(); s.getReader(); s.getReader();
//// byob-reader
const s = new ReadableStream({ type: "bytes", pull(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close(); } }); const r = s.getReader({ mode: "byob" }); const { value, done } = await r.read(new Uint8Array(2)); return [value, done];
//// byob-on-default-stream
new ReadableStream({ start() {} }).getReader({ mode: "byob" });
//// error-propagates
const s = new ReadableStream({ start(c) { c.error(new TypeError("broken")); } }); await s.getReader().read();
//// identity-transform
const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); w.write(new Uint8Array([1])); w.close(); return [(await readable.getReader().read()).value];
//// fixed-length-response
const { readable, writable } = new FixedLengthStream(5); const w = writable.getWriter(); w.write(new TextEncoder().encode("hello")); w.close(); return new Response(readable);
//// fixed-length-too-short
const { readable, writable } = new FixedLengthStream(5); const w = writable.getWriter(); w.write(new TextEncoder().encode("he")).catch(() => {}); const closing = w.close(); new Response(readable).text().catch(() => {}); await closing;
//// strategies
return [new CountQueuingStrategy({ highWaterMark: 3 }).highWaterMark, new ByteLengthQueuingStrategy({ highWaterMark: 4 }).size(new Uint8Array(7))];
//// desired-size
let size; new ReadableStream({ start(c) { size = c.desiredSize; } }, { highWaterMark: 5 }); return size;
//// compression-round-trip
const zipped = new Response("hello ".repeat(100)).body.pipeThrough(new CompressionStream("gzip")); const text = await new Response(zipped.pipeThrough(new DecompressionStream("gzip"))).text(); return text.length;
//// compression-formats
return ["gzip", "deflate", "deflate-raw", "bogus"].map((f) => { try { new CompressionStream(f); return "ok"; } catch (e) { return e.name; } });
//// decompress-garbage
await new Response(new Response("garbage").body.pipeThrough(new DecompressionStream("gzip"))).text();
//// writer-after-close
const w = new WritableStream().getWriter(); await w.close(); await w.write("x");
//// abort-writable
let why; const w = new WritableStream({ abort(r) { why = r; } }); await w.abort("r"); return why;
//// async-iterator-return
let cancelled = false; const s = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); }, cancel() { cancelled = true; } }); for await (const x of s) break; return [cancelled, s.locked];
//// values-prevent-cancel
let cancelled = false; const s = new ReadableStream({ start(c) { c.enqueue(1); }, cancel() { cancelled = true; } }); for await (const x of s.values({ preventCancel: true })) break; return cancelled;
//// pipe-with-abort
const ac = new AbortController(); ac.abort(new Error("stop")); await new ReadableStream().pipeTo(new WritableStream(), { signal: ac.signal });
//// read-at-least
const s = new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([1])); c.enqueue(new Uint8Array([2, 3])); c.close(); } }); const r = s.getReader({ mode: "byob" }); const { value } = await r.readAtLeast(3, new Uint8Array(8)); return value;
