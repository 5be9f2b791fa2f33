/** Text for people about any value, in the manner of Node's `util.inspect`: two levels deep, at most 100 items, lines of about 80. */
import { framesOf } from "./stack-text";

const MAX_DEPTH = 2;

/** What `util.inspect` takes beside the depth. */
export interface InspectOptions {
  breakLength: number;
  colors: boolean;
  /** Objects that hold more levels than these are spread over lines; `true` is as many as there are, `false` none. */
  compact: number | boolean;
  customInspect: boolean;
  getters: boolean | "get" | "set";
  maxArrayLength: number | null;
  maxStringLength: number | null;
  numericSeparator: boolean;
  showHidden: boolean;
  sorted: boolean | ((a: string, b: string) => number);
}

const DEFAULTS: InspectOptions = {
  breakLength: 80,
  colors: false,
  compact: 3,
  customInspect: true,
  getters: false,
  maxArrayLength: 100,
  maxStringLength: 10_000,
  numericSeparator: false,
  showHidden: false,
  sorted: false,
};

/** Colours of terminals by kind of value, as Node.js has them: the codes that begin and end one. */
const COLORS = {
  string: [32, 39],
  number: [33, 39],
  bigint: [33, 39],
  boolean: [33, 39],
  symbol: [32, 39],
  undefined: [90, 39],
  null: [1, 22],
  special: [36, 39],
  date: [35, 39],
  regexp: [31, 39],
} as const;

interface State {
  readonly depthMax: number;
  readonly options: InspectOptions;
  readonly path: object[];
  readonly circular: Map<object, number>;
  indentation: number;
  /** Depth of the object that was entered last: says how many levels its parents hold. */
  entered: number;
}

/** How an object prints: what stands before the braces, the braces, and the items between them. */
interface Shape {
  base: string;
  open: string;
  close: string;
  items: string[];
  /** The values, where they stand in columns when there are many. */
  columns: readonly unknown[] | null;
}

export function inspect(value: unknown, depthMax = MAX_DEPTH, options: Partial<InspectOptions> | null = null): string {
  return format(value, { depthMax, options: options === null ? DEFAULTS : withDefaults(options), path: [], circular: new Map(), indentation: 0, entered: 0 });
}

function withDefaults(options: Partial<InspectOptions>): InspectOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...(Object.fromEntries(given) as Partial<InspectOptions>) };
}

function format(value: unknown, state: State): string {
  switch (typeof value) {
    case "string":
      return paint(quote(value, state.options.maxStringLength ?? Infinity), "string", state);
    case "number":
      return paint(digits(Object.is(value, -0) ? "-0" : String(value), state), "number", state);
    case "bigint":
      return paint(`${digits(String(value), state)}n`, "bigint", state);
    case "symbol":
      return paint(value.toString(), "symbol", state);
    case "function":
      return formatObject(value, state);
    case "object":
      return value === null ? paint("null", "null", state) : formatObject(value, state);
    default:
      return paint(String(value), typeof value as "boolean" | "undefined", state);
  }
}

function paint(text: string, kind: keyof typeof COLORS, state: State): string {
  if (!state.options.colors) return text;
  const [begin, end] = COLORS[kind];
  return `\u001b[${begin}m${text}\u001b[${end}m`;
}

/** Of a text with colours, what takes room on a line. */
function widthOf(text: string, state: State): number {
  return state.options.colors ? text.replace(/\u001b\[\d+m/g, "").length : text.length;
}

function digits(number: string, state: State): string {
  if (!state.options.numericSeparator || !/^-?\d+(\.\d+)?$/.test(number)) return number;
  const [whole, fraction] = number.split(".");
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, "_");
  return fraction === undefined ? grouped : `${grouped}.${fraction.replace(/\d{3}(?=\d)/g, "$&_")}`;
}

