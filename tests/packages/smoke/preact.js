// preact
import { h } from "preact"; import { renderToString } from "preact-render-to-string"; import { useState } from "preact/hooks";
export default async ({ equal }) => {
  const App = ({ n }) => { const [x] = useState(n * 2); return h("p", { class: "c", "data-x": x }, ["<", h("b", null, x)]); };
  equal(renderToString(h(App, { n: 4 })), '<p class="c" data-x="8">&lt;<b>8</b></p>');
};
