// bignumber.js
import BigNumber from "bignumber.js";
export default async ({ equal }) => { equal(new BigNumber("123456789012345678901234567890").times(3).toFormat(), "370,370,367,037,037,036,703,703,703,670"); };
