/** What there is to permit, and the least role in an organization that has it. The scopes of a key are permissions too. */

/** In rising order: each may what those before it may. */
export const ROLES = ["viewer", "member", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

const LEAST_ROLE = {
  "workers:read": "viewer",
  "workers:write": "member",
  "executions:read": "viewer",
  "environments:read": "viewer",
  "environments:write": "member",
  "databases:read": "viewer",
  "databases:write": "member",
  "domains:read": "viewer",
  "domains:write": "member",
  "crons:read": "viewer",
  "crons:write": "member",
  /** Calling workers whose `auth` is `key`. */
  "execute:functions": "member",
  "usage:read": "viewer",
  "keys:read": "member",
  "keys:write": "member",
  /** Service keys, anon tokens, and the keys of others. */
  "keys:manage": "admin",
  "organization:read": "viewer",
  "organization:write": "admin",
  "members:write": "admin",
  "audit:read": "owner",
  /** Transfer and deletion. */
  "organization:own": "owner",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof LEAST_ROLE;

export const PERMISSIONS = Object.keys(LEAST_ROLE) as readonly Permission[];

export function roleMay(role: Role, permission: Permission): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(LEAST_ROLE[permission]);
}

export function leastRole(permission: Permission): Role {
  return LEAST_ROLE[permission];
}
