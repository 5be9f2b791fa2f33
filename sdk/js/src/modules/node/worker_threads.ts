/** `node:worker_threads`: this is the only thread. */
import stub from "stub:worker_threads";
export * from "stub:worker_threads";

const scope = globalThis as unknown as Record<string, unknown>;
export const isMainThread = true;
export const parentPort = null;
export const workerData = null;
export const threadId = 0;
export const resourceLimits = {};
export const SHARE_ENV = Symbol.for("nodejs.worker_threads.SHARE_ENV");
export const { MessageChannel, MessagePort, BroadcastChannel } = { ...stub, ...pick("MessageChannel"), ...pick("MessagePort"), ...pick("BroadcastChannel") } as Record<string, unknown>;

function pick(name: string): Record<string, unknown> {
  return scope[name] === undefined ? {} : { [name]: scope[name] };
}

export default { ...stub, isMainThread, parentPort, workerData, threadId, resourceLimits, SHARE_ENV, MessageChannel, MessagePort, BroadcastChannel };
