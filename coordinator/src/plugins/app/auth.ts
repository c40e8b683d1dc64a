import type { Hex } from "@lode/sdk/hash";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { KeyRecord, KeyScope } from "../../domain/settlement/index.ts";
import { ApiError } from "../../errors.ts";
import { addressGroup, tooManyRequests } from "../external/rate-limit.ts";
import { WindowCounter } from "../external/window-counter.ts";

/** Whose money a request spends, and the API key whose caps count. */
export interface Payer {
  readonly client: Hex;
  readonly key: string;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Scopes that may call the route; a route without them is open to everybody. */
    scopes?: readonly KeyScope[];
    /** Scopes that a key must have when one comes, on a route that is open to everybody. */
    optionalScopes?: readonly KeyScope[];
  }
  interface FastifyRequest {
    /** The key that the request carries; only on routes with scopes. */
    key(): KeyRecord;
    keyRecord: KeyRecord | null;
    /** The machine whose token the request carries instead of a key. */
    machineId: string | null;
    payer(): Payer;
    /** What seals answers that only this key's holder may read. Never to be kept. */
    keySecret(): string;
  }
}

/** Wrong keys that one address may send in a minute. */
const maximumFailures = 60;

/** Checks the bearer key of every route that names scopes. Guessing keys is slowed down by address. */
export function useAuth(app: FastifyInstance): void {
  const failures = new WindowCounter(60_000);
  const refused = new WindowCounter(60_000);
  const refuse = (request: FastifyRequest, code: string, message: string): never => {
    const from = addressGroup(request.ip);
    const count = failures.add(from, app.nowMs());
    // Once for each window: a flood of guesses must not fill the disk.
    if (count.count === maximumFailures + 1) app.audit.note({ action: "auth.blocked", from });
    if (count.count > maximumFailures) throw tooManyRequests("Too many wrong keys came from your address.", count);
    throw new ApiError(401, code, message, { headers: { "www-authenticate": "Bearer" } });
  };
  app.decorateRequest("keyRecord", null);
  app.decorateRequest("machineId", null);
  app.decorateRequest("key", function (this: FastifyRequest) {
    if (this.keyRecord === null) throw new Error("a route without scopes asked for its key");
    return this.keyRecord;
  });
  app.decorateRequest("payer", function (this: FastifyRequest) {
    const { account, prefix } = this.key();
    return { client: account, key: prefix };
  });
  app.decorateRequest("keySecret", function (this: FastifyRequest) {
    if (this.keyRecord === null) throw new Error("a route without scopes asked for its key");
    return app.ledger.keys.answersSecret(this.keyRecord, tokenOf(this) ?? "");
  });
  const authenticate = (request: FastifyRequest): void => {
    const { scopes: needed, optionalScopes } = request.routeOptions.config;
    const scopes = needed ?? optionalScopes;
    if (scopes === undefined) return;
    const token = tokenOf(request);
    if (token === undefined) {
      if (needed === undefined && request.headers.authorization === undefined) return;
      return refuse(request, "missing_api_key", "No API key: send 'Authorization: Bearer lode_…'.");
    }
    const machine = app.nodeTokens.authenticate(token);
    const key = machine?.record ?? app.ledger.keys.authenticate(token);
    if (key === undefined) return refuse(request, "invalid_api_key", "The API key is unknown, revoked or expired.");
    if (!scopes.includes(key.scope)) {
      if (refused.add(key.prefix, app.nowMs()).count === 1) {
        const { account, prefix, scope } = key;
        app.audit.note({ action: "scope.refused", account, key: prefix, detail: { scope } });
      }
      throw new ApiError(
        403,
        "wrong_scope",
        `A ${key.scope} key cannot do this; it needs one of: ${scopes.join(", ")}.`,
      );
    }
    request.keyRecord = key;
    request.machineId = machine?.nodeId ?? null;
  };
  app.addHook("onRequest", (request, _reply, done) => {
    authenticate(request);
    done();
  });
}

/** The key as OpenAI's clients send it, or else as Anthropic's do. */
function tokenOf({ headers }: FastifyRequest): string | undefined {
  const plain = headers["x-api-key"];
  if (headers.authorization === undefined && typeof plain === "string" && plain !== "") return plain;
  const [scheme, token = "", rest] = (headers.authorization ?? "").split(" ");
  return scheme?.toLowerCase() === "bearer" && token !== "" && rest === undefined ? token : undefined;
}
