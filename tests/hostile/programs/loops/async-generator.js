// An asynchronous generator without end.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { async fetch(request, env, ctx) {
    async function* numbers() { for (let i = 0; ; i++) yield i; }
    let sum = 0;
    for await (const number of numbers()) sum += number;
} };
