/** Queues with sizes and the queuing strategies (Streams 7, 8.1). */
import { isObject, need, toCallback, toDictionary } from "../webidl";
import { illegal } from "./promises";

/** First in, first out, without moving what stays. */
export class Fifo<T> {
  declare private items: (T | undefined)[];
  declare private head: number;

  constructor() {
    this.items = [];
    this.head = 0;
  }

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  peek(): T {
    return this.items[this.head] as T;
  }

  shift(): T {
    const item = this.items[this.head] as T;
    this.items[this.head++] = undefined;
    if (this.head === this.items.length) {
      this.items = [];
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items.splice(0, this.head);
      this.head = 0;
    }
    return item;
  }

  /** Takes everything out. */
  drain(): T[] {
    const items = this.items.slice(this.head) as T[];
    this.clear();
    return items;
  }

  clear(): void {
    this.items = [];
    this.head = 0;
  }
}

export class QueueWithSizes<T> {
  declare private entries: Fifo<{ value: T; size: number }>;
  declare total: number;

  constructor() {
    this.entries = new Fifo();
    this.total = 0;
  }

  get length(): number {
    return this.entries.length;
  }

  enqueue(value: T, size: unknown): void {
    const number = Number(size);
    if (!(number >= 0 && number < Infinity)) throw new RangeError("the size of a chunk must be a finite number that is not negative");
    this.entries.push({ value, size: number });
    this.total += number;
  }

  peek(): T {
    return this.entries.peek().value;
  }

  dequeue(): T {
    const { value, size } = this.entries.shift();
    // Rounding must not leave it below nothing.
    this.total = Math.max(0, this.total - size);
    return value;
  }

  clear(): void {
    this.entries.clear();
    this.total = 0;
  }
}

export type Size = (chunk: unknown) => unknown;

export interface QueuingStrategy {
  highWaterMark?: number;
  size?: Size;
}

export interface Strategy {
  highWaterMark: number | undefined;
  size: Size | undefined;
}

/** The dictionary as it is converted before anything else happens. */
export function strategyOf(value: unknown): Strategy {
  const given = toDictionary<QueuingStrategy>(value as QueuingStrategy, "a queuing strategy");
  const mark = given.highWaterMark;
  const highWaterMark = mark === undefined ? undefined : Number(mark);
  const { size } = given;
  return { highWaterMark, size: size === undefined ? undefined : toCallback<Size>(size, "`size`") };
}

export function highWaterMarkOf(strategy: Strategy, standard: number): number {
  const mark = strategy.highWaterMark;
  if (mark === undefined) return standard;
  if (!(mark >= 0)) throw new RangeError("`highWaterMark` must be a number that is not negative");
  return mark;
}

function markOf(init: unknown): number {
  if (!isObject(init)) throw new TypeError("a queuing strategy takes an object with `highWaterMark`");
  const mark = (init as QueuingStrategy).highWaterMark;
  if (mark === undefined) throw new TypeError("`highWaterMark` is missing");
  return Number(mark);
}

// One function each, that no strategy owns (8.2.2).
const { size: countSize } = { size: () => 1 };
const { size: byteLengthSize } = { size: (chunk: { byteLength: number }) => chunk.byteLength };

export class CountQueuingStrategy {
  declare _countMark: number;

  constructor(init: { highWaterMark: number }) {
    need(arguments.length, 1, "new CountQueuingStrategy");
    this._countMark = markOf(init);
  }

  get highWaterMark(): number {
    if (this._countMark === undefined) throw illegal();
    return this._countMark;
  }

  get size(): () => number {
    if (this._countMark === undefined) throw illegal();
    return countSize;
  }
}

export class ByteLengthQueuingStrategy {
  declare _byteMark: number;

  constructor(init: { highWaterMark: number }) {
    need(arguments.length, 1, "new ByteLengthQueuingStrategy");
    this._byteMark = markOf(init);
  }

  get highWaterMark(): number {
    if (this._byteMark === undefined) throw illegal();
    return this._byteMark;
  }

  get size(): (chunk: { byteLength: number }) => number {
    if (this._byteMark === undefined) throw illegal();
    return byteLengthSize;
  }
}
