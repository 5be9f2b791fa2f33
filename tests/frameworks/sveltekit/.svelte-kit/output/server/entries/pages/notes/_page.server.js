import { fail } from "@sveltejs/kit";
// src/routes/notes/+page.server.js
var load = ({ cookies }) => ({ last: cookies.get("last") ?? "none" });
var actions = { default: async ({ request, cookies }) => {
	const text = String((await request.formData()).get("text") ?? "");
	if (text === "") return fail(400, { problem: "a note needs text" });
	cookies.set("last", text, {
		path: "/",
		secure: false
	});
	return { saved: text };
} };
export { actions, load };
