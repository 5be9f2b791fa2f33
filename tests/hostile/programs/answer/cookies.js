// A thousand cookies of four kilobytes.
// {"status": 500, "outcome": "exceeded-response", "limits": {"cpu_ms": 10000}}
export default { fetch() {
    const headers = new Headers();
    for (let i = 0; i < 1000; i++) headers.append("set-cookie", `c${i}=${"y".repeat(4000)}`);
    return new Response("x", { headers });
} };
