import { g as escape_html, r as head } from "../../../chunks/server.js";
// src/routes/about/+page.svelte
function _page($$renderer, $$props) {
	$$renderer.component(($$renderer) => {
		let { data } = $$props;
		head("cwls5q", $$renderer, ($$renderer) => {
			$$renderer.title(($$renderer) => {
				$$renderer.push(`<title>About</title>`);
			});
		});
		$$renderer.push(`<h1>About</h1> <p id="data">${escape_html(data.agent)} ${escape_html(data.platform)}</p>`);
	});
}
export { _page as default };
