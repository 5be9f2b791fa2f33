// cheerio
import * as cheerio from "cheerio";
export default async ({ equal }) => {
  const $ = cheerio.load('<ul><li class="a">1</li><li>2</li></ul>'); $("li.a").attr("x", "y").text("one");
  equal([$("li").length, $("ul").html(), $("li").map((_, e) => $(e).text()).get()], [2, '<li class="a" x="y">one</li><li>2</li>', ["one", "2"]]);
};
