// mitt
import mitt from "mitt";
export default async ({ equal }) => { const m = mitt(); const out = []; m.on("*", (t, v) => out.push([t, v])); m.emit("a", 1); equal(out, [["a", 1]]); };
