// ejs
import ejs from "ejs";
export default async ({ equal }) => { equal(ejs.render("<% for (const x of xs) { %>[<%= x %>]<% } %>", { xs: ["a", "<"] }), "[a][&lt;]"); };
