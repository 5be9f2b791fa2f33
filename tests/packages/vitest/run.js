/** Runs the tests one after the other. */
import { beginAssertions, checkAssertions, expect } from "./expect.js";
import { loader } from "./mocks.js";
import { realTimers } from "./timers.js";
import { collect, root } from "./suites.js";

/** Longer than vitest's 5 s: an interpreter is slower. */
const TIMEOUT_MS = 30_000;

/** Runs all tests, or the one whose number is given, from 0 on: then modules are fresh, as that test is the first of its instance. */
export async function run(number) {
  await collect();
  if (number !== undefined) {
    loader.isFresh = true;
    if (!choose(root, number)) return [];
  }
  const results = [];
  await runSuite(root, [], { onlySome: hasOnly(root), chosen: false, skipped: false }, results);
  return results;
}

/** Leaves out every test but one; false where there are fewer. */
function choose(root, number) {
  const all = testsOf(root);
  for (const test of all) if (test !== all[number]) test.parent.children.splice(test.parent.children.indexOf(test), 1);
  return number < all.length;
}

const testsOf = (node) => (node.children === undefined ? [node] : node.children.flatMap(testsOf));

const hasOnly = (node) => node.mode === "only" || (node.children ?? []).some(hasOnly);
const isLeftOut = (node) => node.mode === "skip" || node.mode === "todo";
const title = (path) => path.filter(Boolean).join(" > ");

async function runSuite(suite, path, { onlySome, chosen, skipped }, results) {
  const cleanUps = [];
  const willRun = (child) => !skipped && !isLeftOut(child) && (!onlySome || chosen || hasOnly(child));
  const broken = suite.children.some(willRun) ? await firstFailure(suite.hooks.beforeAll, [], cleanUps) : null;
  for (const child of suite.children) {
    const inner = [...path, child.name];
    const state = { onlySome, chosen: chosen || (child.mode === "only" && !(child.children ?? []).some(hasOnly)), skipped: !willRun(child) };
    if (child.children) await runSuite(child, inner, state, results);
    else if (state.skipped) results.push({ name: title(inner), status: "skipped" });
    else results.push(await runTest(child, title(inner), broken));
  }
  await firstFailure([...cleanUps, ...suite.hooks.afterAll.toReversed()], []);
}

/** A hook may answer with a function that undoes what it did. */
async function firstFailure(hooks, args, cleanUps = []) {
  for (const body of hooks) {
    try {
      const cleanUp = await body(...args);
      if (typeof cleanUp === "function") cleanUps.push(cleanUp);
    } catch (error) {
      return error ?? new Error("thrown without a value");
    }
  }
  return null;
}

class Skipped extends Error {}

let finished = [];
let failed = [];
export const onTestFinished = (body) => void finished.push(body);
export const onTestFailed = (body) => void failed.push(body);

const chain = (suite) => (suite === null ? [] : [...chain(suite.parent), suite]);

/** What hooks read of a test: its name and that of the suites around it, of which the file is none. */
const taskOf = (node) => ({ name: node.name, suite: node.parent === root ? undefined : taskOf(node.parent) });

async function runTest(test, name, broken) {
  [finished, failed] = [[], []];
  const skip = (condition = true) => {
    if (condition) throw new Skipped();
  };
  const context = { task: taskOf(test), expect, skip, onTestFinished, onTestFailed };
  const suites = chain(test.parent);
  const cleanUps = [];
  beginAssertions(name);
  let error = broken ?? (await firstFailure(suites.flatMap((suite) => suite.hooks.beforeEach), [context], cleanUps));
  error ??= await firstFailure([() => inTime(test.body(context), test.timeoutMs), checkAssertions], []);
  const after = suites.toReversed().flatMap((suite) => suite.hooks.afterEach.toReversed());
  const unclean = await firstFailure([...after, ...cleanUps, ...finished], [context]);
  if (error instanceof Skipped) return { name, status: "skipped" };
  error ??= unclean;
  if (error !== null) await firstFailure(failed, [context]);
  if (test.fails) error = error === null ? new Error("expected to fail") : null;
  return error === null ? { name, status: "passed" } : { name, status: "failed", message: describeError(error) };
}

const describeError = (error) => (error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error));

/** What a test answers with is not a clean-up. */
async function inTime(promise, timeoutMs = 0) {
  const limit = Math.max(timeoutMs, TIMEOUT_MS);
  let timer;
  const expired = new Promise((_, reject) => {
    timer = realTimers.setTimeout(() => reject(new Error(`no end within ${limit} ms`)), limit);
  });
  try {
    await Promise.race([promise, expired]);
  } finally {
    realTimers.clearTimeout(timer);
  }
}
