/** `node:punycode` (RFC 3492). */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 128;
const MAX_INT = 0x7fffffff;

function adapt(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / DAMP) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return Math.floor(k + ((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

function threshold(k: number, bias: number): number {
  return Math.min(Math.max(k - bias, T_MIN), T_MAX);
}

function digitOf(code: number): number {
  if (code >= 0x30 && code < 0x3a) return code - 22;
  if (code >= 0x41 && code < 0x5b) return code - 0x41;
  if (code >= 0x61 && code < 0x7b) return code - 0x61;
  return BASE;
}

function charOf(digit: number): string {
  return String.fromCharCode(digit + (digit < 26 ? 97 : 22));
}

export const ucs2 = {
  decode: (text: string): number[] => Array.from(text, (char) => char.codePointAt(0)!),
  encode: (points: readonly number[]): string => points.map((point) => String.fromCodePoint(point)).join(""),
};

/** RFC 3492 6.2. */
export function decode(input: string): string {
  const delimiter = Math.max(input.lastIndexOf("-"), 0);
  const output = ucs2.decode(input.slice(0, delimiter));
  if (output.some((point) => point >= 0x80)) throw new RangeError("Illegal input >= 0x80 (not a basic code point)");
  let [n, i, bias] = [INITIAL_N, 0, INITIAL_BIAS];
  for (let at = delimiter > 0 ? delimiter + 1 : 0; at < input.length; ) {
    const before = i;
    for (let weight = 1, k = BASE; ; k += BASE) {
      if (at >= input.length) throw new RangeError("Invalid input");
      const digit = digitOf(input.charCodeAt(at++));
      if (digit >= BASE) throw new RangeError("Invalid input");
      if (digit > Math.floor((MAX_INT - i) / weight)) throw new RangeError("Overflow: input needs wider integers to process");
      i += digit * weight;
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= BASE - t;
    }
    const count = output.length + 1;
    bias = adapt(i - before, count, before === 0);
    n += Math.floor(i / count);
    if (n > 0x10ffff) throw new RangeError("Overflow: input needs wider integers to process");
    i %= count;
    output.splice(i++, 0, n);
  }
  return ucs2.encode(output);
}

/** RFC 3492 6.3. */
export function encode(input: string): string {
  const points = ucs2.decode(input);
  const basic = points.filter((point) => point < 0x80);
  let output = ucs2.encode(basic);
  if (basic.length > 0) output += "-";
  let [n, delta, bias, handled] = [INITIAL_N, 0, INITIAL_BIAS, basic.length];
  while (handled < points.length) {
    const next = points.reduce((least, point) => (point >= n && point < least ? point : least), MAX_INT);
    if (next - n > Math.floor((MAX_INT - delta) / (handled + 1))) throw new RangeError("Overflow: input needs wider integers to process");
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += charOf(t + ((q - t) % (BASE - t)));
        q = Math.floor((q - t) / (BASE - t));
      }
      output += charOf(q);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}

/** Label by label; what stands before the `@` of an address stays. */
function mapDomain(domain: string, label: (text: string) => string): string {
  const at = domain.indexOf("@");
  const local = domain.slice(0, at + 1);
  return local + domain.slice(at + 1).replace(/[\u3002\uFF0E\uFF61]/g, ".").split(".").map(label).join(".");
}

export function toASCII(domain: string): string {
  return mapDomain(domain, (label) => (/[^\0-\x7F]/.test(label) ? `xn--${encode(label)}` : label));
}

export function toUnicode(domain: string): string {
  return mapDomain(domain, (label) => (label.startsWith("xn--") ? decode(label.slice(4).toLowerCase()) : label));
}

export const version = "2.3.1";
export default { version, ucs2, decode, encode, toASCII, toUnicode };
