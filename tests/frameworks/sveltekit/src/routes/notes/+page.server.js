import { fail } from "@sveltejs/kit";

export const load = ({ cookies }) => ({ last: cookies.get("last") ?? "none" });

export const actions = {
  default: async ({ request, cookies }) => {
    const text = String((await request.formData()).get("text") ?? "");
    if (text === "") return fail(400, { problem: "a note needs text" });
    cookies.set("last", text, { path: "/", secure: false });
    return { saved: text };
  },
};
