// Uses the generated types as a client does: this file has to compile.
import createClient from "openapi-fetch";
import type { components, operations, paths } from "./generated.js";

const client = createClient<paths>({ baseUrl: "http://127.0.0.1:8000" });
type Image = components["schemas"]["Image"];

export async function useEverything(file: string): Promise<string | null> {
  const signedUp = await client.POST("/api/v1/auth/signup/", {
    body: { email: "ann@example.com", password: "violet-harbour-41" },
  });
  if (signedUp.response.status === 201 && signedUp.data && "access" in signedUp.data) {
    signedUp.data.user.email.toLowerCase();
  }
  const uploaded = await client.POST("/api/v1/images/", {
    params: { header: { "Idempotency-Key": "one" } },
    body: { file, caption: "The lake", visibility: "public" },
  });
  if (uploaded.error) throw new Error(uploaded.error.errors[0]?.code);
  const image: Image = uploaded.data;
  const edited = await client.PATCH("/api/v1/images/{id}/", {
    params: { path: { id: image.id } },
    body: { caption: "The lake at dawn" },
  });
  edited.data?.duplicate_of satisfies string | null | undefined;
  const listed = await client.GET("/api/v1/images/", {
    params: { query: { page_size: 10, visibility: "private" } },
  });
  listed.data?.results.map((one) => one.renditions?.srcset.length);
  await client.GET("/api/v1/users/me/export/", { parseAs: "blob" });
  await client.DELETE("/api/v1/users/me/", {
    body: { password: "violet-harbour-41" },
  });
  return image.url;
}

// A sign-up tells 201 from 202.
type SignUp = operations["auth.signUp"]["responses"];
export const created: keyof SignUp[201]["content"]["application/json"] = "access";
export const accepted: keyof SignUp[202]["content"]["application/json"] = "detail";
