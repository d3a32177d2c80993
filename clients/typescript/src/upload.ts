import type { Connection } from "./connection.js";
import { ApiError } from "./errors.js";
import type { components } from "./schema.js";
import { transfer } from "./transport.js";

type Schemas = components["schemas"];
export type UploadedImage = Schemas["UploadedImage"];
/** Caption, alt text and visibility. */
export type Texts = Schemas["ImageEdit"];
/** A file as `FormData` takes it. A `Blob` has no name of its own. */
export type Picture = Blob & { readonly name?: string };

export interface UploadOptions {
  signal?: AbortSignal | undefined;
  /** Called with the share that has been sent, from 0 to 1. Node reports none. */
  onProgress?: ((share: number) => void) | undefined;
  /** A new one is made for each call. Give your own to repeat an upload after a restart. */
  idempotencyKey?: string | undefined;
}

const TYPES: Record<string, string> = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp",
  gif: "image/gif", heic: "image/heic", heif: "image/heif", avif: "image/avif",
};

/** Send a picture to the server, which sends it to ImageKit. */
export function uploadToServer(
  connection: Connection,
  method: "POST" | "PUT" | "PATCH",
  path: string,
  file: Picture,
  texts: Texts,
  options: UploadOptions,
): Promise<UploadedImage> {
  const form = new FormData();
  for (const [name, value] of Object.entries(texts)) {
    if (value !== undefined) form.append(name, value);
  }
  form.append("file", file, nameOf(file));
  const idempotencyKey = options.idempotencyKey ?? newKey();
  return connection.json(path, { method, form, ...options, idempotencyKey });
}

/**
 * Send a picture straight to ImageKit; if ImageKit cannot be reached or refuses it, send
 * it to the server instead. Then the progress begins anew.
 */
export async function uploadDirectly(
  connection: Connection,
  file: Picture,
  texts: Texts,
  options: UploadOptions,
): Promise<UploadedImage> {
  const { signal } = options;
  const json = { filename: nameOf(file), size: file.size, content_type: typeOf(file), ...texts };
  const ticket = await connection.json<Schemas["Ticket"]>("uploads/", {
    method: "POST", json, signal,
  });
  const fileId = await sendToImageKit(ticket, file, options);
  if (fileId === null) {
    // The file may have arrived, and a webhook may have completed the upload.
    const made = await findImage(connection, ticket.id, signal);
    return made ?? uploadToServer(connection, "POST", "images/", file, texts, options);
  }
  return connection.json(`uploads/${ticket.id}/complete/`, {
    method: "POST", json: { file_id: fileId }, repeatable: true, signal,
  });
}

/** Return the id of the stored file, or null if ImageKit did not take it. */
async function sendToImageKit(
  ticket: Schemas["Ticket"],
  file: Picture,
  { signal, onProgress }: UploadOptions,
): Promise<string | null> {
  const body = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) body.append(name, value);
  body.append("file", file, nameOf(file)); // the last one: ImageKit reads the others first
  const request = { method: "POST", headers: new Headers(), body, signal, onProgress };
  try {
    const response = await transfer(ticket.upload_url, request);
    if (!response.ok) return null;
    return ((await response.json()) as { fileId?: string }).fileId ?? null;
  } catch {
    if (signal?.aborted) throw signal.reason;
    return null;
  }
}

async function findImage(
  connection: Connection, id: string, signal?: AbortSignal,
): Promise<UploadedImage | null> {
  try {
    const image = await connection.json<Schemas["Image"]>(`images/${id}/`, { signal });
    return { ...image, removed_metadata: null, duplicate_of: null };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export function newKey(): string {
  // Pages without TLS have no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function nameOf(file: Picture): string {
  return file.name ?? "picture";
}

/** Some browsers give HEIC files no type. */
function typeOf(file: Picture): string {
  const ending = nameOf(file).split(".").pop()?.toLowerCase() ?? "";
  return file.type || TYPES[ending] || "application/octet-stream";
}
