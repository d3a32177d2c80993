import { type Call, Connection, type Options, type Tokens } from "./connection.js";
import type { components, operations } from "./schema.js";
import {
  type Picture,
  type Texts,
  type UploadedImage,
  type UploadOptions,
  newKey,
  uploadDirectly,
  uploadToServer,
} from "./upload.js";

type Schemas = components["schemas"];
export type User = Schemas["User"];
export type Image = Schemas["Image"];
export type Filters = Omit<
  NonNullable<operations["images.list"]["parameters"]["query"]>, "cursor"
>;
export interface Page { next: string | null; results: Image[] }

/** The API for one person. Throws an `ApiError` for each answer of 400 or more. */
export class MediaBackend {
  readonly #connection: Connection;

  constructor(url: string, options: Options = {}) {
    this.#connection = new Connection(url, options);
  }

  /** The tokens of the present sign-in, or null. */
  get tokens(): Tokens | null {
    return this.#connection.tokens;
  }

  /** Create an account and sign in. Null means that a mail tells how to go on. */
  async signUp(json: Schemas["SignUp"]): Promise<User | null> {
    const path = "auth/signup/";
    const call = { method: "POST", json, anonymous: true };
    const answer = await this.#connection.json<Partial<Schemas["SignedUp"]>>(path, call);
    const { access, refresh, user } = answer;
    if (!access || !refresh || !user) return null;
    this.#connection.tokens = { access, refresh };
    return user;
  }

  async signIn(email: string, password: string): Promise<void> {
    const call = { method: "POST", json: { email, password }, anonymous: true };
    this.#connection.tokens = await this.#connection.json<Tokens>("auth/token/", call);
  }

  /** End this sign-in, at the server too. */
  async signOut(): Promise<void> {
    const refresh = this.tokens?.refresh;
    if (!refresh) return;
    const call = { method: "POST", json: { refresh } };
    const ended = this.#connection.call("auth/logout/", call); // with the tokens of now
    this.#connection.tokens = null;
    await ended;
  }

  getAccount(): Promise<User> {
    return this.#connection.json("users/me/");
  }

  updateAccount(json: Schemas["UserEdit"]): Promise<User> {
    return this.#connection.json("users/me/", { method: "PATCH", json, repeatable: true });
  }

  /** Delete the account and all its images. */
  async deleteAccount(password: string): Promise<void> {
    await this.#connection.call("users/me/", { method: "DELETE", json: { password } });
    this.#connection.tokens = null;
  }

  /** Get a ZIP file with everything that the account has. */
  async exportAccount(): Promise<Blob> {
    const headers = { Accept: "application/zip" };
    return (await this.#connection.call("users/me/export/", { headers })).blob();
  }

  upload(file: Picture, texts: Texts = {}, options: UploadOptions = {}): Promise<UploadedImage> {
    return uploadToServer(this.#connection, "POST", "images/", file, texts, options);
  }

  /** Send a picture straight to ImageKit, or to the server if that fails. */
  uploadDirectly(
    file: Picture, texts: Texts = {}, options: UploadOptions = {},
  ): Promise<UploadedImage> {
    return uploadDirectly(this.#connection, file, texts, options);
  }

  /** Replace the file of an image. Texts that are left out stay. */
  replaceFile(
    id: string, file: Picture, texts: Texts = {}, options: UploadOptions = {},
  ): Promise<UploadedImage> {
    return uploadToServer(this.#connection, "PATCH", `images/${id}/`, file, texts, options);
  }

  getImage(id: string): Promise<Image> {
    return this.#connection.json(`images/${id}/`);
  }

  updateImage(id: string, json: Texts): Promise<UploadedImage> {
    const call = { method: "PATCH", json, idempotencyKey: newKey() };
    return this.#connection.json(`images/${id}/`, call);
  }

  async deleteImage(id: string): Promise<void> {
    await this.#connection.call(`images/${id}/`, { method: "DELETE" });
  }

  deleteImages(ids: string[]): Promise<Schemas["BulkDeleteAnswer"]> {
    const call = { method: "POST", json: { ids }, idempotencyKey: newKey() };
    return this.#connection.json("images/bulk-delete/", call);
  }

  /** Walk through the caller's images, newest first. Asks for a page when it is needed. */
  listImages(filters: Filters = {}): AsyncGenerator<Image, void, undefined> {
    return this.#walk("images/", filters);
  }

  /** Walk through everybody's public images, or those of one user. */
  listFeed(userId?: string, pageSize = 20): AsyncGenerator<Image, void, undefined> {
    const path = userId ? `users/${userId}/images/` : "feed/";
    return this.#walk(path, { page_size: pageSize });
  }

  /** Call any other operation below `/api/v1/`, such as `uploads/limits/`. */
  call(path: string, call: Call = {}): Promise<Response> {
    return this.#connection.call(path, call);
  }

  async *#walk(path: string, filters: Filters): AsyncGenerator<Image, void, undefined> {
    let cursor: string | undefined;
    do {
      const query = { ...filters, cursor };
      const page = await this.#connection.json<Page>(path, { query });
      yield* page.results;
      // Only the cursor is taken, so no token goes to another host.
      cursor = page.next ? (new URL(page.next).searchParams.get("cursor") ?? undefined) : undefined;
    } while (cursor);
  }
}
