// markdown-it
import MarkdownIt from "markdown-it";
export default async ({ equal }) => { equal(new MarkdownIt({ linkify: true }).render("a https://x.yz\n\n|a|\n|-|\n|1|"), '<p>a <a href="https://x.yz">https://x.yz</a></p>\n<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n'); };
