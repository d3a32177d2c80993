import { afterEach, describe, expect, test } from "vitest";
import { ApiError, type Image, imgAttributes, MediaBackend, type Tokens } from "../src/index.js";
import { answer, refuse, serve } from "./server.js";

const OLD = { access: "old", refresh: "first" };
const NEW = { access: "new", refresh: "second" };
const PICTURE = new File(["pixels"], "a.jpg", { type: "image/jpeg" });

let running: Awaited<ReturnType<typeof serve>>;
afterEach(() => running?.close());

async function start(handler: Parameters<typeof serve>[0]) {
  running = await serve(handler);
  return running;
}

describe("token renewal", () => {
  test("happens once for many requests", async () => {
    const { url, seen } = await start((request, response) => {
      if (request.path === "auth/token/refresh/") return answer(response, 200, NEW);
      if (request.headers.authorization !== "Bearer new") return refuse(response, 401, "token_not_valid");
      return answer(response, 200, { email: "ann@example.com" });
    });
    const stored: (Tokens | null)[] = [];
    const api = new MediaBackend(url, { tokens: OLD, onTokens: (it) => stored.push(it) });
    await Promise.all(Array.from({ length: 10 }, () => api.getAccount()));
    const renewals = seen.filter((one) => one.path === "auth/token/refresh/");
    expect(renewals.map((one) => one.body)).toEqual(['{"refresh":"first"}']);
    expect(stored).toEqual([NEW]);
    expect(api.tokens).toEqual(NEW);
  });

  test("that is refused ends the sign-in", async () => {
    const { url, seen } = await start((_, response) => refuse(response, 401, "session_ended"));
    const stored: (Tokens | null)[] = [];
    const api = new MediaBackend(url, { tokens: OLD, onTokens: (it) => stored.push(it) });
    await expect(api.getAccount()).rejects.toMatchObject({ status: 401, code: "session_ended" });
    expect(stored).toEqual([null]);
    expect(api.tokens).toBeNull();
    expect(seen).toHaveLength(2);
  });

  test("that fails for a while keeps the tokens", async () => {
    const { url } = await start((request, response) =>
      request.path === "auth/token/refresh/"
        ? refuse(response, 503, "database_unavailable")
        : refuse(response, 401, "token_not_valid"));
    const api = new MediaBackend(url, { tokens: OLD });
    await expect(api.getAccount()).rejects.toMatchObject({ status: 503 });
    expect(api.tokens).toEqual(OLD);
  });

  test("does not bring back a person who has signed out", async () => {
    let signOut = async () => {};
    const { url } = await start(async (request, response) => {
      if (request.path === "auth/logout/") return void response.writeHead(204).end();
      if (request.path === "auth/token/refresh/") {
        await signOut();
        return answer(response, 200, NEW);
      }
      const isNew = request.headers.authorization === "Bearer new";
      return isNew ? refuse(response, 401, "session_ended") : refuse(response, 401, "token_not_valid");
    });
    const stored: (Tokens | null)[] = [];
    const api = new MediaBackend(url, { tokens: OLD, onTokens: (it) => stored.push(it) });
    signOut = () => api.signOut();
    await expect(api.getAccount()).rejects.toBeInstanceOf(ApiError);
    expect(api.tokens).toBeNull();
    expect(stored).toEqual([null]);
  });
});

describe("retries", () => {
  test("send the same key after a lost answer", async () => {
    let number = 0;
    const { url, seen } = await start((_, response) => {
      number += 1;
      if (number === 1) response.destroy();
      else if (number === 2) refuse(response, 409, "idempotency_key_in_use", { "Retry-After": "0" });
      else answer(response, 201, { id: "one" });
    });
    const image = await new MediaBackend(url, { tokens: OLD }).upload(PICTURE, { caption: "Sea" });
    expect(image.id).toBe("one");
    const keys = seen.map((one) => one.headers["idempotency-key"]);
    expect(keys).toHaveLength(3);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(keys).size).toBe(1);
    expect(seen[2]!.body).toMatch(/name="caption"[^]*name="file"; filename="a.jpg"[^]*pixels/);
  });

  test("are not made where something could be done twice", async () => {
    const { url, seen } = await start((_, response) => refuse(response, 503, "storage_unavailable"));
    await expect(new MediaBackend(url).signIn("ann@example.com", "secret")).rejects.toThrow();
    expect(seen).toHaveLength(1);
  });

  test("are made after 429, but not if the wait is long", async () => {
    const waits = ["0", "3600"];
    const { url, seen } = await start((_, response) =>
      refuse(response, 429, "throttled", { "Retry-After": waits.shift()! }));
    const signIn = new MediaBackend(url).signIn("ann@example.com", "secret");
    await expect(signIn).rejects.toMatchObject({ code: "throttled", retryAfter: 3600 });
    expect(seen).toHaveLength(2);
  });

  test("stop when they are aborted", async () => {
    const controller = new AbortController();
    const { url, seen } = await start((_, response) => {
      refuse(response, 503, "storage_unavailable", { "Retry-After": "50" });
      setTimeout(() => controller.abort(), 20);
    });
    const upload = new MediaBackend(url).upload(PICTURE, {}, { signal: controller.signal });
    await expect(upload).rejects.toMatchObject({ name: "AbortError" });
    expect(seen).toHaveLength(1);
  });
});

