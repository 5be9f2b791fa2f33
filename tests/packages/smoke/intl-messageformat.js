// intl-messageformat
import { IntlMessageFormat } from "intl-messageformat";
export default async ({ equal }) => { equal(new IntlMessageFormat("{n, plural, one {# cat} other {# cats}} on {d, date, short} for {p, number, ::currency/EUR}", "en-US").format({ n: 2, d: new Date(Date.UTC(2024, 0, 5)), p: 3.5 }), "2 cats on 1/5/24 for €3.50"); };
