/** Iteration of Headers, URLSearchParams and FormData (Web IDL 3.7.9: the iterators see changes made while they run). */
import { need, toCallback } from "./webidl";

export interface PairIterable<V> {
  entries(): IterableIterator<[string, V]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<V>;
  forEach(callback: (value: V, name: string, source: this) => void, self?: unknown): void;
  [Symbol.iterator](): IterableIterator<[string, V]>;
}

type Kind = "entries" | "keys" | "values";

/** The pairs as they are now. Throws a TypeError when `source` is no instance of the interface. */
export type PairsOf<S, V> = (source: S) => readonly (readonly [string, V])[];

const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

/** Gives an interface `iterable<USVString, V>`; its class says so by `interface FormData extends PairIterable<V> {}`. */
export function definePairs<S extends object, V>(constructor: { prototype: S }, name: string, pairsOf: PairsOf<S, V>): void {
  class PairIterator {
    readonly #source: S;
    readonly #kind: Kind;
    #index = 0;

    constructor(source: S, kind: Kind) {
      pairsOf(source);
      this.#source = source;
      this.#kind = kind;
    }

    next(): IteratorResult<unknown> {
      const kind = this.#kind;
      const pair = pairsOf(this.#source)[this.#index];
      if (pair === undefined) return { value: undefined, done: true };
      this.#index++;
      const value = kind === "entries" ? [pair[0], pair[1]] : kind === "keys" ? pair[0] : pair[1];
      return { value, done: false };
    }
  }
  const { prototype } = PairIterator;
  delete (prototype as { constructor?: unknown }).constructor;
  Object.setPrototypeOf(prototype, iteratorPrototype);
  Object.defineProperty(prototype, "next", { enumerable: true });
  Object.defineProperty(prototype, Symbol.toStringTag, { value: `${name} Iterator`, configurable: true });

  const members = {
    entries(this: S) {
      return new PairIterator(this, "entries");
    },
    keys(this: S) {
      return new PairIterator(this, "keys");
    },
    values(this: S) {
      return new PairIterator(this, "values");
    },
    forEach(this: S, callback: (value: V, name: string, source: S) => void, self: unknown = undefined) {
      pairsOf(this);
      need(arguments.length, 1, `${name}.forEach`);
      toCallback(callback, "the callback of `forEach`");
      for (let index = 0; ; index++) {
        const pair = pairsOf(this)[index];
        if (pair === undefined) return;
        callback.call(self, pair[1], pair[0], this);
      }
    },
  };
  Object.assign(constructor.prototype, members);
  Object.defineProperty(constructor.prototype, Symbol.iterator, { value: members.entries, writable: true, configurable: true });
}
