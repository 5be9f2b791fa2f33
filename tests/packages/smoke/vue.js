// vue
import { createSSRApp, h, ref } from "vue"; import { renderToString, renderToWebStream } from "vue/server-renderer";
export default async ({ equal }) => {
  const app = () => createSSRApp({ setup() { const n = ref(3); return () => h("p", { id: "x" }, ["n=", n.value]); } });
  equal(await renderToString(app()), '<p id="x">n=3</p>');
  equal((await new Response(renderToWebStream(app())).text()).includes("n=3"), true);
};
