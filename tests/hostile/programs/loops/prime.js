// Keys whose making takes long.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { async fetch(request, env, ctx) {
    const algorithm = { name: "RSA-PSS", modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
    for (;;) await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
} };
