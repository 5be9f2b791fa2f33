/** A clock that stands until a test moves it. */
const NAMES = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"];
export const realTimers = Object.fromEntries(NAMES.map((name) => [name, globalThis[name]]));

/** As many timers as this are taken for an endless loop. */
const RUNS_MAX = 10_000;

let clock = null;

const add = (repeats) => (callback, ms = 0, ...args) => {
  const timer = { id: clock.nextId++, at: clock.now + Number(ms), every: repeats ? Math.max(Number(ms), 1) : null, callback, args };
  clock.timers.set(timer.id, timer);
  return timer.id;
};
const remove = (id) => void clock.timers.delete(id);

const FakeDate = class Date extends realTimers.Date {
  constructor(...args) {
    super(...(args.length === 0 ? [clock.now] : args));
  }
  static now() {
    return clock.now;
  }
};

/** The timer that is due next, until then. */
function nextTimer(until = Number.POSITIVE_INFINITY) {
  const due = [...clock.timers.values()].filter((timer) => timer.at <= until);
  return due.sort((a, b) => a.at - b.at || a.id - b.id)[0];
}

function fire(timer) {
  clock.now = Math.max(clock.now, timer.at);
  if (timer.every === null) clock.timers.delete(timer.id);
  else timer.at += timer.every;
  timer.callback(...timer.args);
}

/** Steps that fire one timer each; the asynchronous ones let promises settle in between. */
function* steps(until, after = () => {}) {
  for (let runs = 0; ; runs++) {
    const timer = nextTimer(until);
    if (timer === undefined) break;
    if (runs === RUNS_MAX) throw new Error(`${RUNS_MAX} timers ran without an end`);
    yield fire(timer);
  }
  after();
}

const settle = () => new Promise((resolve) => realTimers.setTimeout(resolve));

async function inTurns(iterator) {
  await settle();
  for (const _ of iterator) await settle();
  await settle();
}

function atOnce(iterator) {
  for (const _ of iterator);
}

const advance = (ms) => {
  const until = clock.now + ms;
  return steps(until, () => (clock.now = until));
};
const lastPending = () => Math.max(clock.now, ...[...clock.timers.values()].map((timer) => timer.at));
const next = () => steps(nextTimer()?.at ?? clock.now);

export const timers = {
  useFakeTimers(options = {}) {
    clock = { now: Number(options.now ?? realTimers.Date.now()), timers: new Map(), nextId: 1 };
    const fakes = { setTimeout: add(false), setInterval: add(true), clearTimeout: remove, clearInterval: remove, Date: FakeDate };
    for (const name of options.toFake ?? NAMES) if (name in fakes) globalThis[name] = fakes[name];
    return this;
  },
  useRealTimers() {
    Object.assign(globalThis, realTimers);
    clock = null;
    return this;
  },
  isFakeTimers: () => clock !== null,
  setSystemTime(time) {
    clock ??= (this.useFakeTimers({ toFake: ["Date"] }), clock);
    clock.now = Number(new realTimers.Date(time));
    return this;
  },
  getTimerCount: () => clock.timers.size,
  clearAllTimers() {
    clock.timers.clear();
    return this;
  },
};
for (const [name, iterate] of Object.entries({ advanceTimersByTime: advance, advanceTimersToNextTimer: next, runAllTimers: () => steps(), runOnlyPendingTimers: () => steps(lastPending()) })) {
  timers[name] = function (...args) {
    atOnce(iterate(...args));
    return this;
  };
  timers[`${name}Async`] = async function (...args) {
    await inTurns(iterate(...args));
    return this;
  };
}