function formatObject(value: object, state: State): string {
  if (state.path.includes(value)) {
    if (!state.circular.has(value)) state.circular.set(value, state.circular.size + 1);
    return paint(`[Circular *${state.circular.get(value)}]`, "special", state);
  }
  const custom = state.options.customInspect ? customText(value, state) : null;
  if (custom !== null) return custom;
  const depth = state.path.length;
  if (depth > state.depthMax && !isShort(value)) return paint(Array.isArray(value) ? "[Array]" : `[${nameOf(value) ?? "Object: null prototype"}]`, "special", state);
  if (!isEmpty(value)) state.entered = depth;
  state.path.push(value);
  const shape = shapeOf(value, state);
  state.path.pop();
  const text = join(shape, state, depth);
  const index = state.circular.get(value);
  return index === undefined ? text : `${paint(`<ref *${index}>`, "special", state)} ${text}`;
}

/** An object of Node.js's making may have a method that says how it prints. */
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");

function customText(value: object, state: State): string | null {
  const custom = (value as Record<symbol, unknown>)[CUSTOM];
  if (typeof custom !== "function") return null;
  const depth = state.depthMax - state.path.length;
  const again = (other: unknown, options?: Partial<InspectOptions> & { depth?: number | null }): string =>
    inspect(other, options?.depth === null ? Infinity : (options?.depth ?? depth), { ...state.options, ...options });
  const stylize = (text: string, kind: keyof typeof COLORS): string => (kind in COLORS ? paint(text, kind, state) : text);
  const answer: unknown = custom.call(value, depth, { ...state.options, depth, stylize }, again);
  if (answer === value) return null;
  return typeof answer === "string" ? answer.replaceAll("\n", `\n${" ".repeat(state.indentation)}`) : format(answer, state);
}

/** Items of a list beyond which its keys are not looked at: naming them all would take more memory than the list. */
const NAMED_ITEMS_MAX = 100_000;

function isLongList(value: object): boolean {
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  return isList && (value as { length: number }).length > NAMED_ITEMS_MAX;
}

function isEmpty(value: object): boolean {
  if (value instanceof Map || value instanceof Set) return value.size === 0;
  return !isLongList(value) && Object.keys(value).length === 0 && describe(value) === null;
}

/** What prints in one word also below the deepest level. */
function isShort(value: object): boolean {
  if (typeof value === "function" || value instanceof Date || value instanceof RegExp || value instanceof Error) return true;
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) return false;
  return !isLongList(value) && Object.keys(value).length === 0;
}

function shapeOf(value: object, state: State): Shape {
  const name = nameOf(value);
  const shape: Shape = { base: "", open: "{", close: "}", items: [], columns: null };
  if (Array.isArray(value)) {
    Object.assign(shape, { open: name === "Array" ? "[" : `${name ?? "[Array: null prototype]"}(${value.length}) [`, close: "]", columns: value });
    shape.items = arrayItems(value, state);
  } else if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const list = value as unknown as ArrayLike<number>;
    Object.assign(shape, { open: `${name}(${list.length}) [`, close: "]", columns: list });
    shape.items = limited(list.length, (i) => format(list[i], state), state);
    return shape;
  } else if (value instanceof Map) {
    shape.open = `${name}(${value.size}) {`;
    const entries = [...value];
    shape.items = limited(entries.length, (i) => `${nested(entries[i]![0], state)} => ${nested(entries[i]![1], state)}`, state);
  } else if (value instanceof Set) {
    shape.open = `${name}(${value.size}) {`;
    const members = [...value];
    shape.items = limited(members.length, (i) => nested(members[i], state), state);
  } else if (value instanceof ArrayBuffer) {
    shape.open = "ArrayBuffer {";
    const hex = Array.from(new Uint8Array(value, 0, Math.min(50, value.byteLength)), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const more = value.byteLength > 50 ? ` ... ${value.byteLength - 50} more bytes` : "";
    shape.items = [`[Uint8Contents]: <${hex}${more}>`, `byteLength: ${value.byteLength}`];
  } else {
    shape.base = baseOf(value, name, state);
    if (shape.base === "" && name !== "Object") shape.open = `${name === null ? "[Object: null prototype]" : classAndTag(value, name)} {`;
    const described = describe(value);
    if (described !== null) {
      shape.items = Object.entries(described).map(([key, item]) => `${key}: ${nested(item, state)}`);
      return shape;
    }
  }
  shape.items.push(...properties(value, state));
  return shape;
}

