// cookie
import * as cookie from "cookie";
export default async ({ equal }) => { const parse = cookie.parse ?? cookie.parseCookie; equal(parse("a=1; b=%20x").b, " x"); };
