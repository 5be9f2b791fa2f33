// ms
import ms from "ms";
export default async ({ equal }) => { equal([ms("2h"), ms(60000), ms(90000, { long: true })], [7200000, "1m", "2 minutes"]); };
