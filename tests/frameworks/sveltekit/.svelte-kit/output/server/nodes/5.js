import * as server from '../entries/pages/slow/_page.server.js';

export const index = 5;
let component_cache;
export const component = async () => component_cache ??= (await import('../entries/pages/slow/_page.svelte.js')).default;
export { server };
export const server_id = "src/routes/slow/+page.server.js";
export const imports = ["_app/immutable/nodes/5.DFplLTf1.js","_app/immutable/chunks/xihTtKlq.js","_app/immutable/chunks/BSG3ePi8.js"];
export const stylesheets = [];
export const fonts = [];
