// Decodes without end.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const bytes = new Uint8Array(1 << 20).fill(0xe2);
    for (;;) new TextDecoder("utf-8").decode(bytes);
} };
