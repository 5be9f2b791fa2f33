/** The end of an invocation, as far as the prelude sees it: it has answered, and what it asked to wait for is over. */

/** What is under way: the answer to begin with. */
let open = 1;
const callbacks: (() => void)[] = [];

/** Registers what is called at the end, also at that of the top level, and before a failure is reported. */
export function atEnd(callback: () => void): void {
  callbacks.push(callback);
}

/** Something more that the end waits for, until `done`. */
export function begin(): void {
  open++;
}

export function done(): void {
  if (--open <= 0) finish();
}

export function finish(): void {
  for (const callback of callbacks) callback();
}

export function hasEnded(): boolean {
  return open <= 0;
}
