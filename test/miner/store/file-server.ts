import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { models } from "../engines/engine-helper.ts";

/** A real model file, small enough to send around. */
export const content = readFileSync(models.pieces);
export const digest = createHash("sha256").update(content).digest("hex");

export interface FileServer {
  readonly base: string;
  /** Requests so far: the path, and the range asked for. */
  readonly asked: { path: string; range: string | undefined }[];
  /** How many bytes of `/cut` are sent before the line breaks. */
  cutAfter: number;
  /** What `/tagged` is now: another version has another tag. */
  version: number;
  close(): void;
}

/** Serves `content` in good and bad ways, by path. */
export async function startFileServer(): Promise<FileServer> {
  const asked: FileServer["asked"] = [];
  const server: Server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    asked.push({ path, range: request.headers.range });
    answer(path, request, response, self);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const self: FileServer = {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    cutAfter: content.length,
    version: 1,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return self;
}

function answer(path: string, request: IncomingMessage, response: ServerResponse, server: FileServer): void {
  switch (path) {
    case "/missing":
      return void response.writeHead(404).end();
    case "/broken":
      return void response.writeHead(500).end();
    case "/teapot":
      return void response.writeHead(418).end();
    case "/silent":
      return void response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 10));
    case "/endless":
      return endless(response);
    case "/text":
      return void response.end("hello");
    case "/moved":
      return void response.writeHead(302, { location: "/tagged/model.gguf", "x-linked-etag": `"${digest}"` }).end();
    case "/misled":
      return void response.writeHead(302, { location: "/file", "x-linked-etag": `"${"0".repeat(64)}"` }).end();
    case "/circle":
      return void response.writeHead(302, { location: "/circle" }).end();
    case "/away":
      return void response.writeHead(302, { location: "file:///etc/passwd" }).end();
    case "/plain":
      return void response.writeHead(200, { "content-length": content.length }).end(content);
    case "/shifted":
      return partly(request, response, server, 7);
    default:
      return partly(request, response, server, 0);
  }
}

/** With ranges; `/cut` breaks off after a while, `/untagged` names no version. */
function partly(request: IncomingMessage, response: ServerResponse, server: FileServer, shift: number): void {
  const tag = `"v${server.version}"`;
  if (request.url?.startsWith("/untagged") !== true) response.setHeader("etag", tag);
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const isSame = request.headers["if-range"] === undefined || request.headers["if-range"] === tag;
  const from = asked !== undefined && isSame ? Number(asked) + shift : 0;
  if (from >= content.length) {
    return void response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
  }
  const rest = content.subarray(from);
  const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length, ...(from > 0 && range) });
  if (request.url !== "/cut" || rest.length <= server.cutAfter) return void response.end(rest);
  // The bytes have to be on their way before the line breaks.
  response.write(rest.subarray(0, server.cutAfter), () => setTimeout(() => response.destroy(), 20));
}

function endless(response: ServerResponse): void {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(1 << 16)));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}
