// ramda
import * as R from "ramda";
export default async ({ equal }) => { equal(R.pipe(R.filter((x) => x % 2), R.map(R.multiply(3)), R.sum)([1, 2, 3]), 12); };