/** The objects of this prelude keep their state in fields that begin with `_`; what people want to see is behind their getters. */
const DESCRIBED = new Map<string, readonly string[]>([
  ["Request", ["method", "url", "headers", "redirect", "bodyUsed"]],
  ["Response", ["status", "statusText", "headers", "ok", "redirected", "type", "url", "bodyUsed"]],
  ["URL", ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "searchParams", "hash"]],
  ["Blob", ["size", "type"]],
  ["File", ["size", "type", "name", "lastModified"]],
  ["AbortSignal", ["aborted"]],
  ["AbortController", ["signal"]],
  ["TextDecoder", ["encoding", "fatal", "ignoreBOM"]],
  ["ReadableStream", ["locked"]],
  ["WritableStream", ["locked"]],
  ["TransformStream", ["readable", "writable"]],
  ["Event", ["type", "cancelable", "defaultPrevented", "timeStamp"]],
  ["CustomEvent", ["type", "cancelable", "defaultPrevented", "timeStamp", "detail"]],
  ["ErrorEvent", ["type", "message", "filename", "lineno", "colno", "error"]],
  ["MessageEvent", ["type", "data", "origin", "lastEventId", "ports"]],
  ["CloseEvent", ["type", "code", "reason", "wasClean"]],
  ["PromiseRejectionEvent", ["type", "promise", "reason"]],
  ["PerformanceMark", ["name", "entryType", "startTime", "duration", "detail"]],
  ["PerformanceMeasure", ["name", "entryType", "startTime", "duration", "detail"]],
]);

function describe(value: object): Record<string, unknown> | null {
  const tag = (value as Record<symbol, unknown>)[Symbol.toStringTag];
  const getters = typeof tag === "string" ? DESCRIBED.get(tag) : undefined;
  try {
    if (tag === "Headers" || tag === "URLSearchParams" || tag === "FormData") return Object.fromEntries(value as Iterable<[string, unknown]>);
    if (getters === undefined) return null;
    return Object.fromEntries(getters.map((key) => [key, (value as Record<string, unknown>)[key]]));
  } catch {
    // A prototype has the tag too, but nothing behind its getters.
    return null;
  }
}

/** What stands for the object before its properties, or in place of braces where it has none. */
function baseOf(value: object, name: string | null, state: State): string {
  if (typeof value === "function") return paint(functionBase(value as Function, name), "special", state);
  if (value instanceof Error) return errorText(value).replaceAll("\n", `\n${" ".repeat(state.indentation)}`);
  if (value instanceof Date) return paint(Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString(), "date", state);
  if (value instanceof RegExp) return paint(String(value), "regexp", state);
  if (value instanceof Promise) return "Promise { <state unknown> }";
  if (value instanceof WeakMap || value instanceof WeakSet) return `${name} { <items unknown> }`;
  if (value instanceof String) return `[String: ${quote(value.valueOf(), Infinity)}]`;
  if (value instanceof Number || value instanceof Boolean) return `[${name}: ${String(value.valueOf())}]`;
  return "";
}

type Function = (...args: never[]) => unknown;

function functionBase(value: Function, name: string | null): string {
  if (isClass(value)) {
    const parent = (Object.getPrototypeOf(value) as { name?: string } | null)?.name;
    return `[class ${value.name === "" ? "(anonymous)" : value.name}${parent ? ` extends ${parent}` : ""}]`;
  }
  const kind = name ?? "Function";
  return value.name === "" ? `[${kind} (anonymous)]` : `[${kind}: ${value.name}]`;
}

/** Deployed code has no source to look at; but the prototype of a class cannot be replaced, and of what the engine itself defines that is no class. */
function isClass(value: Function): boolean {
  const source = Function.prototype.toString.call(value);
  if (source.startsWith("class")) return true;
  if (Object.getOwnPropertyDescriptor(value, "prototype")?.writable !== false) return false;
  return !INTRINSICS.has(value);
}

