// src/routes/about/+page.server.js
var load = ({ request, platform }) => ({
	agent: request.headers.get("user-agent") !== null,
	platform: typeof platform?.context?.waitUntil
});
export { load };
