import type { FastifyInstance, FastifyRequest } from "fastify";
import type { KeyRecord, KeyScope } from "../../domain/settlement/index.ts";
import { ApiError } from "../../errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Scopes that may call the route; a route without them is open to everybody. */
    scopes?: readonly KeyScope[];
  }
  interface FastifyRequest {
    /** The key that the request carries; only on routes with scopes. */
    key(): KeyRecord;
    keyRecord: KeyRecord | null;
  }
}

/** Checks the bearer key of every route that names scopes. */
export function useAuth(app: FastifyInstance): void {
  app.decorateRequest("keyRecord", null);
  app.decorateRequest("key", function (this: FastifyRequest) {
    if (this.keyRecord === null) throw new Error("a route without scopes asked for its key");
    return this.keyRecord;
  });
  app.addHook("onRequest", async (request) => {
    const { scopes } = request.routeOptions.config;
    if (scopes === undefined) return;
    const [scheme, token = ""] = (request.headers.authorization ?? "").split(" ");
    const headers = { "www-authenticate": "Bearer" };
    if (scheme?.toLowerCase() !== "bearer" || token === "") {
      throw new ApiError(401, "missing_api_key", "No API key: send 'Authorization: Bearer lode_…'.", { headers });
    }
    const key = app.ledger.authenticate(token);
    if (key === undefined)
      throw new ApiError(401, "invalid_api_key", "The API key is unknown or revoked.", { headers });
    if (!scopes.includes(key.scope)) {
      throw new ApiError(
        403,
        "wrong_scope",
        `A ${key.scope} key cannot do this; it needs one of: ${scopes.join(", ")}.`,
      );
    }
    request.keyRecord = key;
  });
}
