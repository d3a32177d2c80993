import type { components } from "./schema.js";

type ErrorBody = components["schemas"]["Error"];

/** An answer with a status of 400 or more. `code` is for programs, `message` for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: ErrorBody["errors"];
  /** The number under which the server has logged the request. */
  readonly requestId: string | null;
  /** Seconds to wait before the next try, if the server names them. */
  readonly retryAfter: number | null;

  constructor(response: Response, body: Partial<ErrorBody> | null) {
    const errors = body?.errors ?? [];
    super(errors[0]?.detail ?? `The server answered ${response.status}.`);
    this.name = "ApiError";
    this.status = response.status;
    this.code = errors[0]?.code ?? "unknown";
    this.errors = errors;
    this.requestId = response.headers.get("X-Request-ID");
    this.retryAfter = readRetryAfter(response.headers.get("Retry-After"));
  }
}

/** Read an error. Proxies answer with pages instead of JSON. */
export async function readError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const isObject = typeof body === "object" && body !== null;
  return new ApiError(response, isObject ? body : null);
}

function readRetryAfter(value: string | null): number | null {
  if (!value) return null;
  const seconds = /^\d+$/.test(value)
    ? Number(value)
    : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
