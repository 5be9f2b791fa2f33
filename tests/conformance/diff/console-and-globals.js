// What is there, and what is not.
//// globals
return ["Request", "Response", "Headers", "URL", "URLSearchParams", "URLPattern", "TextEncoder", "TextDecoder", "TextEncoderStream", "TextDecoderStream", "ReadableStream", "WritableStream", "TransformStream", "CompressionStream", "DecompressionStream", "Blob", "File", "FormData", "AbortController", "AbortSignal", "Event", "EventTarget", "CustomEvent", "MessageChannel", "MessagePort", "MessageEvent", "CloseEvent", "ErrorEvent", "PromiseRejectionEvent", "WebSocket", "WebSocketPair", "HTMLRewriter", "FixedLengthStream", "IdentityTransformStream", "EventSource", "caches", "Cache", "CacheStorage", "crypto", "Crypto", "SubtleCrypto", "CryptoKey", "DOMException", "atob", "btoa", "structuredClone", "queueMicrotask", "setTimeout", "setInterval", "clearTimeout", "clearInterval", "fetch", "performance", "Performance", "navigator", "Navigator", "self", "globalThis", "console", "scheduler", "reportError", "addEventListener", "removeEventListener", "dispatchEvent", "Intl", "origin", "ServiceWorkerGlobalScope", "WorkerGlobalScope", "ExtendableEvent", "FetchEvent", "ScheduledEvent", "TailEvent", "Fetcher", "ExecutionContext"].map((n) => [n, typeof globalThis[n]]);
//// absent-globals
return ["window", "document", "XMLHttpRequest", "importScripts", "localStorage", "require", "module", "exports", "process", "Buffer", "global", "Deno", "Bun", "location", "SharedArrayBuffer"].map((n) => [n, typeof globalThis[n]]);
//// web-assembly
return typeof WebAssembly;
//// atomics
return typeof Atomics;
//// navigator
return [navigator.userAgent, typeof navigator.hardwareConcurrency, navigator.language ?? null, navigator.platform ?? null];
//// eval
return eval("1+1");
//// new-function
return new Function("return 2")();
//// date-and-performance-advance-with-io
const a = Date.now(); await new Promise((r) => setTimeout(r, 20)); return Date.now() - a >= 10;
//// performance-now-type
return [typeof performance.now(), typeof performance.timeOrigin];
//// error-stack-begins-with-message
const e = new TypeError("boom"); return e.stack.split("\n")[0];
//// error-cause
return new Error("a", { cause: 5 }).cause;
//// error-capture-stack-trace
const o = {}; Error.captureStackTrace(o); return typeof o.stack;
//// prepare-stack-trace
const old = Error.prepareStackTrace; Error.prepareStackTrace = (_, sites) => sites.length > 0 && typeof sites[0].getFileName; const r = new Error().stack; Error.prepareStackTrace = old; return r;
//// endless-recursion
const f = () => f() + 1; f();
//// deep-json
return JSON.parse("[".repeat(300000));
//// invalid-json-message-names-position
try { JSON.parse('{"a": x}'); } catch (e) { return [e.name, /JSON/.test(e.message)]; }
//// to-locale-string
return [(1234567.891).toLocaleString(), (0.256).toLocaleString("en-US", { style: "percent" }), (1234.5).toLocaleString("de-DE"), (5).toLocaleString("en-US", { style: "currency", currency: "USD" })];
//// date-to-locale
const d = new Date(Date.UTC(2024, 0, 15, 13, 5, 9)); return [d.toLocaleString("en-US"), d.toLocaleDateString("en-US"), d.toLocaleTimeString("en-US"), d.toLocaleDateString("de-DE", { weekday: "long", year: "numeric", month: "long", day: "numeric" }), d.toLocaleString("en-US", { timeZone: "America/New_York" })];
//// date-to-string
return [String(new Date(0)), new Date(0).getTimezoneOffset(), new Date("2024-02-30").getTime()];
//// intl-date-parts
return new Intl.DateTimeFormat("en-US", { timeZone: "Europe/Berlin", hour12: false, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" }).formatToParts(new Date(Date.UTC(2024, 6, 1, 22, 30))).map((p) => [p.type, p.value]);
//// intl-resolved
const o = new Intl.DateTimeFormat().resolvedOptions(); return [o.locale, o.timeZone, o.calendar];
//// intl-number
return [new Intl.NumberFormat("en-US", { notation: "compact" }).format(12345), new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" }).format(1234.5), new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 }).format(1.25)];
//// intl-plural
return ["en-US", "pl", "ar"].map((l) => [0, 1, 2, 5].map((n) => new Intl.PluralRules(l).select(n)));
//// intl-relative
const r = new Intl.RelativeTimeFormat("en", { numeric: "auto" }); return [r.format(-1, "day"), r.format(3, "hour")];
//// intl-list
return new Intl.ListFormat("en", { type: "conjunction" }).format(["a", "b", "c"]);
//// intl-collator
return ["z", "ä", "a", "Z"].sort(new Intl.Collator("de").compare);
//// intl-segmenter
return [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment("a👨‍👩‍👧é")].map((s) => s.segment);
//// locale-compare
return [["b", "a", "C"].sort((x, y) => x.localeCompare(y)), "a".localeCompare("A", undefined, { sensitivity: "base" }), ["10", "9"].sort((x, y) => x.localeCompare(y, undefined, { numeric: true }))];
//// locale-case
return ["I".toLocaleLowerCase("tr"), "i".toLocaleUpperCase("tr"), "ß".toLocaleUpperCase("de")];
//// intl-bad-locale
new Intl.NumberFormat("not a locale");
//// intl-bad-time-zone
new Intl.DateTimeFormat("en", { timeZone: "Mars/Base" });
//// console-methods
return Object.keys(console).sort();
//// array-and-iterator-methods
return [[3, 1, 2].toSorted(), [1, 2].with(0, 9), Object.groupBy([1, 2, 3], (x) => (x % 2 ? "odd" : "even")), Array.fromAsync ? "fromAsync" : "", typeof Iterator, [1, 2, 3].values().map((x) => x * 2).toArray(), new Set([1]).union(new Set([2]))];
//// regexp-features
return ["2024-01".match(/(?<y>\d{4})-(?<m>\d\d)/).groups, "aBc".replace(/b/i, "x"), /\p{Letter}/u.test("é"), "a.b".replaceAll(".", "-"), [..."a1b2".matchAll(/\d/g)].map((m) => m.index)];
//// regexp-set-operations
return new RegExp("[\\p{L}--[a-z]]", "v").test("a");
//// weak-refs
const held = {}; const ref = new WeakRef(held); await null; return [typeof FinalizationRegistry, ref.deref() === held];
//// weak-ref-of-nothing-else
return new WeakRef({}).deref() !== undefined;
//// bigint-and-json
JSON.stringify({ a: 1n });
//// json-edge-cases
return [JSON.stringify({ a: undefined, b: () => 1, c: Symbol("x"), d: NaN, e: new Date(0), f: "\u2028\ud800" }), JSON.stringify([undefined]), JSON.stringify({ a: [1, { b: 2 }] }, null, 2), JSON.parse('{"__proto__": 1, "a": 1, "a": 2}').a, JSON.stringify("\u007f\b")];
//// json-reviver
return JSON.parse('{"a":[1,2],"b":"x"}', function (k, v) { return typeof v === "number" ? v * 2 : v; });
//// symbol-dispose
return [typeof Symbol.dispose, typeof Symbol.asyncDispose];
//// intl-display-names
return new Intl.DisplayNames("en", { type: "region" }).of("DE");
//// intl-relative-german
return new Intl.RelativeTimeFormat("de").format(-2, "day");
//// instances-have-no-own-keys
const all = [new Headers({ a: "b" }), new Request("https://e.com/", { method: "POST", body: "x" }), new Response("x"), new URL("https://e.com/?a=b"), new URLSearchParams("a=b"), new Blob(["x"]), new FormData(), new TextDecoder(), new AbortController(), new ReadableStream(), new TransformStream(), request, request.headers];
return all.map((object) => [object.constructor.name, Object.keys(object).length, JSON.stringify({ ...object })]);
//// own-keys-of-events
return Object.keys(new Event("x"));
//// own-keys-of-the-context
return Object.keys(ctx).sort();
//// fields-of-other-classes
class Own extends Headers { _list = ["mine"]; _view = 1; } const own = new Own({ a: "b" }); own._immutable = true; own.append("c", "d"); const frozen = Object.freeze(new Headers()); frozen.set("x", "y");
return [[...own], Object.keys(own), "_list" in new Headers(), frozen.get("x"), Reflect.ownKeys(Headers.prototype).filter((key) => String(key).startsWith("_"))];
//// delete-performance
return [delete globalThis.performance, typeof performance];
//// error-stack-after-changes
class Named extends Error { constructor(message) { super(message); this.name = "Named"; } } const changed = new Error("a"); changed.message = "b";
return [new Named("x").stack.split("\n")[0], changed.stack.split("\n")[0]];
