// fflate
import { gunzipSync, strFromU8, strToU8, unzipSync, zipSync, gzipSync } from "fflate";
export default async ({ equal }) => { equal([strFromU8(gunzipSync(gzipSync(strToU8("x y")))), strFromU8(unzipSync(zipSync({ "a.txt": strToU8("in") }))["a.txt"])], ["x y", "in"]); };
