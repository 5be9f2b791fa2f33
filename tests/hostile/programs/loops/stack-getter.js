// Reads the stack of an error that is thrown without end.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const at = (depth) => { if (depth === 0) throw new Error("x"); at(depth - 1); };
    for (;;) { try { at(50); } catch (error) { String(error.stack); } }
} };
