import * as server from '../entries/pages/notes/_page.server.js';

export const index = 4;
let component_cache;
export const component = async () => component_cache ??= (await import('../entries/pages/notes/_page.svelte.js')).default;
export { server };
export const server_id = "src/routes/notes/+page.server.js";
export const imports = ["_app/immutable/nodes/4.DNong_bn.js","_app/immutable/chunks/xihTtKlq.js","_app/immutable/chunks/BSG3ePi8.js","_app/immutable/chunks/L9oYip3m.js"];
export const stylesheets = [];
export const fonts = [];
