declare module "readable-stream/lib/stream.js" {
  const whole: import("./stream-types").StreamModule;
  export default whole;
}
declare module "readable-stream/lib/stream/promises.js" {
  const whole: { pipeline: (...args: unknown[]) => Promise<void>; finished: (stream: object, options?: object) => Promise<void> };
  export default whole;
}
