// TextEncoder, TextDecoder, atob, btoa.
//// encode
return [new TextEncoder().encode("aé€😀"), new TextEncoder().encode("\ud800x"), new TextEncoder().encoding];
//// encode-into
const v = new Uint8Array(5); const r = new TextEncoder().encodeInto("€€", v); return [r.read, r.written, v];
//// decode
return [new TextDecoder().decode(new Uint8Array([0xe2, 0x82, 0xac])), new TextDecoder().decode(new Uint8Array([0xff])), new TextDecoder().decode()];
//// decode-fatal
new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff]));
//// decode-stream
const d = new TextDecoder(); return d.decode(new Uint8Array([0xe2]), { stream: true }) + d.decode(new Uint8Array([0x82, 0xac]));
//// labels
return ["utf8", "UTF-8", "latin1", "ascii", "utf-16", "utf-16be", "shift_jis", "gbk", "bogus"].map((l) => { try { return new TextDecoder(l).encoding; } catch (e) { return e.name; } });
//// latin1-bytes
return new TextDecoder("latin1").decode(new Uint8Array([0x80, 0xe9, 0xff]));
//// utf16
return [new TextDecoder("utf-16le").decode(new Uint8Array([0x61, 0, 0x3d, 0xd8])), new TextDecoder("utf-16be").decode(new Uint8Array([0, 0x61]))];
//// bom
const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0x61]); return [new TextDecoder().decode(bytes).length, new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).length];
//// decode-types
return [new TextDecoder().decode(new Uint8Array([97]).buffer), new TextDecoder().decode(new DataView(new ArrayBuffer(1))).length, (() => { try { new TextDecoder().decode("x"); } catch (e) { return e.name; } })()];
//// base64
return [btoa("hello"), atob("aGVsbG8="), atob(" aGVs bG8 "), atob("aGVsbG8")];
//// btoa-out-of-range
btoa("☃");
//// atob-invalid
atob("a");
//// atob-error-shape
try { atob("*"); } catch (e) { return [e.name, e.code, e instanceof DOMException]; }
//// decoder-stream
const s = new ReadableStream({ start(c) { c.enqueue(new Uint8Array([0xe2, 0x82])); c.enqueue(new Uint8Array([0xac])); c.close(); } }).pipeThrough(new TextDecoderStream()); let t = ""; for await (const x of s) t += x; return t;
//// encoder-stream
const s = new ReadableStream({ start(c) { c.enqueue("\ud83d"); c.enqueue("\ude00"); c.close(); } }).pipeThrough(new TextEncoderStream()); const out = []; for await (const x of s) out.push(...x); return out;
//// uint8array-base64
return [typeof Uint8Array.fromBase64, typeof Uint8Array.prototype.toHex];
//// surrogates-in-url
return encodeURIComponent("a\ud800");
