export interface Transfer {
  method: string;
  headers: Headers;
  body?: BodyInit | null;
  signal?: AbortSignal | undefined;
  /** Called with the share that has been sent, from 0 to 1. Node reports none. */
  onProgress?: ((share: number) => void) | undefined;
}

/** Send one request. `fetch` tells no progress, so XMLHttpRequest does it where it can. */
export function transfer(url: string, request: Transfer): Promise<Response> {
  const { onProgress, ...init } = request;
  if (onProgress && typeof XMLHttpRequest !== "undefined") return sendByXhr(url, request);
  return fetch(url, {
    method: init.method,
    headers: init.headers,
    body: init.body ?? null,
    signal: init.signal ?? null,
    credentials: "omit",
  });
}

function sendByXhr(url: string, request: Transfer): Promise<Response> {
  const { method, headers, body, signal, onProgress } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    xhr.open(method, url);
    xhr.responseType = "blob";
    headers.forEach((value, name) => xhr.setRequestHeader(name, value));
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    xhr.onload = () => resolve(readResponse(xhr));
    // The same class as fetch gives.
    xhr.onerror = () => reject(new TypeError(`The connection to ${new URL(url).host} failed.`));
    xhr.onabort = () => reject(signal?.reason);
    xhr.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    xhr.send(body as XMLHttpRequestBodyInit);
  });
}

function readResponse(xhr: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const line of xhr.getAllResponseHeaders().trim().split(/[\r\n]+/)) {
    const [name, ...rest] = line.split(": ");
    if (name) headers.append(name, rest.join(": "));
  }
  const hasBody = ![204, 205, 304].includes(xhr.status);
  return new Response(hasBody ? xhr.response : null, { status: xhr.status, headers });
}
