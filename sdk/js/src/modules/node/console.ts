/** `node:console`: the global one. A `Console` on streams of one's own writes to them. */
import internal from "ouro:internal";

interface Stream {
  write(text: string): unknown;
}
const scope = globalThis as unknown as { console: Record<string, (...args: unknown[]) => void> };

export function Console(this: object, stdout: Stream | { stdout: Stream; stderr?: Stream }, stderr?: Stream): object {
  const out = "stdout" in stdout ? stdout.stdout : stdout;
  const err = ("stdout" in stdout ? stdout.stderr : stderr) ?? out;
  const to = (stream: Stream) => (...args: unknown[]): void => void stream.write(`${internal.formatLog(args)}\n`);
  return Object.assign(Object.create(scope.console) as object, { log: to(out), info: to(out), debug: to(out), error: to(err), warn: to(err), trace: to(err) });
}

const whole = scope.console;
export const { log, info, debug, warn, error, trace, assert, dir, dirxml, table, count, countReset, time, timeLog, timeEnd, group, groupCollapsed, groupEnd, clear } = whole;
export default Object.assign(Object.create(whole) as object, whole, { Console });
