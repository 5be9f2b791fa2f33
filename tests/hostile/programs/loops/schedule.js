// Tasks that each begin two.
// {"status": 503, "outcome": "exceeded-cpu"}
export default { fetch() {
    const twice = () => { setTimeout(twice, 0); setTimeout(twice, 0); };
    twice();
    return new Promise(() => {});
} };
