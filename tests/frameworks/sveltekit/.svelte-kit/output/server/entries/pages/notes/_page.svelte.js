import { g as escape_html } from "../../../chunks/server.js";
import "../../../chunks/client.js";
// src/routes/notes/+page.svelte
function _page($$renderer, $$props) {
	$$renderer.component(($$renderer) => {
		let { data, form } = $$props;
		$$renderer.push(`<h1>Notes</h1> <p id="last">last: ${escape_html(data.last)}</p> `);
		if (form?.problem) $$renderer.push(`<!--[0--><p id="problem">${escape_html(form.problem)}</p>`);
		else $$renderer.push("<!--[-1-->");
		$$renderer.push(`<!--]--> `);
		if (form?.saved) $$renderer.push(`<!--[0--><p id="saved">saved: ${escape_html(form.saved)}</p>`);
		else $$renderer.push("<!--[-1-->");
		$$renderer.push(`<!--]--> <form method="POST"><input name="text"/><button>Save</button></form>`);
	});
}
export { _page as default };
