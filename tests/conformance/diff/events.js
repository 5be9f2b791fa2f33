// Events, AbortSignal, timers, structuredClone, MessageChannel.
//// event-order
const t = new EventTarget(); const out = []; t.addEventListener("x", () => out.push(1)); t.addEventListener("x", { handleEvent() { out.push(2); } }); t.addEventListener("x", () => out.push(3), { once: true }); t.dispatchEvent(new Event("x")); t.dispatchEvent(new Event("x")); return out;
//// prevent-default
const t = new EventTarget(); t.addEventListener("x", (e) => e.preventDefault()); return [t.dispatchEvent(new Event("x", { cancelable: true })), t.dispatchEvent(new Event("x"))];
//// stop-immediate
const t = new EventTarget(); let n = 0; t.addEventListener("x", (e) => { n++; e.stopImmediatePropagation(); }); t.addEventListener("x", () => n++); t.dispatchEvent(new Event("x")); return n;
//// listener-signal
const t = new EventTarget(), ac = new AbortController(); let n = 0; t.addEventListener("x", () => n++, { signal: ac.signal }); ac.abort(); t.dispatchEvent(new Event("x")); return n;
//// custom-event
const e = new CustomEvent("x", { detail: { a: 1 }, bubbles: true }); return [e.type, e.detail, e.bubbles, e.cancelable, e.isTrusted, e.timeStamp >= 0];
//// abort-reason
const ac = new AbortController(); ac.abort(); return [ac.signal.aborted, ac.signal.reason.name, ac.signal.reason instanceof DOMException];
//// abort-custom-reason
const ac = new AbortController(); ac.abort({ a: 1 }); return ac.signal.reason;
//// abort-throw-if-aborted
AbortSignal.abort("r").throwIfAborted();
//// abort-any
const a = new AbortController(); const s = AbortSignal.any([a.signal, new AbortController().signal]); a.abort("z"); return [s.aborted, s.reason];
//// abort-timeout
const s = AbortSignal.timeout(5); await new Promise((r) => s.addEventListener("abort", r)); return s.reason.name;
//// abort-onabort
const ac = new AbortController(); let n = 0; ac.signal.onabort = () => n++; ac.abort(); ac.abort(); return n;
//// abort-signal-constructor
new AbortSignal();
//// timers-order
const out = []; setTimeout(() => out.push("t10"), 10); setTimeout(() => out.push("t0"), 0); queueMicrotask(() => out.push("m")); Promise.resolve().then(() => out.push("p")); out.push("s"); await new Promise((r) => setTimeout(r, 20)); return out;
//// timer-arguments
return new Promise((r) => setTimeout((a, b) => r([a, b]), 1, "x", 2));
//// clear-timeout
let ran = false; clearTimeout(setTimeout(() => { ran = true; }, 1)); await new Promise((r) => setTimeout(r, 5)); return ran;
//// interval
let n = 0; await new Promise((r) => { const id = setInterval(() => { if (++n === 3) { clearInterval(id); r(); } }, 1); }); return n;
//// timer-string-handler
setTimeout("1", 0);
//// clear-unknown
clearTimeout(12345); clearTimeout(undefined); clearInterval("x"); return "fine";
//// structured-clone
const o = { d: new Date(0), m: new Map([[1, { a: 1 }]]), s: new Set([1]), r: /x/gi, b: new Uint8Array([1, 2]), n: null, u: undefined, big: 10n, e: new RangeError("m") }; o.self = o; const c = structuredClone(o); return [c.d, c.m, c.s, String(c.r), c.b, c.n, "u" in c, c.big, c.e.name, c.e.message, c.self === c];
//// structured-clone-function
structuredClone(() => {});
//// structured-clone-symbol
structuredClone(Symbol("x"));
//// structured-clone-error-shape
try { structuredClone(() => {}); } catch (e) { return [e.name, e.code, e instanceof DOMException]; }
//// structured-clone-transfer
const b = new ArrayBuffer(4); const c = structuredClone(b, { transfer: [b] }); return [b.byteLength, c.byteLength];
//// structured-clone-class-instance
class A { x = 1; get y() { return 2; } } const c = structuredClone(new A()); return [c instanceof A, c.x, "y" in c];
//// structured-clone-headers
structuredClone(new Headers());
//// dom-exception
const e = new DOMException("m", "AbortError"); return [e.name, e.message, e.code, e instanceof Error, Object.prototype.toString.call(e), DOMException.ABORT_ERR];
//// message-channel
const { port1, port2 } = new MessageChannel(); const got = new Promise((r) => { port2.onmessage = (e) => r(e.data); }); port1.postMessage({ a: [1] }); return got;
//// unhandled-rejection-does-not-fail
Promise.reject(new Error("nobody looks")); await new Promise((r) => setTimeout(r, 1)); return "answered";
//// error-event
const e = new ErrorEvent("error", { message: "m", filename: "f", lineno: 1, colno: 2, error: 5 }); return [e.message, e.filename, e.lineno, e.colno, e.error];
//// message-event
const e = new MessageEvent("message", { data: 1, origin: "o", lastEventId: "i" }); return [e.data, e.origin, e.lastEventId, e.source, e.ports?.length];
//// close-event
const e = new CloseEvent("close", { code: 1000, reason: "r", wasClean: true }); return [e.code, e.reason, e.wasClean];
//// promise-any-aggregate
await Promise.any([Promise.reject(1)]);
//// queue-microtask-type
queueMicrotask("x");
//// event-path-and-target
const t = new EventTarget(); let seen; t.addEventListener("x", (e) => { seen = [e.target === t, e.currentTarget === t, e.eventPhase, e.composedPath().length]; }); const e = new Event("x"); t.dispatchEvent(e); return [seen, e.currentTarget, e.eventPhase];
//// dispatch-twice-nested
const t = new EventTarget(); t.addEventListener("x", (e) => t.dispatchEvent(e)); let name; const e = new Event("x"); addEventListener("error", () => {}); try { t.dispatchEvent(e); } catch (x) { name = x.name; } return name ?? "none";
