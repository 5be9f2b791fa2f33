// handlebars
import Handlebars from "handlebars";
export default async ({ equal }) => {
  Handlebars.registerHelper("up", (s) => s.toUpperCase());
  equal(Handlebars.compile("{{#each xs}}{{up this}}-{{/each}}{{{raw}}}{{esc}}")({ xs: ["a", "b"], raw: "<i>", esc: "<b>" }), "A-B-<i>&lt;b&gt;");
};
