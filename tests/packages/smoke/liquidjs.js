// liquidjs
import { Liquid } from "liquidjs";
export default async ({ equal }) => { equal(await new Liquid().parseAndRender("{% for i in (1..3) %}{{ i | times: 2 }},{% endfor %}{{ 'x' | upcase }}"), "2,4,6,X"); };
