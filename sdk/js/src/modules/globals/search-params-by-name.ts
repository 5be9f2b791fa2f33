/** Before 2023-07-01 `has` and `delete` of URLSearchParams took a name alone: flag `no_urlsearchparams_delete_has_value_arg`. */
interface Params {
  has(name: string): boolean;
  delete(name: string): void;
}
const { prototype } = (globalThis as unknown as { URLSearchParams: { prototype: Params } }).URLSearchParams;
const { has, delete: remove } = prototype;
prototype.has = function (this: Params, name: string): boolean {
  return has.call(this, name);
};
prototype.delete = function (this: Params, name: string): void {
  remove.call(this, name);
};
export {};
