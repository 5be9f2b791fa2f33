/** The OpenAPI 3.1 document of a list of routes. Its schemas are JSON Schema 2020-12, as zod gives them. */
import * as z from "zod";

import { statusOf, type ErrorCode } from "./errors.ts";
import { isPermission, ORGANIZATION_PARAM, type Route } from "./route.ts";

type Json = { readonly [key: string]: unknown };

const errorAnswer = z
  .object({
    code: z.string(),
    message: z.string(),
    request_id: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    quota: z.string().optional().meta({ description: "Of `quota_exceeded`, as `limit`, `used` and `resets_at`." }),
    limit: z.number().optional(),
    used: z.number().optional(),
    resets_at: z.string().optional(),
  })
  .meta({ id: "Error" });

const DESCRIPTIONS: Record<ErrorCode, string> = {
  invalid_request: "A field is not valid; `issues` names each",
  sql_error: "The database does not accept the statement",
  unauthorized: "Nobody is signed in",
  forbidden: "The role or the scopes do not have the permission",
  quota_exceeded: "There is as much as the quota allows",
  not_found: "There is no such thing",
  conflict: "It is taken, in use, reserved or ambiguous",
  too_large: "The body or the result is over its limit",
  unprocessable: "The component cannot run",
  too_many_requests: "Too many failures; `Retry-After` says when to try again",
  internal: "The API failed",
  unhealthy: "The version does not run or is not healthy",
  unavailable: "A store cannot be reached",
};

const SECURITY_SCHEMES: Json = {
  token: { type: "http", scheme: "bearer", description: "An access token, a key or an operator's token." },
  key: { type: "apiKey", in: "header", name: "X-API-Key" },
  session: { type: "apiKey", in: "cookie", name: "ouro_access" },
};

const organizationHeader: Json = {
  name: "X-Ouro-Organization",
  in: "header",
  description: "Id or name; without it the key's, or the user's personal one.",
  schema: { type: "string" },
};

export function describeApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = (paths[route.path.replace(/:(\w+)/g, "{$1}")] ??= {});
    for (const method of route.methods) path[method] = operation(route, method);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Ouro management API", version: "1" },
    servers: [{ url: "/" }],
    security: [{ token: [] }, { key: [] }, { session: [] }],
    paths,
    components: { securitySchemes: SECURITY_SCHEMES, schemas: namedSchemas(errorAnswer) },
  };
}

function operation(route: Route, method: string): Json {
  const suffix = route.methods.length > 1 && method === "put" ? "ByPut" : "";
  return {
    operationId: route.id + suffix,
    summary: route.summary,
    ...(route.access === "open" ? { security: [] } : {}),
    ...(isPermission(route.access) ? { "x-permission": route.access } : {}),
    parameters: parameters(route),
    ...requestBody(route),
    responses: { [route.status]: success(route), ...errors(route) },
  };
}

function parameters(route: Route): Json[] {
  const inPath = Array.from(route.path.matchAll(/:(\w+)/g), ([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const shape = route.query instanceof z.ZodObject ? route.query.shape : {};
  const inQuery = Object.entries(shape).map(([name, schema]) => ({ name, in: "query", schema: inline(schema as z.ZodType) }));
  const isByHeader = isPermission(route.access) && !inPath.some(({ name }) => name === ORGANIZATION_PARAM);
  return [...inPath, ...inQuery, ...(isByHeader ? [organizationHeader] : [])];
}

function requestBody(route: Route): Json {
  if (route.rawBody) {
    return { requestBody: { required: true, content: { "application/octet-stream": {} } } };
  }
  return route.body === undefined ? {} : { requestBody: { required: true, content: json(reference(route.body)) } };
}

function success(route: Route): Json {
  return {
    description: route.status === 201 ? "Created" : route.status === 204 ? "Done" : "OK",
    ...(route.answer === undefined ? {} : { content: json(reference(route.answer)) }),
  };
}

function errors(route: Route): Json {
  const codes = new Set<ErrorCode>(route.errors);
  if (route.access !== "open") codes.add("unauthorized").add("forbidden").add("invalid_request");
  // The organization that the request names.
  if (isPermission(route.access)) codes.add("not_found");
  if (route.body !== undefined) codes.add("too_large");
  codes.add("internal");
  const byStatus: Record<string, Json> = {};
  for (const code of codes) {
    const other = byStatus[statusOf(code)]?.["description"];
    const description = `\`${code}\`: ${DESCRIPTIONS[code]}`;
    byStatus[statusOf(code)] = {
      description: typeof other === "string" ? `${other}. ${description}` : description,
      content: json(reference(errorAnswer)),
    };
  }
  return byStatus;
}

function json(schema: Json): Json {
  return { "application/json": { schema } };
}

const uri = (id: string): string => `#/components/schemas/${id}`;

function reference(schema: z.ZodType): Json {
  const id = schema.meta()?.id;
  if (id === undefined) throw new Error("a body or an answer of a route has no `id` in its metadata");
  return { $ref: uri(id) };
}

function inline(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

/** Every schema that has an `id`. `present` is one of them: it must exist before this is called. */
function namedSchemas(present: z.ZodType): Json {
  reference(present);
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri, io: "input", unrepresentable: "any" });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $schema: _schema, $id: _id, id: _, ...rest } = schema as Record<string, unknown>;
      return [id, rest];
    }),
  );
}
