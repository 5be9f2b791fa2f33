// A microtask that queues the next one.
// {"status": 503, "outcome": "exceeded-cpu"}
function again() { queueMicrotask(again); }
export default { fetch() { again(); return new Promise(() => {}); } };