describe("direct upload", () => {
  function backend(imagekit: (response: Parameters<typeof answer>[0]) => void, made = false) {
    return start((request, response) => {
      if (request.path === "/imagekit") return imagekit(response);
      if (request.path === "uploads/") {
        const ticket = { id: "one", upload_url: `${running.url}/imagekit`, fields: { token: "t" } };
        return answer(response, 201, ticket);
      }
      if (request.path === "images/one/") {
        return made ? answer(response, 200, { id: "one" }) : refuse(response, 404, "not_found");
      }
      return answer(response, 201, { id: request.path });
    });
  }

  test("is completed", async () => {
    const { url, seen } = await backend((response) => answer(response, 200, { fileId: "f1" }));
    const image = await new MediaBackend(url, { tokens: OLD }).uploadDirectly(PICTURE);
    expect(image.id).toBe("uploads/one/complete/");
    expect(seen.at(-1)!.body).toBe('{"file_id":"f1"}');
    expect(seen[1]!.headers.authorization).toBeUndefined();
    expect(seen[1]!.body).toMatch(/name="token"[^]*name="file"/);
  });

  test("falls back to the server", async () => {
    for (const fail of [
      (response: Parameters<typeof answer>[0]) => void response.destroy(),
      (response: Parameters<typeof answer>[0]) => answer(response, 403, { message: "No." }),
    ]) {
      const { url, close } = await backend(fail);
      const image = await new MediaBackend(url, { tokens: OLD }).uploadDirectly(PICTURE);
      expect(image.id).toBe("images/");
      close();
    }
  });

  test("does not upload again what has arrived", async () => {
    const { url } = await backend((response) => void response.destroy(), true);
    const image = await new MediaBackend(url, { tokens: OLD }).uploadDirectly(PICTURE);
    expect(image.id).toBe("one");
  });

  test("does not fall back after an abort", async () => {
    const controller = new AbortController();
    const { url, seen } = await backend(() => controller.abort());
    const api = new MediaBackend(url, { tokens: OLD });
    const upload = api.uploadDirectly(PICTURE, {}, { signal: controller.signal });
    await expect(upload).rejects.toMatchObject({ name: "AbortError" });
    expect(seen.map((one) => one.path)).toEqual(["uploads/", "/imagekit"]);
  });
});

test("listing walks through the pages, at this server only", async () => {
  const { url, seen } = await start(({ query }, response) => {
    const number = Number(query.get("cursor") ?? 1);
    const next = number < 3 ? `https://elsewhere.example/?cursor=${number + 1}` : null;
    answer(response, 200, { next, results: [{ id: `${number}a` }, { id: `${number}b` }] });
  });
  const ids: string[] = [];
  for await (const image of new MediaBackend(url).listImages({ search: "sea" })) {
    ids.push(image.id);
    if (ids.length === 5) break;
  }
  expect(ids).toEqual(["1a", "1b", "2a", "2b", "3a"]);
  expect(seen.map((one) => one.query.toString())).toEqual([
    "search=sea", "search=sea&cursor=2", "search=sea&cursor=3",
  ]);
});

test("an answer that is not JSON is an error too", async () => {
  const { url } = await start((_, response) => void response.writeHead(502).end("<h1>Bad gateway"));
  const failure = new MediaBackend(url).getAccount();
  await expect(failure).rejects.toMatchObject({ status: 502, code: "unknown" });
});

test("imgAttributes gives what an img needs, and null after a take-down", () => {
  const image = {
    renditions: { medium: "m.jpg", srcset: "s.jpg 320w" },
    width: 4, height: 3, alt_text: "The sea", dominant_color: "#0000ff",
  } as Image;
  expect(imgAttributes(image, "40rem")).toEqual({
    src: "m.jpg", srcset: "s.jpg 320w", sizes: "40rem",
    width: 4, height: 3, alt: "The sea", style: "background: #0000ff",
  });
  expect(imgAttributes({ ...image, renditions: null })).toBeNull();
});
