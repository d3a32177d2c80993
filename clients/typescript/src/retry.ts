import { type ApiError, readError } from "./errors.js";

const TRIES = 4;
/** Longer waits are left to the caller, who finds them in `error.retryAfter`. */
const LONGEST_WAIT = 60;

/**
 * Send a request until it succeeds or fails for good. `repeatable` says that sending it
 * twice does nothing twice; other requests are sent again only after 429, when the
 * server has done nothing.
 */
export async function sendWithRetries(
  send: () => Promise<Response>,
  repeatable: boolean,
  signal?: AbortSignal,
): Promise<Response> {
  for (let number = 1; ; number += 1) {
    let wait = 0.5 * 2 ** (number - 1) * (0.5 + Math.random() / 2);
    try {
      const response = await send();
      if (response.ok) return response;
      const error = await readError(response);
      if (error.retryAfter !== null) wait = error.retryAfter;
      if (!mayPass(error, repeatable)) throw error;
      if (number === TRIES || wait > LONGEST_WAIT) throw error;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      // fetch throws a TypeError when the connection fails.
      if (!(error instanceof TypeError) || !repeatable || number === TRIES) throw error;
    }
    await sleep(wait * 1000, signal);
  }
}

function mayPass(error: ApiError, repeatable: boolean): boolean {
  if (error.status === 429) return error.code === "throttled";
  if (!repeatable) return false;
  return error.code === "idempotency_key_in_use" || [503, 504].includes(error.status);
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort);
  });
}
