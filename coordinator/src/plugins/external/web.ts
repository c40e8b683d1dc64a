import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import { ApiError } from "../../errors.ts";
import type { Config } from "./config.ts";

/** Where the explorer's build lies unless a test names another place. */
export const builtWeb = join(import.meta.dirname, "..", "..", "..", "web", "dist");

/** What the build names its parts: nothing else of a request reaches the disk. */
const assetName = /^assets\/[\w-]+(\.[\w-]+)+$/;

/**
 * Serves the explorer at /explorer. Its pages are one document with many addresses; what has a hash in its name never
 * changes. The policy lets it load and ask nothing but this coordinator, and the node and the index that the operator names.
 */
export async function useWeb(app: FastifyInstance, config: Config, folder = builtWeb): Promise<void> {
  const headers = headersOf(config);
  const isThere = existsSync(folder);
  if (isThere) await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true });
  const answer = (reply: FastifyReply, path: string): FastifyReply => {
    if (!isThere || !existsSync(join(folder, "index.html"))) {
      const how = "The explorer is not built here: npm start and ./lode-coordinator build it.";
      throw new ApiError(404, "not_built", how);
    }
    reply.headers(headers);
    if (path.startsWith("assets/")) {
      // Looked for now: a newer build may have taken the place of the one that was there at the start.
      const isFile = assetName.test(path) && existsSync(join(folder, path));
      if (!isFile) throw new ApiError(404, "not_found", "The explorer has no such file; load the page again.");
      return reply.sendFile(path, { maxAge: "365d", immutable: true });
    }
    return reply.header("cache-control", "no-cache").sendFile("index.html", { cacheControl: false });
  };
  const schema = { hide: true };
  app.get("/", { schema }, async (_request, reply) => reply.redirect("/explorer/"));
  app.get("/explorer", { schema }, async (_request, reply) => reply.redirect("/explorer/"));
  app.get<{ Params: { "*": string } }>("/explorer/*", { schema }, async ({ params }, reply) =>
    answer(reply, params["*"]),
  );
}

function headersOf({ publicRpcUrl, publicGraphqlUrl }: Config): Readonly<Record<string, string>> {
  const named = [publicRpcUrl, publicGraphqlUrl].flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));
  const others = [...new Set(named)].map((origin) => ` ${origin}`).join("");
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // Wallets bring their icons along as data.
    "img-src 'self' data:",
    `connect-src 'self'${others}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}
