/** What things may be called. */

/** The worker that serves this API. It is made by the host, and always there. */
export const MANAGEMENT = "management";

/** Names that no worker can be given: this API's own, and one that stands at the place of a worker's name in its paths. */
export const RESERVED: ReadonlySet<string> = new Set([MANAGEMENT, "name-exists"]);

/** One DNS label (RFC 1123 2.1) in lower case, as host/core/src/name.rs has it: worker names stand in host names. */
export const WORKER_NAME = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
export const WORKER_NAME_RULE = "expected 1 to 63 of a-z, 0-9 and -, neither first nor last being -";

/** Names of organizations, as those of personal ones are made of addresses. They never look like an id. */
export const ORGANIZATION_NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/;
export const ORGANIZATION_NAME_RULE = "expected 1 to 63 of a-z, 0-9, `.` and `-`, the first being a letter or digit";

/** Names of environments and databases. They never look like an id. */
export const RESOURCE_NAME = /^(?!(?:env|db)_)[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
export const RESOURCE_NAME_RULE = "expected 1 to 63 of A-Z, a-z, 0-9, `.`, `_` and `-`, the first being a letter or digit, not beginning with `env_` or `db_`";

/** Names in `env`: what JavaScript takes after a dot. */
export const BINDING_NAME = /^(?!__proto__$)[A-Za-z_$][A-Za-z0-9_$]{0,127}$/;
export const BINDING_NAME_RULE = "expected 1 to 128 of A-Z, a-z, 0-9, `_` and `$`, the first not being a digit";

/** The host gives these to the management worker. */
export const MANAGEMENT_BINDINGS: ReadonlySet<string> = new Set([
  "PUBLIC_URL",
  "APP_URL",
  "SIGN_UP",
  "BASE_DOMAIN",
  "CEILINGS",
  "QUOTAS",
  "ORGANIZATION_GRACE_DAYS",
  "DB",
  "ARTIFACTS",
  "BUILD",
  "CRONS",
  "DATABASES",
  "EXECUTIONS",
  "IDENTITY",
  "MAIL",
  "ROUTING",
  "SECRETS",
]);
