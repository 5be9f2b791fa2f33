// A generator without end.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    function* numbers() { for (let i = 0; ; i++) yield i; }
    let sum = 0;
    for (const number of numbers()) sum += number;
} };
