import { createCookie, data, Form } from "react-router";

import type { Route } from "./+types/notes";

const last = createCookie("last", { path: "/" });

export async function loader({ request }: Route.LoaderArgs) {
  const text: unknown = await last.parse(request.headers.get("cookie"));
  return { last: typeof text === "string" ? text : "none" };
}

export async function action({ request }: Route.ActionArgs) {
  const text = String((await request.formData()).get("text") ?? "");
  if (text === "") return data({ problem: "a note needs text", saved: undefined }, 400);
  return data({ problem: undefined, saved: text }, { headers: { "Set-Cookie": await last.serialize(text) } });
}

export default function Notes({ loaderData, actionData }: Route.ComponentProps) {
  return (
    <>
      <h1>Notes</h1>
      <p id="last">last: {loaderData.last}</p>
      {actionData?.problem && <p id="problem">{actionData.problem}</p>}
      {actionData?.saved && <p id="saved">saved: {actionData.saved}</p>}
      <Form method="post">
        <input name="text" />
        <button>Save</button>
      </Form>
    </>
  );
}
