/**
 * A route as one value: what it takes, what it answers and what it does. The application and the OpenAPI document are both
 * made from the list of routes, so neither has what the other lacks.
 */
import type { Context } from "hono";
import * as z from "zod";

import type { Env } from "./env.ts";
import { invalid, type ErrorCode, type Issue } from "./errors.ts";
import { readJson } from "./json.ts";
import { issuesOf } from "./validation.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

type Names<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Names<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

export interface Call<Path extends string, Query, Body> {
  env: Env;
  request: Request;
  params: Record<Names<Path>, string>;
  query: Query;
  body: Body;
}

interface Definition<Path extends string, Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType> {
  /** `operationId` of the OpenAPI document. */
  id: string;
  method: Method | readonly Method[];
  path: Path;
  summary: string;
  /** Open without a token. */
  open?: boolean;
  query?: Query;
  body?: Body;
  /** The handler reads the request's body itself. */
  rawBody?: boolean;
  status?: 200 | 201 | 204;
  answer?: Answer;
  /** Beside those that any route may answer. */
  errors?: readonly ErrorCode[];
  handle(call: Call<Path, z.output<Query>, z.output<Body>>): Promise<z.input<Answer>>;
}

export interface Route {
  readonly id: string;
  readonly methods: readonly Method[];
  readonly path: string;
  readonly summary: string;
  readonly open: boolean;
  readonly query: z.ZodType;
  readonly body: z.ZodType | undefined;
  readonly rawBody: boolean;
  readonly status: 200 | 201 | 204;
  readonly answer: z.ZodType | undefined;
  readonly errors: readonly ErrorCode[];
  serve(context: Context<{ Bindings: Env }>): Promise<Response>;
}

const nothing = z.strictObject({});
const anything = z.unknown();

export function route<
  const Path extends string,
  Query extends z.ZodType = z.ZodUnknown,
  Body extends z.ZodType = z.ZodUnknown,
  Answer extends z.ZodType = z.ZodVoid,
>(definition: Definition<Path, Query, Body, Answer>): Route {
  const { method, handle } = definition;
  const query = definition.query ?? nothing;
  const body = definition.body ?? anything;
  const status = definition.status ?? 200;
  return {
    id: definition.id,
    methods: typeof method === "string" ? [method] : method,
    path: definition.path,
    summary: definition.summary,
    open: definition.open ?? false,
    query,
    body: definition.body,
    rawBody: definition.rawBody ?? false,
    status,
    answer: definition.answer,
    errors: definition.errors ?? [],
    async serve(context) {
      const answer = await handle({
        env: context.env,
        request: context.req.raw,
        params: context.req.param() as Record<Names<Path>, string>,
        query: check(query, readQuery(context)) as z.output<Query>,
        body: (definition.body === undefined ? undefined : check(body, await readJson(context.req.raw))) as z.output<Body>,
      });
      return status === 204 ? context.body(null, 204) : context.json(answer as object, status);
    },
  };
}

/** The value as the schema gives it. */
function check(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(issuesOf(result.error));
}

function readQuery(context: Context): Record<string, string> {
  const query: Record<string, string> = {};
  const issues: Issue[] = [];
  for (const [name, values] of Object.entries(context.req.queries())) {
    if (values.length > 1) issues.push({ path: name, message: "given more than once" });
    query[name] = values[0] ?? "";
  }
  if (issues.length > 0) throw invalid(issues);
  return query;
}
