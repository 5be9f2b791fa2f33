// A reviver that makes more of what it is given.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    JSON.parse("[0]", function (key, value) {
        if (Array.isArray(this)) this.push(0);
        for (;;) if (key === "never") return value;
    });
} };