const INTRINSICS = new Set<unknown>(
  Object.getOwnPropertyNames(globalThis)
    .map((name) => Object.getOwnPropertyDescriptor(globalThis, name)?.value as unknown)
    .filter((value) => typeof value === "function"),
);

/** The stack, which begins with what the error was called when it was made: its class may have changed name or message since. */
export function errorText(error: Error): string {
  const name = String(error.name);
  const head = error.message ? `${name}: ${String(error.message)}` : name;
  const stack = typeof error.stack === "string" ? error.stack.trimEnd() : "";
  if (stack === "") return `[${head}]`;
  if (stack.startsWith(head) || (stack.startsWith(name) && stack.includes(String(error.message)))) return stack;
  const frames = framesOf(stack);
  return frames === "" ? stack : `${head}\n${frames}`;
}

function arrayItems(list: readonly unknown[], state: State): string[] {
  const items: string[] = [];
  const most = itemsMax(state);
  for (let i = 0; i < list.length; i++) {
    if (items.length === most) {
      items.push(more(list.length - i));
      break;
    }
    if (i in list) {
      items.push(nested(list[i], state));
      continue;
    }
    let holes = 1;
    while (i + 1 < list.length && !(i + 1 in list)) {
      holes++;
      i++;
    }
    items.push(`<${holes} empty item${holes === 1 ? "" : "s"}>`);
  }
  return items;
}

function limited(length: number, item: (index: number) => string, state: State): string[] {
  const items: string[] = [];
  const most = itemsMax(state);
  for (let i = 0; i < Math.min(length, most); i++) items.push(item(i));
  if (length > most) items.push(more(length - most));
  return items;
}

function itemsMax(state: State): number {
  return state.options.maxArrayLength ?? Infinity;
}

function more(count: number): string {
  return `... ${count} more item${count === 1 ? "" : "s"}`;
}

function properties(value: object, state: State): string[] {
  const items: string[] = [];
  let cause: string | null = null;
  const { showHidden, sorted } = state.options;
  if (isLongList(value)) return items;
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor === undefined || (!descriptor.enumerable && !showHidden && !(key === "cause" && value instanceof Error))) continue;
    if (typeof key === "string" && (Array.isArray(value) || value instanceof String) && /^\d+$/.test(key)) continue;
    if (value instanceof Error && (key === "stack" || key === "message" || key === "name")) continue;
    const label = labelOf(key, state);
    const item = `${descriptor.enumerable === true ? label : `[${label}]`}: ${property(value, descriptor, state)}`;
    if (key === "cause" && !descriptor.enumerable && value instanceof Error) cause = item;
    else items.push(item);
  }
  if (cause !== null) items.push(cause);
  if (sorted === false) return items;
  return sorted === true ? items.sort() : items.sort(sorted);
}

function labelOf(key: string | symbol, state: State): string {
  if (typeof key === "symbol") return paint(key.toString(), "symbol", state);
  return /^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key) ? key : paint(quote(key, Infinity), "string", state);
}

