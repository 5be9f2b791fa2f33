// react-dom
import { createElement as h, Suspense, use } from "react"; import { renderToReadableStream } from "react-dom/server.edge";
export default async ({ equal }) => {
  const slow = new Promise((r) => setTimeout(() => r("late"), 5)); const Late = () => h("i", null, use(slow));
  const stream = await renderToReadableStream(h("div", null, "now", h(Suspense, { fallback: "wait" }, h(Late))));
  const html = await new Response(stream).text();
  equal([html.includes("now"), html.includes("wait"), html.includes("<i>late</i>")], [true, true, true]);
};
