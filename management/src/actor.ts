/** Who asks, as far as this API is concerned, and in which organization. */
import { roleMay, leastRole, type Permission, type Role } from "./access.ts";
import type { Env } from "./env.ts";
import { ApiError, conflict, notFound } from "./errors.ts";
import { principalOf, type Principal, type User } from "./principal.ts";
import * as organizations from "./store/organizations.ts";

/** Names the organization of a request, by id or name. */
export const ORGANIZATION_HEADER = "x-ouro-organization";

/** Anybody. */
export interface Caller {
  readonly principal: Principal | null;
  readonly requestId: string;
  /** IP address of the client; empty where the host does not say. */
  readonly address: string;
  /** `User-Agent`, bounded. */
  readonly client: string;
}

/** Somebody who is signed in. */
export interface SignedIn extends Caller {
  readonly principal: User;
}

/** The node's operator. */
export interface Operator extends Caller {
  readonly principal: Extract<Principal, { kind: "operator" }>;
}

/** A user or the operator, but no key. */
export interface Person extends Caller {
  readonly principal: Extract<Principal, { kind: "user" | "operator" }>;
}

/** Somebody who acts in an organization. */
export interface Actor extends Caller {
  readonly principal: Principal;
  readonly organization: organizations.OrganizationRow;
  readonly isOperator: boolean;
  /** Of a user; `null` for a key. */
  readonly role: Role | null;
  may(permission: Permission): boolean;
}

export function callerOf(request: Request): Caller {
  const { headers } = request;
  return {
    principal: principalOf(headers),
    requestId: headers.get("x-request-id") ?? "",
    address: headers.get("cf-connecting-ip") ?? headers.get("x-real-ip") ?? "",
    client: (headers.get("user-agent") ?? "").slice(0, 200),
  };
}

export function refuseUnknown(caller: Caller): Principal {
  if (caller.principal !== null) return caller.principal;
  throw new ApiError("unauthorized", "not signed in: expected the header `authorization: Bearer <token>`, `x-api-key` or a session's cookie");
}

export function signedIn(caller: Caller): SignedIn {
  const principal = refuseUnknown(caller);
  if (principal.kind === "user") return { ...caller, principal };
  throw new ApiError("forbidden", "this is for users who are signed in; a key or an operator's token is none");
}

export function operator(caller: Caller): Operator {
  const principal = refuseUnknown(caller);
  if (principal.kind === "operator") return { ...caller, principal };
  throw new ApiError("forbidden", "this is for the operator");
}

export function person(caller: Caller): Person {
  const principal = refuseUnknown(caller);
  if (principal.kind === "user" || principal.kind === "operator") return { ...caller, principal };
  throw new ApiError("forbidden", "this is for users who are signed in, and for the operator; a key is neither");
}

/** Finds the organization that the request is about, by its id or name, and refuses whoever may not do this in it. */
export async function actor(env: Env, caller: Caller, named: string | null, permission: Permission): Promise<Actor> {
  const principal = refuseUnknown(caller);
  const found = await findOrganization(env, principal, named);
  if (found === null || isGone(found)) throw notFound("organization", named ?? "");
  const { role, ...organization } = found;
  const may = (wanted: Permission): boolean => isPermitted(principal, role, wanted);
  if (!may(permission)) throw forbidden(principal, organization.name, role, permission);
  if (organization.deletion_at !== null && !isAllowedInDeletion(permission)) {
    throw conflict(`the organization \`${organization.name}\` is being deleted; until then it can be restored`);
  }
  return { ...caller, principal, organization, isOperator: principal.kind === "operator", role, may };
}

/** Its time has come, whether its rows are there yet or not. */
export function isGone(organization: organizations.OrganizationRow): boolean {
  return organization.deletion_at !== null && organization.deletion_at <= Date.now();
}

/** It is looked at, and restored. */
function isAllowedInDeletion(permission: Permission): boolean {
  return permission === "organization:own" || permission.endsWith(":read");
}

type Found = organizations.OrganizationRow & { role: Role | null };

/** `null` also for one that is there and none of theirs: who may not enter it learns nothing of it. */
async function findOrganization(env: Env, principal: Principal, named: string | null): Promise<Found | null> {
  switch (principal.kind) {
    case "operator": {
      const row = await organizations.find(env.DB, named ?? organizations.DEFAULT_ORGANIZATION);
      return row === null ? null : { ...row, role: "owner" };
    }
    case "user":
      return named === null ? organizations.personalOf(env.DB, principal.id) : organizations.ofMember(env.DB, named, principal.id);
    case "key":
    case "service": {
      const row = await organizations.find(env.DB, principal.organization);
      const isNamed = row !== null && (named === null || named === row.id || named === row.name);
      return isNamed ? { ...row, role: null } : null;
    }
  }
}

function isPermitted(principal: Principal, role: Role | null, permission: Permission): boolean {
  switch (principal.kind) {
    case "operator":
      return true;
    case "user":
      return role !== null && roleMay(role, permission);
    case "key":
      return principal.scopes.includes(permission);
    case "service":
      return roleMay("admin", permission);
  }
}

function forbidden(principal: Principal, organization: string, role: Role | null, permission: Permission): ApiError {
  const message =
    principal.kind === "user"
      ? `the role \`${role ?? "none"}\` in \`${organization}\` does not have \`${permission}\`, which takes \`${leastRole(permission)}\``
      : `the key does not have the scope \`${permission}\``;
  return new ApiError("forbidden", message);
}
