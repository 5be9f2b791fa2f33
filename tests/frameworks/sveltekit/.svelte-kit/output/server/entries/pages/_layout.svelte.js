import "../../chunks/server.js";
// src/routes/+layout.svelte
function _layout($$renderer, $$props) {
	let { children } = $$props;
	$$renderer.push(`<nav><a href="/">Home</a> <a href="/about">About</a> <a href="/notes">Notes</a> <a href="/slow">Slow</a></nav> `);
	children($$renderer);
	$$renderer.push(`<!---->`);
}
export { _layout as default };
