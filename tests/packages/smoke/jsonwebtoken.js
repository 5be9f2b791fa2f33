// jsonwebtoken
import jwt from "jsonwebtoken";
export default async ({ equal }) => {
  const token = jwt.sign({ a: 1 }, "secret", { expiresIn: "1h", algorithm: "HS256" });
  equal(jwt.verify(token, "secret").a, 1);
  let name; try { jwt.verify(token, "wrong"); } catch (e) { name = e.name; } equal(name, "JsonWebTokenError");
};
