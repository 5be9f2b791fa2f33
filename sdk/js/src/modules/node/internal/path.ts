/** `node:path` in its two forms. A form is what parts a path, and how its root is found; the rest is common to both. */
import { checkString, invalidArgType } from "./errors";

export interface Parsed {
  root: string;
  dir: string;
  base: string;
  ext: string;
  name: string;
}

interface Form {
  sep: "/" | "\\";
  delimiter: string;
  isSeparator(char: string | undefined): boolean;
  /** The root that the path begins with, as it stands there: `/`, `C:\`, `C:`, `\\server\share\`, or nothing. */
  root(path: string): string;
}

const WORKING_FOLDER = "/";

export const POSIX: Form = {
  sep: "/",
  delimiter: ":",
  isSeparator: (char) => char === "/",
  root: (path) => (path.startsWith("/") ? "/" : ""),
};

export const WIN32: Form = {
  sep: "\\",
  delimiter: ";",
  isSeparator: (char) => char === "/" || char === "\\",
  root: (path) => /^(?:[\\/]{2}[^\\/]+[\\/]+[^\\/]+[\\/]?|[a-zA-Z]:[\\/]?|[\\/])/.exec(path)?.[0] ?? "",
};

export function makePath(form: Form) {
  const { sep, delimiter } = form;
  const parts = (path: string): string[] => (form === POSIX ? path.split("/") : path.split(/[\\/]/)).filter((part) => part !== "");
  const isRooted = (root: string): boolean => root !== "" && !/^[a-zA-Z]:$/.test(root);
  const cleanRoot = (root: string): string => (form === POSIX ? root : root.slice(0, 1).replace("/", "\\") + root.slice(1).replace(/[\\/]+/g, "\\"));

  /** Takes `.` and `..` out; one that leads above a relative path stays. */
  function resolveDots(path: string, rooted: boolean): string {
    const left: string[] = [];
    for (const part of parts(path)) {
      if (part === ".") continue;
      if (part !== "..") left.push(part);
      else if (left.length > 0 && left.at(-1) !== "..") left.pop();
      else if (!rooted) left.push("..");
    }
    return left.join(sep);
  }

  function normalize(path: string): string {
    checkString("path", path);
    if (path === "") return ".";
    const root = form.root(path);
    const share = form === WIN32 && /^[\\/]{2}/.test(root);
    const rooted = isRooted(root);
    const tail = resolveDots(path.slice(root.length), rooted);
    const head = share && !/[\\/]$/.test(root) ? `${cleanRoot(root)}\\` : cleanRoot(root);
    if (tail === "") return rooted ? head : `${head}.${form.isSeparator(path.at(-1)) && root === "" ? sep : ""}`;
    return head + tail + (form.isSeparator(path.at(-1)) ? sep : "");
  }

  function join(...paths: string[]): string {
    for (const path of paths) checkString("path", path);
    const whole = paths.filter((path) => path !== "").join(sep);
    if (whole === "") return ".";
    // Two separators in front would make a share of what is none.
    return normalize(form === WIN32 && !/^[\\/]{2}[^\\/]/.test(paths.find((path) => path !== "")!) ? whole.replace(/^[\\/]{2,}/, "\\") : whole);
  }

  function resolve(...paths: string[]): string {
    let tail = "";
    let device = "";
    let rooted = false;
    for (const path of [WORKING_FOLDER, ...paths].reverse()) {
      checkString("path", path);
      if (path === "") continue;
      const root = form.root(path);
      const drive = /^[a-zA-Z]:/.exec(root)?.[0] ?? "";
      if (form === WIN32 && drive !== "" && device !== "" && drive.toLowerCase() !== device.toLowerCase()) continue;
      const share = form === WIN32 && /^[\\/]{2}/.test(root);
      if (share && device === "") device = cleanRoot(root).replace(/\\$/, "");
      else device = device || drive;
      if (!rooted) tail = tail === "" ? path.slice(root.length) : `${path.slice(root.length)}${sep}${tail}`;
      rooted ||= isRooted(root);
      if (rooted && (form === POSIX || device !== "")) break;
    }
    return device + sep + resolveDots(tail, true);
  }

  function isAbsolute(path: string): boolean {
    checkString("path", path);
    return isRooted(form.root(path));
  }

  /** Where the last part begins and ends, separators behind it left out. */
  function lastPart(path: string, least = form === WIN32 && /^[a-zA-Z]:/.test(path) ? 2 : 0): [start: number, end: number] {
    let end = path.length;
    while (end > least && form.isSeparator(path[end - 1])) end--;
    let start = end;
    while (start > least && !form.isSeparator(path[start - 1])) start--;
    return [start, end];
  }

  function dirname(path: string): string {
    checkString("path", path);
    const root = form.root(path);
    const [start] = lastPart(path);
    if (start - 1 < root.length) return root === "" ? "." : root;
    return path.slice(0, Math.max(start - 1, root.length));
  }

  function basename(path: string, suffix?: string): string {
    checkString("path", path);
    if (suffix !== undefined) checkString("suffix", suffix);
    const base = path.slice(...lastPart(path));
    return suffix !== undefined && base !== suffix && base.endsWith(suffix) ? base.slice(0, base.length - suffix.length) : base;
  }

  function extension(base: string): string {
    const dot = base.lastIndexOf(".");
    return dot <= 0 || base === ".." ? "" : base.slice(dot);
  }

  function extname(path: string): string {
    checkString("path", path);
    return extension(path.slice(...lastPart(path)));
  }

  function relative(from: string, to: string): string {
    checkString("from", from);
    checkString("to", to);
    const fold = (part: string): string => (form === WIN32 ? part.toLowerCase() : part);
    const [a, b] = [resolve(from), resolve(to)];
    if (fold(form.root(a)) !== fold(form.root(b))) return b;
    const [fromParts, toParts] = [parts(a.slice(form.root(a).length)), parts(b.slice(form.root(b).length))];
    let same = 0;
    while (same < Math.min(fromParts.length, toParts.length) && fold(fromParts[same]!) === fold(toParts[same]!)) same++;
    return [...fromParts.slice(same).map(() => ".."), ...toParts.slice(same)].join(sep);
  }

  function parse(path: string): Parsed {
    checkString("path", path);
    const root = form.root(path);
    const [start, end] = form === WIN32 ? lastPart(path, root.length) : lastPart(path);
    const base = path.slice(start, end);
    const ext = extension(base);
    const dir = start <= root.length ? root : path.slice(0, start - 1);
    return { root, dir, base, ext, name: base.slice(0, base.length - ext.length) };
  }

  function format(parsed: Partial<Parsed>): string {
    if (parsed === null || typeof parsed !== "object") throw invalidArgType("pathObject", "of type object", parsed);
    const dir = parsed.dir || parsed.root;
    const dotted = parsed.ext ? (parsed.ext.startsWith(".") ? parsed.ext : `.${parsed.ext}`) : "";
    const base = parsed.base || `${parsed.name ?? ""}${dotted}`;
    if (!dir) return base;
    return dir === parsed.root ? dir + base : dir + sep + base;
  }

  /** Of the names that shells match, `*`, `?` and `**` between separators, and sets in brackets and braces. */
  function matchesGlob(path: string, pattern: string): boolean {
    checkString("path", path);
    checkString("pattern", pattern);
    const source = pattern
      .replace(/[.+^$()|\\]/g, "\\$&")
      .replace(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(",", "|")})`)
      .replace(/\*\*\/|\*\*|\*|\?/g, (mark) => (mark === "**/" ? "(?:.*/)?" : mark === "**" ? ".*" : mark === "*" ? "[^/]*" : "[^/]"));
    return new RegExp(`^${source}$`).test(form === WIN32 ? path.replaceAll("\\", "/") : path);
  }

  function toNamespacedPath(path: string): string {
    return path;
  }

  return { sep, delimiter, resolve, normalize, isAbsolute, join, relative, toNamespacedPath, dirname, basename, extname, format, parse, matchesGlob, _makeLong: toNamespacedPath };
}

export type Path = ReturnType<typeof makePath> & { posix: Path; win32: Path };
/** Each knows both. */
export const posix = makePath(POSIX) as Path;
export const win32 = makePath(WIN32) as Path;
for (const path of [posix, win32]) Object.assign(path, { posix, win32 });
