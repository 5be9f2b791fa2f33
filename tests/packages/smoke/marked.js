// marked
import { marked } from "marked";
export default async ({ equal }) => { equal(await marked.parse("# T\n\n- a\n- **b**\n\n`c`"), "<h1>T</h1>\n<ul>\n<li>a</li>\n<li><strong>b</strong></li>\n</ul>\n<p><code>c</code></p>\n"); };
