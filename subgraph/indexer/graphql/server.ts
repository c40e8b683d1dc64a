import Fastify, { type FastifyInstance } from "fastify";
import mercurius from "mercurius";
import type { Database } from "../database.ts";
import { checkLimits, MAXIMUM_BODY_BYTES, MAXIMUM_TOKENS } from "./limits.ts";
import { makeLoaders, makeResolvers, type IndexState } from "./resolvers.ts";
import { renderSdl } from "./sdl.ts";

/** Milliseconds that a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTIONS = 200;

/** The GraphQL endpoint `/graphql` over an index. It changes nothing and everybody may read, from web pages too. */
export async function buildServer(database: Database, state: () => IndexState): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit: MAXIMUM_BODY_BYTES, requestTimeout: REQUEST_TIMEOUT_MS });
  app.server.maxConnections = CONNECTIONS;
  app.addHook("onRequest", async (request, reply) => {
    void reply.header("access-control-allow-origin", "*");
    if (request.method !== "OPTIONS") return;
    void reply.header("access-control-allow-headers", "content-type");
    await reply.code(204).send();
  });
  app.options("/graphql", async (_, reply) => reply.code(204).send());
  await app.register(mercurius, {
    schema: renderSdl(database.model),
    resolvers: makeResolvers(database, state),
    loaders: makeLoaders(database),
    graphql: { parseOptions: { maxLexicalTokens: MAXIMUM_TOKENS } },
    graphiql: false,
  });
  app.graphql.addHook("preExecution", async (schema, document, _, variables) => {
    checkLimits(schema, document, (variables as Record<string, unknown> | undefined) ?? {});
    return undefined;
  });
  return app;
}
