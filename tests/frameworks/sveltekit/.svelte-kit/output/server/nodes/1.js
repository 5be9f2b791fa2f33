

export const index = 1;
let component_cache;
export const component = async () => component_cache ??= (await import('../entries/fallbacks/error.svelte.js')).default;
export const imports = ["_app/immutable/nodes/1.Ca_a2Lla.js","_app/immutable/chunks/xihTtKlq.js","_app/immutable/chunks/BSG3ePi8.js","_app/immutable/chunks/L9oYip3m.js"];
export const stylesheets = [];
export const fonts = [];
