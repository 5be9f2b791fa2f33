export const load = ({ request, platform }) => ({ agent: request.headers.get("user-agent") !== null, platform: typeof platform?.context?.waitUntil });
