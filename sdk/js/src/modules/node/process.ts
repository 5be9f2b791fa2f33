/** `node:process`: one process in which nothing can be changed, as on Cloudflare. */
import { populatesProcessEnv } from "ouro:build";
import internal from "ouro:internal";
import { builtinModules } from "../globals/builtin-modules";
import EventEmitter from "./events";
import { asBuffer } from "./internal/buffer";
import { absent } from "./internal/absent";
import { checkFunction, coded, invalidArgType } from "./internal/errors";

const { native } = internal;

/** The Node.js whose behaviour the modules follow. */
const NODE_VERSION = "22.23.4";
const INFO_LEVEL = 2;
const ERROR_LEVEL = 4;

// env

const vars: Record<string, string> = {};

/** As the environment of a process it holds text alone. */
export const env = new Proxy(vars, {
  set(target, name, value) {
    if (typeof name === "symbol" || typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
    target[name] = String(value);
    return true;
  },
  defineProperty(target, name, descriptor) {
    if ("value" in descriptor) descriptor.value = String(descriptor.value);
    return Reflect.defineProperty(target, name, descriptor);
  },
});

if (populatesProcessEnv) {
  internal.onEnv((flat) => {
    for (let i = 0; i < flat.length; i += 3) if (flat[i + 1] !== "binding") vars[flat[i]!] ??= flat[i + 2]!;
  });
}

// Time

function hrtimeNow(): [number, number] {
  const ms = internal.now("`process.hrtime()`");
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}

export function hrtime(before?: [number, number]): [number, number] {
  const [seconds, nanoseconds] = hrtimeNow();
  if (before === undefined) return [seconds, nanoseconds];
  if (!Array.isArray(before)) throw invalidArgType("time", "an instance of Array", before);
  const passed = nanoseconds - before[1];
  return passed < 0 ? [seconds - before[0] - 1, passed + 1e9] : [seconds - before[0], passed];
}
hrtime.bigint = (): bigint => BigInt(Math.round(internal.now("`process.hrtime.bigint()`") * 1e6));

export function uptime(): number {
  return internal.now("`process.uptime()`") / 1000;
}

/** Runs before the promise jobs that are queued later, behind those that are queued already. */
export function nextTick(callback: (...args: never[]) => unknown, ...args: unknown[]): void {
  checkFunction("callback", callback);
  (globalThis as unknown as { queueMicrotask(run: () => void): void }).queueMicrotask(() => (callback as (...args: unknown[]) => unknown)(...args));
}

// Output

type Written = (error?: Error | null) => void;

/** What is written goes to the console, a line at a time; what the last line end leaves over, at the end of the invocation. */
function output(fd: number, level: number): object {
  let line = "";
  const stream = new (EventEmitter as unknown as new () => Record<string, unknown>)();
  const write = (chunk: string | Uint8Array, encoding?: string | Written, callback?: Written): boolean => {
    const text = typeof chunk === "string" ? chunk : String(asBuffer(chunk.slice()));
    const lines = (line + text).split("\n");
    line = lines.pop()!;
    for (const whole of lines) native.log(level, whole);
    if (internal.hasEnded()) flush();
    const done = typeof encoding === "function" ? encoding : callback;
    if (done !== undefined) nextTick(done);
    return true;
  };
  const flush = (): void => {
    if (line !== "") native.log(level, line);
    line = "";
  };
  internal.atEnd(flush);
  const end = (chunk?: string | Uint8Array): unknown => {
    if (chunk !== undefined) write(chunk);
    flush();
    return stream;
  };
  return Object.assign(stream, { fd, isTTY: false, writable: true, columns: 80, write, end, cork: () => {}, uncork: () => {}, destroy: () => stream, getColorDepth: () => 1, hasColors: () => false });
}

// What a worker is told about its process

const unsupported = (name: string) => (): never => absent("node:process", name);
const nothing = (): void => {};
const memory = { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
const memoryUsage = Object.assign(() => ({ ...memory }), { rss: () => 0 });

export const version = `v${NODE_VERSION}`;
export const versions = { node: NODE_VERSION, v8: "", modules: "", zlib: "", ares: "", napi: "", openssl: "", uv: "", icu: "", unicode: "" };
export const platform = "linux";
export const arch = "x64";
export const pid = 1;
export const ppid = 0;
export const title = "ouro";
export const argv = ["ouro"];
export const argv0 = "ouro";
export const execArgv: string[] = [];
export const execPath = "";
export const release = { name: "node", lts: true, sourceUrl: "", headersUrl: "" };
export const config = { target_defaults: {}, variables: {} };
export const features = { inspector: false, debug: false, uv: false, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true, cached_builtins: true, require_module: false, typescript: false };
export const allowedNodeEnvironmentFlags = new Set<string>();
export const stdout = output(1, INFO_LEVEL);
export const stderr = output(2, ERROR_LEVEL);
export const stdin = Object.assign(new (EventEmitter as unknown as new () => object)(), { fd: 0, isTTY: false, readable: false, read: () => null });
export { memoryUsage };
export const cwd = (): string => "/bundle";
export const chdir = unsupported("chdir");
export const umask = (): number => 0o22;
export const cpuUsage = (): { user: number; system: number } => ({ user: 0, system: 0 });
export const resourceUsage = (): object => ({});
export const constrainedMemory = (): number => 0;
export const availableMemory = (): number => 0;
export const kill = unsupported("kill");
export const abort = unsupported("abort");
export const dlopen = unsupported("dlopen");
export const binding = unsupported("binding");
export const loadEnvFile = unsupported("loadEnvFile");
export const getuid = (): number => 0;
export const geteuid = (): number => 0;
export const getgid = (): number => 0;
export const getegid = (): number => 0;
export const getgroups = (): number[] => [0];
export const getActiveResourcesInfo = (): string[] => [];
export const setSourceMapsEnabled = nothing;
export const setUncaughtExceptionCaptureCallback = nothing;
export const hasUncaughtExceptionCaptureCallback = (): boolean => false;
export const report = undefined;

/** Ends nothing but the code that calls it: the invocation is the process. */
export function exit(code?: number | string): never {
  if (code !== undefined) process.exitCode = code;
  throw coded(Error, "ERR_PROCESS_EXIT", `process.exit(${String(process.exitCode ?? 0)}) was called`);
}

export function emitWarning(warning: string | Error, options?: string | { type?: string; code?: string }, code?: string): void {
  if (typeof warning !== "string" && !(warning instanceof Error)) throw invalidArgType("warning", "of type string or an instance of Error", warning);
  const type = typeof options === "object" ? options.type : options;
  const number = typeof options === "object" ? options.code : code;
  const error = warning instanceof Error ? warning : Object.assign(new Error(warning), { name: type ?? "Warning" });
  if (number !== undefined) Object.assign(error, { code: number });
  (process as unknown as { emit(name: string, error: Error): void }).emit("warning", error);
  native.log(ERROR_LEVEL, `(ouro) ${number === undefined ? "" : `[${number}] `}${error.name}: ${error.message}`);
}

/** Finds a module that the build saw named in a call of this function, as the whole of what it exports by default. */
export function getBuiltinModule(name: string): object | undefined {
  if (typeof name !== "string") throw invalidArgType("id", "of type string", name);
  return builtinModules.get(name.replace(/^node:/, ""));
}

const process = Object.assign(Object.create(EventEmitter.prototype as object) as object, {
  env, hrtime, uptime, nextTick, version, versions, platform, arch, pid, ppid, title, argv, argv0, execArgv, execPath, release, config, features, allowedNodeEnvironmentFlags, stdout, stderr, stdin,
  memoryUsage, cwd, chdir, umask, cpuUsage, resourceUsage, constrainedMemory, availableMemory, kill, abort, dlopen, binding, loadEnvFile, getuid, geteuid, getgid, getegid, getgroups,
  getActiveResourcesInfo, setSourceMapsEnabled, setUncaughtExceptionCaptureCallback, hasUncaughtExceptionCaptureCallback, report, exit, emitWarning, getBuiltinModule, exitCode: undefined as number | string | undefined,
  connected: false, debugPort: 0, noDeprecation: false, throwDeprecation: false, traceDeprecation: false, browser: undefined,
});
Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });
(EventEmitter as unknown as (this: object) => void).call(process);

type Listen = (name: string, listener: (...args: unknown[]) => unknown) => unknown;
const emitter = process as unknown as Record<"on" | "once" | "off" | "emit" | "addListener" | "removeListener" | "removeAllListeners" | "listeners" | "listenerCount", Listen>;
export const on = emitter.on.bind(process);
export const once = emitter.once.bind(process);
export const off = emitter.off.bind(process);
export const emit = emitter.emit.bind(process);
export const addListener = emitter.addListener.bind(process);
export const removeListener = emitter.removeListener.bind(process);
export const removeAllListeners = emitter.removeAllListeners.bind(process);
export const listeners = emitter.listeners.bind(process);
export const listenerCount = emitter.listenerCount.bind(process);

export default process;
