/**
 * A route as one value: what it takes, what it answers and what it does. The application and the OpenAPI document are both
 * made from the list of routes, so neither has what the other lacks.
 */
import type { Context } from "hono";
import * as z from "zod";

import { PERMISSIONS, type Permission } from "./access.ts";
import { actor, callerOf, operator, ORGANIZATION_HEADER, person, signedIn, type Actor, type Caller, type Operator, type Person, type SignedIn } from "./actor.ts";
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

/**
 * Whom a route is for: everybody, users, the operator, both of these (`person`), or who has a permission in an organization:
 * in the one that the path names as `:organization`, else in that of the header.
 */
export type Access = "open" | "user" | "operator" | "person" | Permission;

interface WhoByAccess {
  open: Caller;
  user: SignedIn;
  operator: Operator;
  person: Person;
}

type Who<A extends Access> = A extends keyof WhoByAccess ? WhoByAccess[A] : Actor;

export interface Call<A extends Access, Path extends string, Query, Body> {
  env: Env;
  /** Who asks. */
  actor: Who<A>;
  request: Request;
  params: Record<Names<Path>, string>;
  query: Query;
  body: Body;
  /** Goes on after the answer, which tells nothing of it, nor by the time it takes. */
  later(work: Promise<unknown>): void;
}

interface Definition<A extends Access, Path extends string, Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType> {
  /** `operationId` of the OpenAPI document. */
  id: string;
  access: A;
  method: Method | readonly Method[];
  path: Path;
  summary: string;
  query?: Query;
  body?: Body;
  /** The handler reads the request's body itself. */
  rawBody?: boolean;
  status?: 200 | 201 | 204;
  answer?: Answer;
  /** Beside those that any route may answer. */
  errors?: readonly ErrorCode[];
  /** A `Response` is passed on as it is: for cookies, redirects and streams. */
  handle(call: Call<A, Path, z.output<Query>, z.output<Body>>): Promise<z.input<Answer> | Response>;
}

export interface Route {
  readonly id: string;
  readonly access: Access;
  readonly methods: readonly Method[];
  readonly path: string;
  readonly summary: string;
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
  const A extends Access,
  const Path extends string,
  Query extends z.ZodType = z.ZodUnknown,
  Body extends z.ZodType = z.ZodUnknown,
  Answer extends z.ZodType = z.ZodVoid,
>(definition: Definition<A, Path, Query, Body, Answer>): Route {
  const { access, method, handle } = definition;
  const query = definition.query ?? nothing;
  const body = definition.body ?? anything;
  const status = definition.status ?? 200;
  return {
    id: definition.id,
    access,
    methods: typeof method === "string" ? [method] : method,
    path: definition.path,
    summary: definition.summary,
    query,
    body: definition.body,
    rawBody: definition.rawBody ?? false,
    status,
    answer: definition.answer,
    errors: definition.errors ?? [],
    async serve(context) {
      const { env } = context;
      const answer = await handle({
        env,
        actor: (await admit(access, context)) as Who<A>,
        request: context.req.raw,
        params: context.req.param() as Record<Names<Path>, string>,
        query: check(query, readQuery(context)) as z.output<Query>,
        later: (work) => context.executionCtx.waitUntil(work),
        body: (definition.body === undefined ? undefined : check(body, await readJson(context.req.raw))) as z.output<Body>,
      });
      if (answer instanceof Response) return answer;
      return status === 204 ? context.body(null, 204) : context.json(answer as object, status);
    },
  };
}

export function isPermission(access: Access): access is Permission {
  return (PERMISSIONS as readonly string[]).includes(access);
}

/** The place in a path that names the organization. */
export const ORGANIZATION_PARAM = "organization";

/** Refuses whom the route is not for, before anything of the request is read. */
async function admit(access: Access, { env, req }: Context<{ Bindings: Env }>): Promise<Caller> {
  const caller = callerOf(req.raw);
  switch (access) {
    case "open":
      return caller;
    case "user":
      return signedIn(caller);
    case "operator":
      return operator(caller);
    case "person":
      return person(caller);
    default:
      return actor(env, caller, req.param(ORGANIZATION_PARAM) ?? req.header(ORGANIZATION_HEADER) ?? null, access);
  }
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
