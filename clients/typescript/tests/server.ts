import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
}
type Handler = (seen: Seen, response: ServerResponse) => void | Promise<void>;

/** A server on a port of its own, which notes each request. */
export async function serve(handler: Handler) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url!, "http://server");
    const one = {
      method: request.method!,
      path: pathname.replace("/api/v1/", ""),
      query: searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString("latin1"),
    };
    seen.push(one);
    await handler(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, seen, close };
}

export function answer(
  response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

export function refuse(
  response: ServerResponse, status: number, code: string, headers: Record<string, string> = {},
): void {
  const errors = [{ code, detail: `It is ${code}.`, attr: null }];
  answer(response, status, { type: "client_error", errors }, headers);
}
