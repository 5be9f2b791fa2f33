// mustache
import Mustache from "mustache";
export default async ({ equal }) => { equal(Mustache.render("{{#l}}<{{n}}>{{/l}}{{^e}}none{{/e}}", { l: [{ n: 1 }, { n: 2 }], e: [] }), "<1><2>none"); };
