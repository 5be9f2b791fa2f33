// rxjs
import { firstValueFrom, from, interval, lastValueFrom, map, mergeMap, scan, take, toArray, delay, of } from "rxjs";
export default async ({ equal }) => {
  equal(await lastValueFrom(from([1, 2, 3]).pipe(mergeMap((x) => of(x).pipe(delay(200 * (3 - x)))), scan((a, b) => a + b, 0), toArray())), [3, 5, 6]);
  equal(await firstValueFrom(interval(1).pipe(map((x) => x * 2), take(3), toArray())), [0, 2, 4]);
};
