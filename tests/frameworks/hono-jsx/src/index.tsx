import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { Suspense } from "hono/jsx";

import { renderer } from "./renderer";

interface Env {
  Bindings: { GREETING: string };
}

const app = new Hono<Env>();
app.use(renderer);

app.get("/", (c) =>
  c.render(
    <>
      <h1>Home</h1>
      <p id="greeting">{c.env.GREETING}</p>
      <div id="island" />
    </>,
    { title: "Home" },
  ),
);

app.get("/notes", (c) =>
  c.render(
    <>
      <h1>Notes</h1>
      <p id="last">last: {getCookie(c, "last") ?? "none"}</p>
      <form method="post">
        <input name="text" />
        <button>Save</button>
      </form>
    </>,
    { title: "Notes" },
  ),
);

app.post("/notes", async (c) => {
  const { text } = await c.req.parseBody<{ text: string }>();
  if (text === "") {
    c.status(400);
    return c.render(<p id="problem">a note needs text</p>, { title: "Notes" });
  }
  setCookie(c, "last", text, { path: "/" });
  return c.redirect("/notes", 303);
});

app.get("/api/time", (c) => c.json({ zone: "UTC", path: new URL(c.req.url).pathname }));

async function Late() {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return <p id="late">arrived</p>;
}

app.get("/slow", (c) =>
  c.render(
    <>
      <h1>Slow</h1>
      <Suspense fallback={<p id="late">waiting</p>}>
        <Late />
      </Suspense>
    </>,
    { title: "Slow" },
  ),
);

app.notFound((c) => {
  c.status(404);
  return c.render(<h1>Nothing here</h1>, { title: "Not found" });
});

export default app;
