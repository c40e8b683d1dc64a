import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";

/** OpenAPI from the routes' own schemas, at /docs and /docs/json. */
export async function useDocs(app: FastifyInstance, version: string, publicUrl: string | undefined): Promise<void> {
  await app.register(swagger, {
    // Every operation says what key it needs, also none, and has a name that generated clients call it by.
    transform: ({ schema, url, route }) => ({
      schema: { security: [], operationId: nameOf(String(route.method), url), ...schema },
      url,
    }),
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Lode coordinator",
        version,
        description: "OpenAI-compatible inference with double-entry receipts.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: publicUrl ?? "/" }],
      tags: [
        { name: "openai", description: "What OpenAI's client libraries call" },
        { name: "anthropic", description: "What Anthropic's client libraries call" },
        { name: "wallet", description: "A key's money" },
        { name: "jobs", description: "Asynchronous jobs" },
        { name: "miner", description: "Miners that poll over HTTP" },
        { name: "nodes", description: "Machines: registration, figures, heartbeats" },
        { name: "log", description: "The public receipt log: no key needed" },
        { name: "explorer", description: "What the explorer's pages show: no key needed but for an account's own" },
        { name: "verification", description: "Letters between verifiers and miners: sealed transcripts" },
        { name: "keys", description: "API keys and who this coordinator is" },
        { name: "miners", description: "The miner's link where no WebSocket gets through" },
        { name: "operations", description: "Health and metrics" },
      ],
      components: {
        securitySchemes: {
          key: { type: "http", scheme: "bearer" },
          anthropicKey: { type: "apiKey", in: "header", name: "x-api-key" },
        },
      },
    },
  });
  await app.register(swaggerUi, { routePrefix: "/docs" });
}

/** `GET /v1/models/:model` as `getV1ModelsByModel`. */
function nameOf(method: string, url: string): string {
  const words = url.split(/[^A-Za-z0-9:]+/).filter((word) => word !== "");
  const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  const parts = words.map((word) => (word.startsWith(":") ? `By${capital(word.slice(1))}` : capital(word)));
  return method.toLowerCase() + parts.join("");
}
