// lru-cache
import { LRUCache } from "lru-cache";
export default async ({ equal }) => { const c = new LRUCache({ max: 2, ttl: 1000 }); c.set("a", 1); c.set("b", 2); c.get("a"); c.set("c", 3); equal([c.has("a"), c.has("b"), c.size], [true, false, 2]); };
