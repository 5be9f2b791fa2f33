/**
 * Stands in for vitest inside a worker: suites, hooks, mocks and vitest's own matchers. Snapshots are compared where they stand inline;
 * there is no file system for others. `run` runs what was declared and answers with one result for each test.
 */
import { ASYMMETRIC_MATCHERS_OBJECT, chai, ChaiStyleAssertions, customMatchers, getState, GLOBAL_EXPECT, JestAsymmetricMatchers, JestChaiExpect, JestExtend, setState } from "@vitest/expect";
import { format, plugins } from "@vitest/pretty-format";
import * as spies from "@vitest/spy";

// Suites

const newSuite = (name, parent, mode) => ({ name, parent, mode, children: [], hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] } });
const root = newSuite("", null, "run");
let current = root;
let onlySome = false;

function declare(kind, mode, options = {}) {
  const declared = (name, ...rest) => {
    const body = rest.find((part) => typeof part === "function");
    const given = rest.find((part) => typeof part === "object" && part !== null) ?? {};
    const chosen = given.skip ? "skip" : given.todo ? "todo" : mode;
    if (chosen === "only") onlySome = true;
    const title = typeof name === "function" ? name.name : String(name);
    if (kind === "suite") {
      const suite = newSuite(title, current, body ? chosen : "todo");
      current.children.push(suite);
      current = suite;
      try {
        body?.(declared);
      } finally {
        current = suite.parent;
      }
    } else {
      current.children.push({ name: title, parent: current, mode: body ? chosen : "todo", body, fails: options.fails });
    }
  };
  return declared;
}

/** `%s` and the like, and `$key`, in the title of a table's row. */
function rowTitle(title, row, index) {
  const values = Array.isArray(row) ? [...row] : [row];
  const formatted = title.replace(/%([sdifjoO#%])/g, (_, code) => {
    if (code === "%") return "%";
    if (code === "#") return String(index);
    const value = values.shift();
    return code === "s" ? String(value) : code === "j" ? JSON.stringify(value) : code === "d" || code === "i" || code === "f" ? String(Number(value)) : format(value, { min: true });
  });
  const lookUp = (_, path) => path.split(".").reduce((value, key) => value?.[key], row);
  return formatted.replace(/\$([\w.]+)/g, (match, path) => (typeof row === "object" && row !== null && !Array.isArray(row) ? String(lookUp(match, path)) : match));
}

/** Rows of a tagged template: the first line names the columns. */
function rowsOf(table, values) {
  if (!Array.isArray(table.raw)) return table;
  const names = table[0].split("|").map((name) => name.trim());
  const rows = [];
  for (let at = 0; at < values.length; at += names.length) rows.push(Object.fromEntries(names.map((name, column) => [name, values[at + column]])));
  return rows;
}

function api(kind) {
  const base = declare(kind, "run");
  const each = (make) => (table, ...values) => (title, ...rest) => {
    const body = rest.find((part) => typeof part === "function");
    const others = rest.filter((part) => typeof part !== "function");
    rowsOf(table, values).forEach((row, index) => make(rowTitle(title, row, index), ...others, (...context) => (Array.isArray(row) ? body(...row) : body(row, ...context))));
  };
  const add = (target, make) => Object.assign(target, { each: each(make), for: each(make) });
  const result = add(base, base);
  for (const mode of ["skip", "only", "todo"]) result[mode] = add(declare(kind, mode), declare(kind, mode));
  result.concurrent = result.sequential = result.shuffle = base;
  result.fails = declare(kind, "run", { fails: true });
  result.skipIf = (condition) => (condition ? result.skip : result);
  result.runIf = (condition) => (condition ? result : result.skip);
  return result;
}

export const describe = api("suite");
export const suite = describe;
export const test = api("test");
export const it = test;

const hook = (name) => (body) => void current.hooks[name].push(body);
export const beforeAll = hook("beforeAll");
export const afterAll = hook("afterAll");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");

// Expectations

for (const plugin of [JestExtend, JestChaiExpect, ChaiStyleAssertions, JestAsymmetricMatchers]) if (plugin) chai.use(plugin);
chai.use(inlineSnapshots);

export const expect = (value, message) => {
  const state = getState(expect);
  setState({ assertionCalls: state.assertionCalls + 1 }, expect);
  return chai.expect(value, message);
};
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT]);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
expect.extend?.(customMatchers);
expect.getState = () => getState(expect);
expect.setState = (state) => setState(state, expect);
expect.assertions = (count) => setState({ expectedAssertionsNumber: count }, expect);
expect.hasAssertions = () => setState({ isExpectingAssertions: true }, expect);
expect.unreachable = (message) => {
  throw new Error(message ?? "expected not to be reached");
};
expect.soft = expect;
export const assert = chai.assert;

