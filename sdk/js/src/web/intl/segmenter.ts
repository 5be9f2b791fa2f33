/** Intl.Segmenter (ECMA-402 19). */
import { native } from "../../host";
import { Formatter, KIND } from "./formatter";
import { bag, choice, type Locales, type Options } from "./options";

/** Set by the host on the end of a segment that is like a word. */
const WORD_LIKE = 2 ** 31;

interface Segment {
  segment: string;
  index: number;
  input: string;
  isWordLike?: boolean;
}

export class Segmenter extends Formatter {
  constructor(locales?: Locales, options?: unknown) {
    super();
    this._set(locales, { granularity: choice(bag(options), "granularity", ["grapheme", "word", "sentence"], "grapheme") });
  }

  get _kind(): number {
    return KIND.segmenter;
  }

  segment(input: unknown): Segments {
    const text = String(input);
    return new Segments(text, native.intlSegments!(this._locale, this._json, text), this._options["granularity"] === "word");
  }

  resolvedOptions(): Options {
    return { locale: this._locale, ...this._options };
  }
}

class Segments {
  declare _input: string;
  declare _ends: number[];
  declare _words: boolean;

  constructor(input: string, ends: number[], words: boolean) {
    this._input = input;
    this._ends = ends;
    this._words = words;
  }

  /** The segment at a place, given in UTF-16 code units. */
  containing(place: unknown = 0): Segment | undefined {
    const at = Math.trunc(Number(place)) || 0;
    if (at < 0 || at >= this._input.length) return undefined;
    return this._at(this._ends.findIndex((end) => at < end % WORD_LIKE));
  }

  *[Symbol.iterator](): IterableIterator<Segment> {
    for (let i = 0; i < this._ends.length; i++) yield this._at(i);
  }

  _at(i: number): Segment {
    const index = i === 0 ? 0 : this._ends[i - 1]! % WORD_LIKE;
    const end = this._ends[i]!;
    const segment: Segment = { segment: this._input.slice(index, end % WORD_LIKE), index, input: this._input };
    if (this._words) segment.isWordLike = end >= WORD_LIKE;
    return segment;
  }
}
