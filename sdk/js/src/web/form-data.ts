/** FormData (XMLHttpRequest 4.3). */
import { exposeClasses } from "../expose";
import { Blob, File, fileOf, isBlob } from "./blob";
import { definePairs, type PairIterable } from "./pairs";
import { need, toUsvText } from "./webidl";

export type FormDataValue = string | File;

/** The entries of a form, not copied. */
export let entriesOf: (form: FormData) => [string, FormDataValue][];

export interface FormData extends PairIterable<FormDataValue> {}

export class FormData {
  #entries: [string, FormDataValue][] = [];

  static {
    entriesOf = (form) => form.#entries;
  }

  constructor(form: undefined = undefined) {
    if (form !== undefined) throw new TypeError("`FormData` takes no form here: there is no document");
  }

  append(name: string, value: string | Blob, filename: string | undefined = undefined): void {
    const entries = this.#entries;
    need(arguments.length, 2, "FormData.append");
    entries.push(entry(name, value, filename));
  }

  delete(name: string): void {
    const entries = this.#entries;
    need(arguments.length, 1, "FormData.delete");
    const wanted = toUsvText(name);
    this.#entries = entries.filter((one) => one[0] !== wanted);
  }

  get(name: string): FormDataValue | null {
    const entries = this.#entries;
    need(arguments.length, 1, "FormData.get");
    const wanted = toUsvText(name);
    return entries.find((one) => one[0] === wanted)?.[1] ?? null;
  }

  getAll(name: string): FormDataValue[] {
    const entries = this.#entries;
    need(arguments.length, 1, "FormData.getAll");
    const wanted = toUsvText(name);
    return entries.filter((one) => one[0] === wanted).map((one) => one[1]);
  }

  has(name: string): boolean {
    const entries = this.#entries;
    need(arguments.length, 1, "FormData.has");
    const wanted = toUsvText(name);
    return entries.some((one) => one[0] === wanted);
  }

  set(name: string, value: string | Blob, filename: string | undefined = undefined): void {
    const entries = this.#entries;
    need(arguments.length, 2, "FormData.set");
    const replacement = entry(name, value, filename);
    const at = entries.findIndex((one) => one[0] === replacement[0]);
    if (at < 0) {
      entries.push(replacement);
    } else {
      entries[at] = replacement;
      this.#entries = entries.filter((one, index) => index <= at || one[0] !== replacement[0]);
    }
  }
}

/** A Blob becomes a File named `blob`, or as the third argument says (XMLHttpRequest 4.3, "create an entry"). */
function entry(name: string, value: string | Blob, filename: string | undefined): [string, FormDataValue] {
  const key = toUsvText(name);
  if (!isBlob(value)) {
    if (filename !== undefined) throw new TypeError("a file name needs a Blob as the value");
    return [key, toUsvText(value)];
  }
  if (filename !== undefined) return [key, fileOf(value, toUsvText(filename))];
  return [key, value instanceof File ? value : fileOf(value, "blob")];
}

definePairs<FormData, FormDataValue>(FormData, "FormData", (form) => entriesOf(form));
exposeClasses({ FormData });