/** Whatever the types say is checked by the compiler, not here. */
const anything = () => new Proxy(() => {}, { get: () => anything(), apply: () => anything() });
export const expectTypeOf = anything;
export const assertType = () => {};

const SNAPSHOT = { escapeString: false, printBasicPrototype: false, plugins: [plugins.AsymmetricMatcher, plugins.DOMCollection, plugins.DOMElement, plugins.Immutable, plugins.ReactElement, plugins.ReactTestComponent, plugins.Error].filter(Boolean) };

function inlineSnapshots(chai, utils) {
  const add = (name, value) =>
    utils.addMethod(chai.Assertion.prototype, name, function (...args) {
      const snapshot = args.find((part) => typeof part === "string");
      const received = value(utils.flag(this, "object"), utils.flag(this, "promise"));
      if (snapshot === undefined) throw new Error("there is no inline snapshot to compare with");
      const [left, right] = [received, stripIndentation(snapshot)].map(normalise);
      if (left !== right) throw new Error(`the snapshot differs: ${left} is not ${right}`);
    });
  add("toMatchInlineSnapshot", (value) => format(value, SNAPSHOT));
  add("toThrowErrorMatchingInlineSnapshot", (value, promise) => format(promise === "rejects" ? value : thrownBy(value), SNAPSHOT));
  utils.addMethod(chai.Assertion.prototype, "toMatchSnapshot", () => {});
}

