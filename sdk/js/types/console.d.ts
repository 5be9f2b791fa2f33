/** The console (Console Standard). Its lines belong to the execution: docs/reference/logging.md. */

interface Console {
  assert(condition?: unknown, ...data: unknown[]): void;
  /** Without effect. */
  clear(): void;
  /** V8's addition: the console itself. */
  context(name?: string): Console;
  count(label?: string): void;
  countReset(label?: string): void;
  debug(...data: unknown[]): void;
  /** A depth of null is any. */
  dir(item?: unknown, options?: { depth?: number | null | undefined } | null): void;
  dirxml(...data: unknown[]): void;
  error(...data: unknown[]): void;
  group(...data: unknown[]): void;
  groupCollapsed(...data: unknown[]): void;
  groupEnd(): void;
  info(...data: unknown[]): void;
  log(...data: unknown[]): void;
  /** Without effect: no inspector is attached. */
  profile(): void;
  profileEnd(): void;
  table(data?: unknown, columns?: readonly string[]): void;
  time(label?: string): void;
  timeEnd(label?: string): void;
  timeLog(label?: string, ...data: unknown[]): void;
  timeStamp(): void;
  trace(...data: unknown[]): void;
  warn(...data: unknown[]): void;
}

declare var console: Console;
