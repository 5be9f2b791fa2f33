// Loads a hello worker for each number that stands in the path.
export default {
  fetch(request, { LOADER }) {
    const number = new URL(request.url).pathname.slice(1);
    const code = `const number = ${number}; export default { fetch() { return new Response("hello from " + number); } };`;
    const worker = LOADER.get(number, () => ({
      compatibilityDate: "2025-09-01",
      mainModule: "worker.js",
      modules: { "worker.js": code },
    }));
    return worker.getEntrypoint().fetch(request);
  },
};
