/** Iterators of Headers, URLSearchParams and FormData (Web IDL 3.7.9: pair iterators see changes made while they run). */

export interface PairSource<V> {
  /** The pairs as they are now. */
  _pairs(): readonly (readonly [string, V])[];
}

type Kind = "entries" | "keys" | "values";

const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

export class PairIterator<V, T> implements IterableIterator<T> {
  declare _source: PairSource<V>;
  declare _kind: Kind;
  declare _index: number;

  constructor(source: PairSource<V>, kind: Kind) {
    this._source = source;
    this._kind = kind;
    this._index = 0;
  }

  next(): IteratorResult<T> {
    const pair = this._source._pairs()[this._index];
    if (pair === undefined) return { value: undefined, done: true };
    this._index++;
    const value = this._kind === "entries" ? [pair[0], pair[1]] : this._kind === "keys" ? pair[0] : pair[1];
    return { value: value as T, done: false };
  }

  declare [Symbol.iterator]: () => this;
}

Object.setPrototypeOf(PairIterator.prototype, iteratorPrototype);
Object.defineProperty(PairIterator.prototype, "next", { enumerable: true });

export function forEachPair<V, S extends PairSource<V>>(source: S, callback: (value: V, name: string, source: S) => void, self: unknown): void {
  if (typeof callback !== "function") throw new TypeError("the callback of `forEach` must be a function");
  for (let index = 0; ; index++) {
    const pair = source._pairs()[index];
    if (pair === undefined) return;
    callback.call(self, pair[1], pair[0], source);
  }
}
