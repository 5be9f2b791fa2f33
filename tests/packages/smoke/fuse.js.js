// fuse.js
import Fuse from "fuse.js";
export default async ({ equal }) => { equal(new Fuse([{ t: "Old Man's War" }, { t: "The Lock Artist" }], { keys: ["t"] }).search("lock")[0].item.t, "The Lock Artist"); };
