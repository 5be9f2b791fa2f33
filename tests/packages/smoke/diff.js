// diff
import { applyPatch, createPatch, diffWords } from "diff";
export default async ({ equal }) => { const p = createPatch("f", "a\nb\n", "a\nc\n"); equal([applyPatch("a\nb\n", p), diffWords("a b", "a c").length > 1], ["a\nc\n", true]); };
