/** Lists are read newest first, by the key of the last item seen: what is added meanwhile moves nothing. */
import * as z from "zod";

/** Items after this one. Keys are a time or a number, then the id. */
export interface Position {
  key: number;
  id: string;
}

export interface PageRequest {
  limit: number;
  after: Position;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

const START: Position = { key: Number.MAX_SAFE_INTEGER, id: "" };
const CURSOR = /^(\d{1,15})\.([a-z0-9_]{1,64})$/;

export const pageQuery = {
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, "expected a number from 1 to 100")
    .optional()
    .meta({ description: "Items at most, 1 to 100; 50 where it is not given." }),
  cursor: z.string().regex(CURSOR, "not a cursor of this API").optional().meta({ description: "`next` of the page before." }),
};

export function pageRequest(query: { limit?: string | undefined; cursor?: string | undefined }): PageRequest {
  const cursor = CURSOR.exec(query.cursor ?? "");
  return {
    limit: Number(query.limit ?? 50),
    after: cursor === null ? START : { key: Number(cursor[1]), id: cursor[2] ?? "" },
  };
}

/** A page of rows that were read with one more than the limit, to see whether there are more. */
export function toPage<Row, Item>(rows: Row[], request: PageRequest, position: (row: Row) => Position, item: (row: Row) => Item): Page<Item> {
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1);
  const more = rows.length > request.limit && last !== undefined;
  const { key, id } = last === undefined ? START : position(last);
  return { items: shown.map(item), next: more ? `${key}.${id}` : null };
}

/** The answer's schema. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
