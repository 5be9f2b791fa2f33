// eventemitter3
import EventEmitter from "eventemitter3";
export default async ({ equal }) => { const e = new EventEmitter(); let n = 0; e.on("x", (v) => { n += v; }); e.once("x", () => { n += 10; }); e.emit("x", 1); e.emit("x", 1); equal(n, 12); };
