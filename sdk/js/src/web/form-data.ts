/** FormData (XMLHttpRequest 4.3). */
import { exposeClasses } from "../expose";
import { Blob, File, fileOf } from "./blob";
import { forEachPair, PairIterator } from "./pairs";

export type FormDataValue = string | File;

export class FormData {
  declare _entries: [string, FormDataValue][];

  constructor(form?: undefined) {
    if (form !== undefined) throw new TypeError("`FormData` takes no form here: there is no document");
    this._entries = [];
  }

  append(name: string, value: string | Blob, filename?: string): void {
    this._entries.push(entry(name, value, filename));
  }

  delete(name: string): void {
    const wanted = String(name);
    this._entries = this._entries.filter((one) => one[0] !== wanted);
  }

  get(name: string): FormDataValue | null {
    const wanted = String(name);
    return this._entries.find((one) => one[0] === wanted)?.[1] ?? null;
  }

  getAll(name: string): FormDataValue[] {
    const wanted = String(name);
    return this._entries.filter((one) => one[0] === wanted).map((one) => one[1]);
  }

  has(name: string): boolean {
    const wanted = String(name);
    return this._entries.some((one) => one[0] === wanted);
  }

  set(name: string, value: string | Blob, filename?: string): void {
    const replacement = entry(name, value, filename);
    const at = this._entries.findIndex((one) => one[0] === replacement[0]);
    if (at < 0) {
      this._entries.push(replacement);
    } else {
      this._entries[at] = replacement;
      this._entries = this._entries.filter((one, index) => index <= at || one[0] !== replacement[0]);
    }
  }

  forEach(callback: (value: FormDataValue, name: string, form: FormData) => void, self?: unknown): void {
    forEachPair<FormDataValue, FormData>(this, callback, self);
  }

  entries(): IterableIterator<[string, FormDataValue]> {
    return new PairIterator(this, "entries");
  }

  keys(): IterableIterator<string> {
    return new PairIterator(this, "keys");
  }

  values(): IterableIterator<FormDataValue> {
    return new PairIterator(this, "values");
  }

  declare [Symbol.iterator]: () => IterableIterator<[string, FormDataValue]>;

  _pairs(): readonly [string, FormDataValue][] {
    return this._entries;
  }
}
Object.defineProperty(FormData.prototype, Symbol.iterator, { value: FormData.prototype.entries, writable: true, configurable: true });

/** A Blob becomes a File named `blob`, or as the third argument says (XMLHttpRequest 4.3, "create an entry"). */
function entry(name: string, value: string | Blob, filename: string | undefined): [string, FormDataValue] {
  const key = String(name).toWellFormed();
  if (!(value instanceof Blob)) {
    if (filename !== undefined) throw new TypeError("a file name needs a Blob as the value");
    return [key, String(value).toWellFormed()];
  }
  if (filename !== undefined) return [key, fileOf(value, String(filename))];
  return [key, value instanceof File ? value : fileOf(value, "blob")];
}

exposeClasses({ FormData });
