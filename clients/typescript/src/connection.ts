import { readError } from "./errors.js";
import { sendWithRetries } from "./retry.js";
import type { components } from "./schema.js";
import { transfer } from "./transport.js";

export type Tokens = components["schemas"]["Tokens"];

export interface Options {
  /** The tokens of an earlier sign-in. */
  tokens?: Tokens | null;
  /** Called with each new pair of tokens, to store them; with null after the sign-in's end. */
  onTokens?: (tokens: Tokens | null) => void;
}

export interface Call {
  method?: string;
  query?: Record<string, string | number | undefined>;
  json?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  /** A new value for each operation. With it, POST, PATCH and PUT can be sent again. */
  idempotencyKey?: string | undefined;
  /** Sending this request twice does nothing twice. True for GET and with a key. */
  repeatable?: boolean;
  anonymous?: boolean;
  signal?: AbortSignal | undefined;
  onProgress?: ((share: number) => void) | undefined;
}

interface SignIn {
  tokens: Tokens;
  renewal: Promise<void> | null;
}

/** The server, with the tokens of one person. */
export class Connection {
  readonly #url: string;
  readonly #onTokens: (tokens: Tokens | null) => void;
  #signIn: SignIn | null = null;

  constructor(url: string, { tokens = null, onTokens = () => {} }: Options = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#onTokens = onTokens;
    if (tokens) this.#signIn = { tokens, renewal: null };
  }

  get tokens(): Tokens | null {
    return this.#signIn?.tokens ?? null;
  }

  set tokens(tokens: Tokens | null) {
    this.#signIn = tokens && { tokens, renewal: null };
    this.#onTokens(tokens);
  }

  /** Call the API below `/api/v1/`; throws an ApiError unless the answer is a success. */
  call(path: string, call: Call = {}): Promise<Response> {
    const method = call.method ?? "GET";
    const repeatable = call.repeatable ?? (method === "GET" || !!call.idempotencyKey);
    // A request keeps to the person who sent it, whoever signs in meanwhile.
    const signIn = call.anonymous ? null : this.#signIn;
    return sendWithRetries(() => this.#send(path, call, signIn), repeatable, call.signal);
  }

  async json<T>(path: string, call: Call = {}): Promise<T> {
    return (await this.call(path, call)).json() as Promise<T>;
  }

  async #send(path: string, call: Call, signIn: SignIn | null): Promise<Response> {
    const access = signIn?.tokens.access;
    const response = await this.#transfer(path, call, access);
    if (response.status !== 401 || !signIn) return response;
    // Another request may have renewed the tokens meanwhile.
    if (signIn.tokens.access === access) await this.#renew(signIn);
    return this.#transfer(path, call, signIn.tokens.access);
  }

  #transfer(path: string, call: Call, access?: string): Promise<Response> {
    const url = new URL(`${this.#url}/api/v1/${path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers = new Headers({ Accept: "application/json", ...call.headers });
    if (access) headers.set("Authorization", `Bearer ${access}`);
    if (call.idempotencyKey) headers.set("Idempotency-Key", call.idempotencyKey);
    let body: BodyInit | null = call.form ?? null;
    if (call.json !== undefined) {
      headers.set("Content-Type", "application/json");
      body = JSON.stringify(call.json);
    }
    const { method = "GET", signal, onProgress } = call;
    return transfer(url.href, { method, headers, body, signal, onProgress });
  }

  /** Renew the tokens once, however many requests wait for it. */
  #renew(signIn: SignIn): Promise<void> {
    signIn.renewal ??= this.#askForTokens(signIn).finally(() => {
      signIn.renewal = null;
    });
    return signIn.renewal;
  }

  async #askForTokens(signIn: SignIn): Promise<void> {
    const json = { refresh: signIn.tokens.refresh };
    // Within ten seconds the server gives the same tokens again.
    const response = await this.#transfer("auth/token/refresh/", { method: "POST", json });
    if (response.ok) {
      signIn.tokens = (await response.json()) as Tokens;
      if (this.#signIn === signIn) this.#onTokens(signIn.tokens);
      return;
    }
    if (response.status === 401 && this.#signIn === signIn) this.tokens = null;
    throw await readError(response);
  }
}
