// src/routes/slow/+page.server.js
var load = () => ({ late: new Promise((resolve) => setTimeout(() => resolve("arrived"), 300)) });
export { load };
