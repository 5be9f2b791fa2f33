// A thenable that resolves with itself anew.
// {"status": 503, "outcome": "exceeded-cpu"}
const thenable = { then(resolve) { resolve({ then: thenable.then }); } };
export default { fetch: () => Promise.resolve(thenable) };
