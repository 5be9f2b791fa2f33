// dataloader
import DataLoader from "dataloader";
export default async ({ equal }) => { const batches = []; const l = new DataLoader(async (keys) => { batches.push(keys.length); return keys.map((k) => k * 2); }); equal([await Promise.all([l.load(1), l.load(2), l.load(1)]), batches], [[2, 4, 2], [2]]); };
