/** Declares suites, tests and hooks. As in vitest the body of a suite runs when the suites are collected, after the whole file. */
import { format } from "@vitest/pretty-format";

const newSuite = (name, parent, mode, body) => ({ name, parent, mode, body, children: [], hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] } });

export const root = newSuite("", null, "run");
let current = root;

function declare(kind, mode, fails = false) {
  return (name, ...rest) => {
    const body = rest.find((part) => typeof part === "function");
    const options = rest.find((part) => typeof part === "object" && part !== null) ?? {};
    const timeoutMs = rest.find((part) => typeof part === "number") ?? options.timeout;
    const chosen = body === undefined || options.todo ? "todo" : options.skip ? "skip" : options.only ? "only" : mode;
    const title = typeof name === "function" ? name.name : String(name);
    const child = kind === "suite" ? newSuite(title, current, chosen, body) : { name: title, parent: current, mode: chosen, body, timeoutMs, fails: fails || options.fails };
    current.children.push(child);
  };
}

/** Runs the bodies of suites, which declare what is in them. */
export async function collect(suite = root) {
  for (const child of suite.children) {
    if (child.children === undefined || child.body === undefined) continue;
    current = child;
    await child.body();
    await collect(child);
  }
  current = root;
}

/** Tables of rows, in the titles of which `%s` and `$key` stand for the row's values. */
function tables(make) {
  const declareRows = (call) => (table, ...values) => (title, ...rest) => {
    const body = rest.find((part) => typeof part === "function");
    const others = rest.filter((part) => typeof part !== "function");
    const name = typeof title === "function" ? title.name : String(title);
    rowsOf(table, values).forEach((row, index) => make(rowTitle(name, row, index), ...others, (context) => call(body, row, context)));
  };
  return {
    each: declareRows((body, row) => (Array.isArray(row) ? body(...row) : body(row))),
    for: declareRows((body, row, context) => body(row, context)),
  };
}

/** Rows of a tagged template: the first line names the columns. */
function rowsOf(table, values) {
  if (!Array.isArray(table.raw)) return table;
  const names = table[0].split("|").map((name) => name.trim());
  const rows = [];
  for (let at = 0; at < values.length; at += names.length) rows.push(Object.fromEntries(names.map((name, column) => [name, values[at + column]])));
  return rows;
}

const AS_TEXT = {
  s: (value) => (typeof value === "object" && value !== null ? format(value, { min: true, maxDepth: 1 }) : String(value)),
  j: (value) => JSON.stringify(value),
  d: (value) => String(Number(value)),
  i: (value) => String(Number.parseInt(value, 10)),
  f: (value) => String(Number.parseFloat(value)),
};

function rowTitle(title, row, index) {
  const values = Array.isArray(row) ? [...row] : [row];
  const formatted = title.replace(/%([sdifjoOp#$%])/g, (whole, code) => {
    if (code === "%") return "%";
    if (code === "#") return String(index);
    if (code === "$") return String(index + 1);
    if (values.length === 0) return whole;
    return (AS_TEXT[code] ?? ((value) => format(value, { min: true })))(values.shift());
  });
  if (typeof row !== "object" || row === null) return formatted;
  return formatted.replace(/\$([\w.]+)/g, (whole, path) => {
    const value = path.split(".").reduce((part, key) => part?.[key], row);
    return value === undefined ? whole : String(value);
  });
}

function api(kind) {
  const make = (mode, fails) => {
    const declared = declare(kind, mode, fails);
    return Object.assign(declared, tables(declared));
  };
  const result = make("run");
  Object.assign(result, { skip: make("skip"), only: make("only"), todo: make("todo"), fails: make("run", true) });
  // Tests run one after the other.
  Object.assign(result, { concurrent: result, sequential: result, shuffle: result });
  result.skipIf = (condition) => (condition ? result.skip : result);
  result.runIf = (condition) => (condition ? result : result.skip);
  return result;
}

export const describe = api("suite");
export const test = api("test");

const hook = (name) => (body) => void current.hooks[name].push(body);
export const beforeAll = hook("beforeAll");
export const afterAll = hook("afterAll");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");
