import { g as escape_html, t as await_block } from "../../../chunks/server.js";
// src/routes/slow/+page.svelte
function _page($$renderer, $$props) {
	$$renderer.component(($$renderer) => {
		let { data } = $$props;
		$$renderer.push(`<h1>Slow</h1> `);
		await_block($$renderer, data.late, () => {
			$$renderer.push(`<p id="late">waiting</p>`);
		}, (late) => {
			$$renderer.push(`<p id="late">${escape_html(late)}</p>`);
		});
		$$renderer.push(`<!--]-->`);
	});
}
export { _page as default };
