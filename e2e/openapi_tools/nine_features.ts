// The nine features, the export and the deletion of the account, with the generated types.
import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { paths } from "./generated.js";

const [baseUrl = "", email = "", password = "", path = ""] = process.argv.slice(2);
const file = new Blob([await readFile(path)], { type: "image/jpeg" });
let access = "";
const client = createClient<paths>({ baseUrl });
client.use({
  onRequest({ request }) {
    if (access) request.headers.set("Authorization", `Bearer ${access}`);
  },
});

/** The generated type of a file is `string`; the form takes the file itself. */
function toForm(body: object | undefined): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...body, file })) {
    if (value instanceof Blob) form.append(name, value, "dunes.jpg");
    else form.append(name, String(value));
  }
  return form;
}

function must<T>(answer: { data?: T; error?: unknown }): T {
  assert.equal(answer.error, undefined);
  return answer.data as T;
}

const user = must(await client.POST("/api/v1/auth/signup/", { body: { email, password } }));
assert("user" in user && user.user.email === email);
access = must(await client.POST("/api/v1/auth/token/", { body: { email, password } })).access;
const image = must(await client.POST("/api/v1/images/", {
  params: { header: { "Idempotency-Key": "one" } },
  body: { file: "", caption: "Dunes" },
  bodySerializer: toForm,
}));
const params = { path: { id: image.id } };
const one = "/api/v1/images/{id}/";
assert.equal(must(await client.GET(one, { params })).caption, "Dunes");
const edited = must(await client.PATCH(one, { params, body: { caption: "Dawn" } }));
assert.equal(edited.caption, "Dawn");
const replaced = must(await client.PATCH(one, {
  params, body: { file: "" }, bodySerializer: toForm,
}));
assert.notEqual(replaced.url, image.url);
assert(replaced.renditions && (await fetch(replaced.renditions.small)).ok);
const query = { page_size: 10, search: "dawn" };
const page = must(await client.GET("/api/v1/images/", { params: { query } }));
assert.deepEqual([page.count, page.results[0]?.id], [1, image.id]);
assert.equal(must(await client.GET("/api/v1/users/me/")).image_count, 1);
const zip = must(await client.GET("/api/v1/users/me/export/", { parseAs: "blob" }));
assert.equal(await (zip as unknown as Blob).slice(0, 2).text(), "PK");
const deleted = await client.DELETE(one, { params });
assert.equal(deleted.response.status, 204);
const gone = await client.DELETE("/api/v1/users/me/", { body: { password } });
assert.equal(gone.response.status, 204);
const again = await client.POST("/api/v1/auth/token/", { body: { email, password } });
assert.equal(again.error?.errors[0]?.code, "no_active_account");
console.log("done");