function property(owner: object, descriptor: PropertyDescriptor, state: State): string {
  if ("value" in descriptor) return nested(descriptor.value, state);
  if (descriptor.get === undefined) return paint("[Setter]", "special", state);
  const kind = descriptor.set === undefined ? "Getter" : "Getter/Setter";
  const { getters } = state.options;
  const isShown = getters === true || getters === (descriptor.set === undefined ? "get" : "set");
  if (!isShown) return paint(`[${kind}]`, "special", state);
  const value: unknown = descriptor.get.call(owner);
  const text = nested(value, state);
  return typeof value === "object" && value !== null ? `${paint(`[${kind}]`, "special", state)} ${text}` : `${paint(`[${kind}:`, "special", state)} ${text}${paint("]", "special", state)}`;
}

function nested(value: unknown, state: State): string {
  state.indentation += 2;
  const text = format(value, state);
  state.indentation -= 2;
  return text;
}

function join(shape: Shape, state: State, depth: number): string {
  const { base, open, close } = shape;
  if (shape.items.length === 0) return base !== "" ? base : `${open}${close}`;
  const levels = levelsPerLine(state);
  const items = shape.columns !== null && shape.items.length > 6 && levels > 0 ? inColumns(shape.items, shape.columns, state) : shape.items;
  const prefix = base === "" ? "" : `${base} `;
  if (items === shape.items && state.entered - depth < levels && !base.includes("\n")) {
    const length = items.reduce((sum, item) => sum + widthOf(item, state) + 1, items.length + state.indentation + open.length + base.length + 10);
    const line = items.join(", ");
    if (length <= state.options.breakLength && !line.includes("\n")) return `${prefix}${open} ${line} ${close}`;
  }
  const indentation = `\n${" ".repeat(state.indentation)}`;
  return `${prefix}${open}${indentation}  ${items.join(`,${indentation}  `)}${indentation}${close}`;
}

function levelsPerLine(state: State): number {
  const { compact } = state.options;
  return typeof compact === "number" ? compact : compact ? Infinity : 0;
}

/** Many short items stand in columns, numbers to the right. */
function inColumns(all: string[], values: readonly unknown[], state: State): string[] {
  const gap = 2;
  // The line that counts the rest stands by itself.
  const items = itemsMax(state) < all.length ? all.slice(0, -1) : all;
  const widths = items.map((item) => widthOf(item, state));
  const total = widths.reduce((sum, width) => sum + width + gap, 0);
  const widest = Math.max(...widths);
  const cell = widest + gap;
  if (cell * 3 + state.indentation >= state.options.breakLength || (total / cell <= 5 && widest > 6)) return all;
  const columns = columnCount(cell, total / all.length, items.length, state);
  if (columns <= 1) return all;
  const columnWidths = Array.from({ length: columns }, (_, c) => Math.max(...widths.filter((_, i) => i % columns === c)) + gap);
  const toRight = all.every((_, i) => typeof values[i] === "number" || typeof values[i] === "bigint");
  const lines: string[] = [];
  for (let i = 0; i < items.length; i += columns) {
    const row = items.slice(i, i + columns);
    lines.push(row.map((item, c) => pad(item, columnWidths[c]! + item.length - widths[i + c]!, c === row.length - 1, toRight)).join(""));
  }
  return [...lines, ...all.slice(items.length)];
}

/** A character is about 2.5 times as high as it is wide: the block of columns shall look like a square. */
function columnCount(cell: number, average: number, items: number, state: State): number {
  const bias = Math.max(cell - 3 - Math.sqrt(cell - average), 1);
  const square = Math.round(Math.sqrt(2.5 * bias * items) / bias);
  return Math.min(square, Math.floor((state.options.breakLength - state.indentation) / cell), levelsPerLine(state) * 4, 15);
}

function pad(item: string, width: number, last: boolean, toRight: boolean): string {
  if (toRight) return last ? item.padStart(width - 2) : `${item}, `.padStart(width);
  return last ? item : `${item}, `.padEnd(width);
}

function quote(text: string, most: number): string {
  if (text.length > most) {
    const left = text.length - most;
    return `${quote(text.slice(0, most), most)}... ${left} more character${left === 1 ? "" : "s"}`;
  }
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes("`") && !text.includes("${") ? "`" : "'";
  const escaped = text.replace(/[\\\0-\x1f\x7f-\x9f]/g, escapeChar);
  return mark + (mark === "'" ? escaped.replace(/'/g, "\\'") : escaped) + mark;
}

const ESCAPES: Record<string, string> = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\" };

function escapeChar(char: string): string {
  return ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** The name of the class of an object; null for one without a prototype. */
function nameOf(value: object): string | null {
  for (let prototype: unknown = value; prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype as object, "constructor");
    if (typeof descriptor?.value === "function" && descriptor.value.name !== "") return String((descriptor.value as { name: string }).name);
  }
  return null;
}

function classAndTag(value: object, name: string): string {
  const tag = (value as Record<symbol, unknown>)[Symbol.toStringTag];
  return typeof tag === "string" && tag !== "" && tag !== name ? `${name} [${tag}]` : name;
}
