/** URLs (URL Standard, File API 8) and patterns of them (URL Pattern Standard). */

interface URL {
  hash: string;
  host: string;
  hostname: string;
  href: string;
  readonly origin: string;
  password: string;
  pathname: string;
  port: string;
  protocol: string;
  search: string;
  readonly searchParams: URLSearchParams;
  username: string;
  toJSON(): string;
  toString(): string;
}

declare var URL: {
  prototype: URL;
  new (url: string | URL, base?: string | URL): URL;
  canParse(url: string | URL, base?: string | URL): boolean;
  parse(url: string | URL, base?: string | URL): URL | null;
  /** The URL is known to this instance alone, for as long as it lives. */
  createObjectURL(blob: Blob): string;
  revokeObjectURL(url: string): void;
};

/** What Headers and FormData have in common. */
interface PairIterable<Value> {
  forEach(callback: (value: Value, name: string, parent: this) => void, thisArg?: unknown): void;
  entries(): PairIterator<[string, Value]>;
  keys(): PairIterator<string>;
  values(): PairIterator<Value>;
  [Symbol.iterator](): PairIterator<[string, Value]>;
}

interface PairIterator<T> extends IteratorObject<T, undefined, unknown> {
  [Symbol.iterator](): PairIterator<T>;
}

// What is inherited elsewhere is written out: `@types/node` has a base of its own for this interface.
interface URLSearchParams {
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  toString(): string;
  forEach(callback: (value: string, name: string, parent: this) => void, thisArg?: unknown): void;
  entries(): PairIterator<[string, string]>;
  keys(): PairIterator<string>;
  values(): PairIterator<string>;
  [Symbol.iterator](): PairIterator<[string, string]>;
}

type URLSearchParamsInit = string | URLSearchParams | Iterable<readonly string[]> | Record<string, string>;

declare var URLSearchParams: { prototype: URLSearchParams; new (init?: URLSearchParamsInit): URLSearchParams };

interface URLPatternComponents<T> {
  protocol: T;
  username: T;
  password: T;
  hostname: T;
  port: T;
  pathname: T;
  search: T;
  hash: T;
}

interface URLPatternInit extends Partial<URLPatternComponents<string>> {
  baseURL?: string;
}

type URLPatternInput = string | URLPatternInit;

interface URLPatternOptions {
  ignoreCase?: boolean;
}

interface URLPatternComponentResult {
  input: string;
  groups: Record<string, string | undefined>;
}

interface URLPatternResult extends URLPatternComponents<URLPatternComponentResult> {
  inputs: URLPatternInput[];
}

interface URLPattern extends Readonly<URLPatternComponents<string>> {
  readonly hasRegExpGroups: boolean;
  exec(input?: URLPatternInput, baseURL?: string): URLPatternResult | null;
  test(input?: URLPatternInput, baseURL?: string): boolean;
}

declare var URLPattern: {
  prototype: URLPattern;
  new (input: URLPatternInput, baseURL: string, options?: URLPatternOptions): URLPattern;
  new (input?: URLPatternInput, options?: URLPatternOptions): URLPattern;
  /** Which of two patterns says more of a component. */
  compareComponent(component: keyof URLPatternComponents<string>, left: URLPattern, right: URLPattern): number;
};
