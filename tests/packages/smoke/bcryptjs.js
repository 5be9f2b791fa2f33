// bcryptjs
import bcrypt from "bcryptjs";
export default async ({ equal }) => { const hash = await bcrypt.hash("pw", 4); equal([await bcrypt.compare("pw", hash), bcrypt.compareSync("no", hash)], [true, false]); };
