/** vitest's own matchers on chai. */
import { ASYMMETRIC_MATCHERS_OBJECT, chai, ChaiStyleAssertions, customMatchers, getState, GLOBAL_EXPECT, JestAsymmetricMatchers, JestChaiExpect, JestExtend, setState } from "@vitest/expect";
import { inlineSnapshots } from "./snapshots.js";

for (const plugin of [JestExtend, JestChaiExpect, ChaiStyleAssertions, JestAsymmetricMatchers, inlineSnapshots]) chai.use(plugin);

export const expect = (value, message) => {
  setState({ assertionCalls: getState(expect).assertionCalls + 1 }, expect);
  return chai.expect(value, message);
};
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT]);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
Object.assign(expect, {
  extend: (matchers) => chai.expect.extend(expect, matchers),
  getState: () => getState(expect),
  setState: (state) => setState(state, expect),
  assertions: (count) => setState({ expectedAssertionsNumber: count }, expect),
  hasAssertions: () => setState({ isExpectingAssertions: true }, expect),
  unreachable: (message) => chai.assert.fail(`expected not to be reached${message ? `: ${message}` : ""}`),
  // The first failure ends the test.
  soft: expect,
});
expect.extend(customMatchers);

export const assert = chai.assert;

export const beginAssertions = (currentTestName) =>
  setState({ assertionCalls: 0, expectedAssertionsNumber: null, isExpectingAssertions: false, currentTestName, testPath: "" }, expect);

export function checkAssertions() {
  const { assertionCalls, expectedAssertionsNumber, isExpectingAssertions } = getState(expect);
  if (expectedAssertionsNumber !== null && expectedAssertionsNumber !== assertionCalls) throw new Error(`expected ${expectedAssertionsNumber} assertions, got ${assertionCalls}`);
  if (isExpectingAssertions && assertionCalls === 0) throw new Error("expected assertions");
}

/** What the types say is checked by the compiler, not here. It is no promise, however. */
const anything = () => new Proxy(() => {}, { get: (_, key) => (key === "then" ? undefined : anything()), apply: () => anything() });
export const expectTypeOf = anything;
export const assertType = () => {};