function thrownBy(body) {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

const normalise = (text) => text.replace(/\r\n/g, "\n").trim();

function stripIndentation(text) {
  const indentation = /^\n(\s*)\S/.exec(text)?.[1];
  if (indentation === undefined) return text;
  return text.split("\n").map((line) => (line.startsWith(indentation) ? line.slice(indentation.length) : line)).join("\n");
}

// Mocks

const stubbed = new Map();
const realTimers = { setTimeout, clearTimeout, setInterval, clearInterval, Date };
let fake = null;

export const vi = {
  fn: spies.fn,
  spyOn: spies.spyOn,
  isMockFunction: spies.isMockFunction,
  mocked: (value) => value,
  clearAllMocks: () => (spies.clearAllMocks?.(), vi),
  resetAllMocks: () => (spies.resetAllMocks?.(), vi),
  restoreAllMocks: () => (spies.restoreAllMocks?.(), vi),
  stubGlobal(name, value) {
    if (!stubbed.has(name)) stubbed.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
    return vi;
  },
  unstubAllGlobals() {
    for (const [name, descriptor] of stubbed) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
    stubbed.clear();
    return vi;
  },
  stubEnv(name, value) {
    globalThis.process.env[name] = value;
    return vi;
  },
  unstubAllEnvs: () => vi,
  async waitFor(body) {
    for (let tries = 0; ; tries++) {
      try {
        return await body();
      } catch (error) {
        if (tries === 100) throw error;
        await new Promise((resolve) => realTimers.setTimeout(resolve, 10));
      }
    }
  },
  useFakeTimers(options = {}) {
    fake = { now: Number(options.now ?? Date.now()), timers: [], id: 1 };
    const add = (repeat) => (callback, ms = 0, ...args) => (fake.timers.push({ id: fake.id, at: fake.now + ms, repeat: repeat ? ms : null, callback, args }), fake.id++);
    const remove = (id) => void (fake.timers = fake.timers.filter((timer) => timer.id !== id));
    Object.assign(globalThis, { setTimeout: add(false), setInterval: add(true), clearTimeout: remove, clearInterval: remove });
    globalThis.Date = class extends realTimers.Date {
      constructor(...args) {
        super(...(args.length === 0 ? [fake.now] : args));
      }
      static now = () => fake.now;
    };
    return vi;
  },
  useRealTimers: () => (Object.assign(globalThis, realTimers), (fake = null), vi),
  setSystemTime: (time) => ((fake.now = Number(new realTimers.Date(time))), vi),
  advanceTimersByTime(ms) {
    const until = fake.now + ms;
    for (;;) {
      const due = fake.timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      fake.now = due.at;
      if (due.repeat === null) fake.timers = fake.timers.filter((timer) => timer !== due);
      else due.at += Math.max(due.repeat, 1);
      due.callback(...due.args);
    }
    fake.now = until;
    return vi;
  },
  async advanceTimersByTimeAsync(ms) {
    vi.advanceTimersByTime(ms);
    await Promise.resolve();
    return vi;
  },
  runAllTimers: () => vi.advanceTimersByTime(1e6),
};
export const vitest = vi;

// Running

const TIMEOUT_MS = 10_000;

export async function run() {
  const results = [];
  await runSuite(root, [], false, results);
  return results;
}

const hasOnly = (node) => node.mode === "only" || (node.children ?? []).some(hasOnly);
const chain = (suite) => (suite === null ? [] : [...chain(suite.parent), suite]);

async function runSuite(suite, path, chosen, results) {
  const record = (name, status, message) => results.push({ name: [...path, name].filter(Boolean).join(" > "), status, message });
  if (suite.mode === "skip" || suite.mode === "todo") return record(suite.name, "skipped");
  const inner = suite === root ? path : [...path, suite.name];
  const broken = await firstFailure(suite.hooks.beforeAll, []);
  for (const child of suite.children) {
    const selected = chosen || child.mode === "only";
    if (child.children) await runSuite(child, inner, selected, results);
    else if (child.mode === "skip" || child.mode === "todo" || (onlySome && !selected && !hasOnly(child))) results.push({ name: [...inner, child.name].join(" > "), status: "skipped" });
    else results.push(await runTest(child, [...inner, child.name].join(" > "), broken));
  }
  await firstFailure(suite.hooks.afterAll, []);
}

async function firstFailure(hooks, args) {
  for (const body of hooks) {
    try {
      await body(...args);
    } catch (error) {
      return error;
    }
  }
  return null;
}

class Skipped extends Error {}

async function runTest(test, name, broken) {
  setState({ assertionCalls: 0, expectedAssertionsNumber: null, isExpectingAssertions: false, currentTestName: name, testPath: "" }, expect);
  const finished = [];
  const context = { task: { name: test.name }, expect, skip: () => { throw new Skipped(); }, onTestFinished: (body) => finished.push(body), onTestFailed: () => {} };
  const suites = chain(test.parent);
  let error = broken;
  try {
    if (error === null) error = await firstFailure(suites.flatMap((suite) => suite.hooks.beforeEach), [context]);
    if (error === null) await Promise.race([test.body(context), expired()]);
    const { assertionCalls, expectedAssertionsNumber, isExpectingAssertions } = getState(expect);
    if (expectedAssertionsNumber !== null && expectedAssertionsNumber !== assertionCalls) throw new Error(`expected ${expectedAssertionsNumber} assertions, got ${assertionCalls}`);
    if (isExpectingAssertions && assertionCalls === 0) throw new Error("expected assertions");
  } catch (thrown) {
    error = thrown ?? new Error("thrown without a value");
  }
  const after = await firstFailure([...suites.reverse().flatMap((suite) => suite.hooks.afterEach), ...finished], [context]);
  if (error instanceof Skipped) return { name, status: "skipped" };
  error ??= after;
  if (test.fails) error = error === null ? new Error("expected to fail") : null;
  return error === null ? { name, status: "passed" } : { name, status: "failed", message: `${error?.message ?? error}\n${error?.stack ?? ""}` };
}

const expired = () => new Promise((_, reject) => realTimers.setTimeout(() => reject(new Error(`no end within ${TIMEOUT_MS} ms`)), TIMEOUT_MS));

Object.assign(globalThis, { describe, it, test, expect, beforeAll, afterAll, beforeEach, afterEach, vi, vitest, suite, expectTypeOf, assertType, assert });
