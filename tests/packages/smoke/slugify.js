// slugify
import slugify from "slugify";
export default async ({ equal }) => { equal(slugify("Ünï Cödé & more", { lower: true }), "uni-code-and-more"); };
