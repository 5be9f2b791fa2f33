/** URLPattern (URL Pattern Standard): the engine makes a regular expression of each component, which run here. */
import { exposeClasses } from "../expose";
import { native } from "../host";
import type { NativeUrlPatternComponent, UrlPatternInput } from "../native";
import { isObject, need, toDictionary, toEnum, toUsvText } from "./webidl";

const NAMES = ["protocol", "username", "password", "hostname", "port", "pathname", "search", "hash"] as const;

type Name = (typeof NAMES)[number];

export type URLPatternInit = Partial<Record<Name | "baseURL", string>>;
export type URLPatternInput = string | URLPatternInit;

export interface URLPatternOptions {
  ignoreCase?: boolean;
}

export interface URLPatternComponentResult {
  input: string;
  groups: Record<string, string | undefined>;
}

export type URLPatternResult = Record<Name, URLPatternComponentResult> & { inputs: URLPatternInput[] };

interface Component extends NativeUrlPatternComponent {
  matcher: RegExp;
}

function test(regexp: string, text: string): boolean {
  return matcherOf(regexp, "v").test(text);
}

function matcherOf(regexp: string, flags: string): RegExp {
  try {
    return new RegExp(regexp, flags);
  } catch (error) {
    throw new TypeError(`a group of the pattern is no valid regular expression: ${(error as Error).message}`);
  }
}

/** The members in the order in which Web IDL reads them. */
const MEMBERS = [...NAMES, "baseURL" as const].sort();

function initOf(value: unknown): URLPatternInit {
  const given = toDictionary<URLPatternInit>(value as URLPatternInit, "a URL pattern");
  const init: URLPatternInit = {};
  for (const name of MEMBERS) {
    const member = given[name];
    if (member !== undefined) init[name] = toUsvText(member);
  }
  return init;
}

function inputOf(value: unknown): URLPatternInput {
  return value === undefined || value === null || isObject(value) ? initOf(value) : toUsvText(value);
}

function nativeInput(input: URLPatternInput): UrlPatternInput {
  return typeof input === "string" ? input : [...NAMES, "baseURL" as const].map((name) => input[name] ?? null);
}

export class URLPattern {
  readonly #components: Record<Name, Component>;

  constructor(
    input: URLPatternInput | undefined = undefined,
    baseUrlOrOptions: string | URLPatternOptions | undefined = undefined,
    options: URLPatternOptions | undefined = undefined,
  ) {
    const given = inputOf(input);
    const hasBase = arguments.length > 2 || (baseUrlOrOptions !== undefined && baseUrlOrOptions !== null && !isObject(baseUrlOrOptions));
    const base = hasBase ? toUsvText(baseUrlOrOptions) : null;
    const { ignoreCase } = toDictionary(hasBase ? options : (baseUrlOrOptions as URLPatternOptions), "the options of a URLPattern");
    const compiled = native.compileUrlPattern(nativeInput(given), base, test);
    const components = compiled.map((component, index) => {
      // Only what comes after the host distinguishes cases at all (1.3).
      const flags = ignoreCase && index >= NAMES.indexOf("pathname") ? "vi" : "v";
      return [NAMES[index]!, { ...component, matcher: matcherOf(component.regexp, flags) }] as const;
    });
    this.#components = Object.fromEntries(components) as Record<Name, Component>;
  }

  /** Which of two patterns says more of a component: -1, 0 or 1. Tentative: a proposal that Chromium has. */
  static compareComponent(component: Name, left: URLPattern, right: URLPattern): number {
    need(arguments.length, 3, "URLPattern.compareComponent");
    const name = toEnum(component, NAMES, "the component");
    return compareParts(left.#components[name].parts, right.#components[name].parts);
  }

  get protocol(): string {
    return this.#components.protocol.pattern;
  }

  get username(): string {
    return this.#components.username.pattern;
  }

  get password(): string {
    return this.#components.password.pattern;
  }

  get hostname(): string {
    return this.#components.hostname.pattern;
  }

  get port(): string {
    return this.#components.port.pattern;
  }

  get pathname(): string {
    return this.#components.pathname.pattern;
  }

  get search(): string {
    return this.#components.search.pattern;
  }

  get hash(): string {
    return this.#components.hash.pattern;
  }

  get hasRegExpGroups(): boolean {
    return NAMES.some((name) => this.#components[name].hasRegExpGroups);
  }

  test(input: URLPatternInput | undefined = undefined, baseURL: string | undefined = undefined): boolean {
    return match(this.#components, inputOf(input), baseURL) !== null;
  }

  exec(input: URLPatternInput | undefined = undefined, baseURL: string | undefined = undefined): URLPatternResult | null {
    return match(this.#components, inputOf(input), baseURL);
  }
}

function match(components: Record<Name, Component>, input: URLPatternInput, baseURL: string | undefined): URLPatternResult | null {
  const base = baseURL === undefined ? null : toUsvText(baseURL);
  const texts = native.urlPatternInput(nativeInput(input), base);
  if (texts === null) return null;
  const result = { inputs: base === null ? [input] : [input, base] } as URLPatternResult;
  for (const [index, name] of NAMES.entries()) {
    const text = texts[index]!;
    const { matcher, names } = components[name];
    const found = matcher.exec(text);
    if (found === null) return null;
    const groups: Record<string, string | undefined> = {};
    for (const [at, group] of names.entries()) groups[group] = found[at + 1];
    result[name] = { input: text, groups };
  }
  return result;
}

type Part = NativeUrlPatternComponent["parts"][number];

/** What stands where one pattern has ended and the other goes on: text, with nothing in it. */
const NOTHING: Part = [3, 3, "", "", ""];

function compareParts(left: readonly Part[], right: readonly Part[]): number {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [a, b] = [left[index] ?? NOTHING, right[index] ?? NOTHING];
    for (const [at, field] of a.entries()) {
      const other = b[at]!;
      if (field !== other) return field < other ? -1 : 1;
    }
    if (left[index] === undefined || right[index] === undefined) return 0;
  }
  return 0;
}

exposeClasses({ URLPattern });
