// Digests of a megabyte, without end.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { async fetch(request, env, ctx) {
    const bytes = new Uint8Array(1 << 20);
    for (;;) await crypto.subtle.digest("SHA-512", bytes);
} };
