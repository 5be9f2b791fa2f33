// Catches whatever ends it.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    for (;;) {
        try { for (;;) {} } catch {} finally { for (;;) {} }
    }
} };
