// minisearch
import MiniSearch from "minisearch";
export default async ({ equal }) => { const m = new MiniSearch({ fields: ["t"], storeFields: ["t"] }); m.addAll([{ id: 1, t: "zen and art" }, { id: 2, t: "moby dick" }]); equal(m.search("mobi", { fuzzy: 0.3 })[0].id, 2); };
