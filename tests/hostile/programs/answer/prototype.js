// Takes the prelude apart before it answers.
// {"status": 500, "outcome": "exception"}
export default { fetch() {
    for (const name of ["Response", "Headers", "ReadableStream", "Promise", "Map", "Array", "Object"]) {
        const prototype = globalThis[name].prototype;
        for (const key of Reflect.ownKeys(prototype)) { try { prototype[key] = () => { throw key; }; } catch {} }
        try { delete globalThis[name]; } catch {}
    }
    return 1;
} };
