/**
 * Errors as a client of the API sees them, and how failures of the host become them. The text of an unexpected failure
 * never reaches the client: it is logged under the request's id.
 */

const STATUS = {
  invalid_request: 400,
  sql_error: 400,
  unauthorized: 401,
  forbidden: 403,
  quota_exceeded: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unprocessable: 422,
  too_many_requests: 429,
  internal: 500,
  unhealthy: 502,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof STATUS;
export type ErrorStatus = (typeof STATUS)[ErrorCode];

/** What is wrong with one field. */
export interface Issue {
  /** Names joined by dots, such as `assets.files./index.html.size`; empty for the whole body. */
  path: string;
  message: string;
}

export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly issues: readonly Issue[];
  /** Seconds until it is worth to try again, where that is known. */
  readonly retryAfter: number | null;

  constructor(code: ErrorCode, message: string, issues: readonly Issue[] = [], retryAfter: number | null = null) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.issues = issues;
    this.retryAfter = retryAfter;
  }

  get status(): ErrorStatus {
    return STATUS[this.code];
  }
}

/** What an organization or a user has too much of. */
export interface Excess {
  quota: string;
  limit: number;
  used: number;
  /** RFC 3339; of what is counted by the day. */
  resets_at?: string;
}

export class QuotaExceeded extends ApiError {
  readonly excess: Excess;

  constructor(excess: Excess) {
    const { quota, limit, used } = excess;
    super("quota_exceeded", `the quota \`${quota}\` is ${limit}, and ${used} is in use`);
    this.excess = excess;
  }
}

export function statusOf(code: ErrorCode): ErrorStatus {
  return STATUS[code];
}

export function invalid(issues: readonly Issue[]): ApiError {
  return new ApiError("invalid_request", "the request is not valid", issues);
}

/** One bad field. */
export function invalidField(path: string, message: string): ApiError {
  return invalid([{ path, message }]);
}

const USERS_SHOWN = 10;

/** Throws where there are users. */
export function refuseInUse(thing: string, kind: string, users: readonly string[]): void {
  if (users.length === 0) return;
  const shown = users.slice(0, USERS_SHOWN).map((user) => `\`${user}\``);
  throw conflict(`${thing} is used by ${kind} ${shown.join(", ")}${users.length > USERS_SHOWN ? ", …" : ""}`);
}

export function notFound(kind: string, name: string): ApiError {
  return new ApiError("not_found", `no ${kind} \`${clip(name)}\``);
}

export function conflict(message: string): ApiError {
  return new ApiError("conflict", message);
}

export function forbidden(message: string, issues: readonly Issue[] = []): ApiError {
  return new ApiError("forbidden", message, issues);
}

export function unprocessable(message: string, issues: readonly Issue[] = []): ApiError {
  return new ApiError("unprocessable", message, issues);
}

/** The variant's name of a failed host call; `undefined` for any other error. */
export function hostCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A row with this name is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return hostCode(error) === "constraint" && messageOf(error).includes("UNIQUE");
}

/** A row that this one refers to is gone, or one that refers to it is there. */
export function isForeignKeyViolation(error: unknown): boolean {
  return hostCode(error) === "constraint" && messageOf(error).includes("FOREIGN KEY");
}

/** Any error as the client may see it. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const code = hostCode(error);
  if (code === "unavailable" || code === "timeout") {
    return new ApiError("unavailable", "the platform's store cannot be reached, try again");
  }
  return new ApiError("internal", "the management API failed; the log has the reason under the request's id");
}

/** Foreign text in a message: bounded. */
export function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
