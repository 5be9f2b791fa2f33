/** Modules whose functions and classes throw (scripts/stubs.js makes them of stubs.json). */
declare module "stub:*" {
  const whole: Record<string, unknown>;
  export default whole;
}
