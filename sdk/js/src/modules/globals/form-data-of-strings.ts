/** Before 2021-11-03 a parsed form held the text of its files: flag `formdata_parser_converts_files_to_strings`. */
interface Form {
  append(name: string, value: unknown): void;
  [Symbol.iterator](): Iterator<[string, string | { text(): Promise<string> }]>;
}
interface Parser {
  formData(): Promise<Form>;
}
type Globals = Record<"Request" | "Response", { prototype: Parser }> & { FormData: new () => Form };
const globals = globalThis as unknown as Globals;
for (const { prototype } of [globals.Request, globals.Response]) {
  const { formData } = prototype;
  prototype.formData = async function (this: Parser): Promise<Form> {
    const form = new globals.FormData();
    for (const [name, value] of await formData.call(this)) form.append(name, typeof value === "string" ? value : await value.text());
    return form;
  };
}
export {};
