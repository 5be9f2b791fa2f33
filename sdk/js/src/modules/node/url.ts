/** `node:url`: the `URL` of the Web, and the parser that Node.js had before it. */
import { checkString, coded, invalidArgType } from "./internal/errors";
import { parse as parseQuery, stringify } from "./querystring";
import { toUnicode } from "./punycode";

interface WebUrl {
  href: string; protocol: string; username: string; password: string; host: string; hostname: string; port: string; pathname: string; search: string; hash: string; searchParams: object;
}
const scope = globalThis as unknown as { URL: { new (url: string, base?: string): WebUrl; canParse(url: string): boolean }; URLSearchParams: new (...args: unknown[]) => object; URLPattern: unknown };
export const { URL, URLSearchParams, URLPattern } = scope;

// The parser of old

type Query = Record<string, unknown>;
const FIELDS = ["protocol", "slashes", "auth", "host", "port", "hostname", "hash", "search", "query", "pathname", "path", "href"] as const;
/** Schemes whose URLs have `//` and a path always. */
const SLASHED = new Set(["http:", "https:", "ftp:", "gopher:", "file:", "ws:", "wss:"]);
/** What is never part of a URL gets escaped (RFC 2396 2.4.3). */
const UNSAFE = /[\s<>"`{}|\\^']/g;

export class Url {
  protocol: string | null = null;
  slashes: boolean | null = null;
  auth: string | null = null;
  host: string | null = null;
  port: string | null = null;
  hostname: string | null = null;
  hash: string | null = null;
  search: string | null = null;
  query: string | Query | null = null;
  pathname: string | null = null;
  path: string | null = null;
  href: string | null = null;

  parse(text: string, withQuery = false, slashesDenoteHost = false): this {
    checkString("url", text);
    let rest = text.trim().replace(/^[^?#]*/, (head) => head.replaceAll("\\", "/"));
    const scheme = /^[a-z0-9.+-]+:/i.exec(rest)?.[0];
    if (scheme !== undefined) {
      this.protocol = scheme.toLowerCase();
      rest = rest.slice(scheme.length);
    }
    const slashes = rest.startsWith("//") && (slashesDenoteHost || scheme !== undefined || /^\/\/[^@/]+@[^@/]+/.test(rest));
    if (slashes && this.protocol !== "javascript:") {
      this.slashes = true;
      rest = this.#takeHost(rest.slice(2), text);
    } else if (this.protocol !== null && !SLASHED.has(this.protocol) && this.protocol !== "javascript:") {
      rest = this.#takeHost(rest, text);
    }
    this.#takePath(this.protocol === "javascript:" ? rest : rest.replace(UNSAFE, (char) => encodeURIComponent(char).replace("'", "%27")), withQuery);
    this.href = this.format();
    return this;
  }

  #takeHost(rest: string, whole: string): string {
    const end = rest.search(/[/?#]/);
    const authority = end < 0 ? rest : rest.slice(0, end);
    const at = authority.lastIndexOf("@");
    if (at >= 0) this.auth = decodeURIComponent(authority.slice(0, at));
    const host = authority.slice(at + 1);
    const port = /:([0-9]*)$/.exec(host);
    if (port !== null && port[1] !== "") this.port = port[1]!;
    const name = (port === null ? host : host.slice(0, -port[0].length)).toLowerCase();
    if (/[\s<>"`{}|^%]/.test(name) || (name.includes(":") && !name.startsWith("["))) throw Object.assign(coded(TypeError, "ERR_INVALID_URL", "Invalid URL"), { input: whole });
    this.hostname = name.startsWith("[") ? name.slice(1, -1) : domainToASCII(name) || name;
    this.host = (name.startsWith("[") ? name : this.hostname) + (this.port === null ? "" : `:${this.port}`);
    return end < 0 ? "" : rest.slice(end);
  }

  #takePath(text: string, withQuery: boolean): void {
    let rest = text;
    const hash = rest.indexOf("#");
    if (hash >= 0) [this.hash, rest] = [rest.slice(hash), rest.slice(0, hash)];
    const query = rest.indexOf("?");
    if (query >= 0) {
      this.search = rest.slice(query);
      this.query = withQuery ? parseQuery(rest.slice(query + 1)) : rest.slice(query + 1);
      rest = rest.slice(0, query);
    } else if (withQuery) {
      this.search = null;
      this.query = Object.create(null) as Query;
    }
    if (rest !== "") this.pathname = rest;
    if (this.protocol !== null && SLASHED.has(this.protocol) && this.hostname !== null && this.pathname === null) this.pathname = "/";
    if (this.pathname !== null || this.search !== null) this.path = (this.pathname ?? "") + (this.search ?? "");
  }

  format(): string {
    const auth = this.auth ? `${encodeURIComponent(this.auth).replace(/%3A/i, ":")}@` : "";
    let protocol = this.protocol ?? "";
    if (protocol !== "" && !protocol.endsWith(":")) protocol += ":";
    let host = "";
    if (this.host) host = auth + this.host;
    else if (this.hostname) host = auth + (this.hostname.includes(":") ? `[${this.hostname}]` : this.hostname) + (this.port ? `:${this.port}` : "");
    let pathname = (this.pathname ?? "").replace(/[#?]/g, encodeURIComponent);
    if (this.slashes || (SLASHED.has(protocol) && host !== "")) {
      if (this.slashes || host !== "") host = `//${host}`;
      if (pathname !== "" && !pathname.startsWith("/")) pathname = `/${pathname}`;
    }
    let search = this.search ?? "";
    if (search === "" && this.query !== null && typeof this.query === "object") search = stringify(this.query as never);
    if (search !== "" && !search.startsWith("?")) search = `?${search}`;
    let hash = this.hash ?? "";
    if (hash !== "" && !hash.startsWith("#")) hash = `#${hash}`;
    return protocol + host + pathname + search.replaceAll("#", "%23") + hash;
  }

  resolve(relative: string): string {
    return this.resolveObject(relative).format();
  }

  /** RFC 3986 5.2, on the fields of this parser. */
  resolveObject(relative: string | Url): Url {
    const to = typeof relative === "string" ? new Url().parse(relative, false, true) : relative;
    const result = Object.assign(new Url(), this, { hash: to.hash });
    if (to.href === "") return Object.assign(result, { href: result.format() });
    if (to.protocol !== null && (to.protocol !== this.protocol || to.slashes === true)) {
      for (const field of FIELDS) (result as unknown as Record<string, unknown>)[field] = to[field];
      if (result.pathname !== null) result.pathname = removeDots(result.pathname);
    } else if (to.host !== null && (to.slashes === true || to.protocol !== null)) {
      Object.assign(result, { slashes: to.slashes ?? result.slashes, auth: to.auth, host: to.host, hostname: to.hostname, port: to.port, pathname: to.pathname ?? "/", search: to.search, query: to.query });
    } else if (to.pathname === null) {
      if (to.search !== null) Object.assign(result, { search: to.search, query: to.query });
    } else {
      const folder = (this.pathname ?? (this.host === null ? "" : "/")).replace(/[^/]*$/, "");
      const path = to.pathname.startsWith("/") ? to.pathname : folder + to.pathname;
      Object.assign(result, { pathname: removeDots(path), search: to.search, query: to.query });
    }
    result.path = (result.pathname ?? "") + (result.search ?? "");
    result.href = result.format();
    return result;
  }
}

/** RFC 3986 5.2.4. */
function removeDots(path: string): string {
  const rooted = path.startsWith("/");
  const left: string[] = [];
  const parts = path.split("/").slice(rooted ? 1 : 0);
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    if (part === "..") {
      if (left.length > 0 && left.at(-1) !== "..") left.pop();
      else if (!rooted) left.push("..");
      if (last) left.push("");
    } else if (part !== ".") left.push(part);
    else if (last) left.push("");
  });
  return (rooted ? "/" : "") + left.join("/");
}

export function parse(url: string | Url, withQuery?: boolean, slashesDenoteHost?: boolean): Url {
  return url instanceof Url ? url : new Url().parse(url, withQuery, slashesDenoteHost);
}

export function resolve(from: string, to: string): string {
  return parse(from, false, true).resolve(to);
}

export function resolveObject(from: string | Url, to: string): Url {
  return parse(from, false, true).resolveObject(to);
}

interface FormatOptions {
  auth?: boolean; fragment?: boolean; search?: boolean; unicode?: boolean;
}

export function format(url: string | Partial<Url> | WebUrl, options: FormatOptions = {}): string {
  if (typeof url === "string") return parse(url).format();
  if (typeof url !== "object" || url === null) throw invalidArgType("urlObject", "one of type object or string", url);
  if (!(url instanceof URL)) return Url.prototype.format.call(url as Url);
  const copy = new URL((url as WebUrl).href);
  if (options.auth === false) copy.username = copy.password = "";
  if (options.fragment === false) copy.hash = "";
  if (options.search === false) copy.search = "";
  return options.unicode === true ? copy.href.replace(copy.hostname, toUnicode(copy.hostname)) : copy.href;
}

// Files and domains

export function fileURLToPath(url: string | WebUrl): string {
  const parsed = typeof url === "string" ? new URL(url) : url;
  if (typeof parsed !== "object" || parsed === null || parsed.href === undefined) throw invalidArgType("path", "of type string or an instance of URL", url);
  if (parsed.protocol !== "file:") throw coded(TypeError, "ERR_INVALID_URL_SCHEME", "The URL must be of scheme file");
  if (parsed.hostname !== "") throw coded(TypeError, "ERR_INVALID_FILE_URL_HOST", 'File URL host must be "localhost" or empty on linux');
  if (/%2f/i.test(parsed.pathname)) throw coded(TypeError, "ERR_INVALID_FILE_URL_PATH", "File URL path must not include encoded / characters");
  return decodeURIComponent(parsed.pathname);
}

export function pathToFileURL(path: string): WebUrl {
  checkString("path", path);
  const url = new URL("file://");
  const rooted = path.startsWith("/") ? path : `/bundle/${path}`;
  url.pathname = rooted.replaceAll("%", "%25").replaceAll("\\", "%5C").replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll("\t", "%09").replaceAll("?", "%3F").replaceAll("#", "%23");
  return url;
}

export function urlToHttpOptions(url: WebUrl): Record<string, unknown> {
  const { protocol, hostname, hash, search, pathname, href, port, username, password } = url;
  const options: Record<string, unknown> = { protocol, hostname: hostname.replace(/^\[(.*)\]$/, "$1"), hash, search, pathname, path: pathname + search, href };
  if (port !== "") options["port"] = Number(port);
  if (username !== "" || password !== "") options["auth"] = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

export function domainToASCII(domain: string): string {
  try {
    return new URL(`ws://${domain}`).hostname;
  } catch {
    return "";
  }
}

export function domainToUnicode(domain: string): string {
  return toUnicode(domainToASCII(domain));
}

export default { URL, URLSearchParams, URLPattern, Url, parse, resolve, resolveObject, format, fileURLToPath, pathToFileURL, urlToHttpOptions, domainToASCII, domainToUnicode };
