import { isIPv6 } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "../../errors.ts";
import { askedOf } from "./asked.ts";
import { WindowCounter, type Count } from "./window-counter.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Requests a minute that one caller may make of this route, when fewer than of all routes. */
    requestsPerMinute?: number;
    /** Counted for itself and not for everybody: probes must tell a busy process from a dead one. */
    isProbe?: boolean;
    /** Part of a link that was opened within the limits: as a WebSocket's frames, its requests are not counted. */
    isLink?: boolean;
  }
}

export interface RateLimits {
  /** Of one key, or of one address where there is no key. A key's own limit takes its place. */
  readonly requestsPerMinute: number;
  /** Of everybody together. */
  readonly globalRequestsPerMinute: number;
  /** For one model, of everybody together; `undefined` is the bound of models that are not named. */
  readonly modelRequestsPerMinute: ReadonlyMap<string | undefined, number>;
}

const minuteMs = 60_000;
/** Callers whose counts are remembered. */
const maximumCallers = 100_000;

/**
 * The bounds of keys, addresses, models, and of everybody. After authentication: a key is known by then. What a caller's own
 * bound refuses does not count for everybody's: one address could use that up.
 */
export function useRateLimit(app: FastifyInstance, limits: RateLimits): void {
  const all = new WindowCounter(minuteMs);
  const callers = new WindowCounter(minuteMs, maximumCallers);
  const routes = new WindowCounter(minuteMs, maximumCallers);
  const models = new WindowCounter(minuteMs);
  const count = (request: FastifyRequest, reply: FastifyReply): void => {
    const { requestsPerMinute: ofRoute, isLink, isProbe } = request.routeOptions.config;
    if (isLink === true) return;
    const { keyRecord } = request;
    // A key that took another's place shares its window: rotating wins nothing.
    const name = keyRecord === null ? `address ${addressGroup(request.ip)}` : `key ${keyRecord.family}`;
    const caller = isProbe === true ? `${request.routeOptions.url} ${name}` : name;
    const ofCaller = keyRecord?.limits.requestsPerMinute ?? limits.requestsPerMinute;
    let [limit, own] = [ofCaller, callers.add(caller, app.nowMs())];
    if (ofRoute !== undefined && ofRoute < ofCaller && own.count <= ofCaller) {
      [limit, own] = [ofRoute, routes.add(`${request.routeOptions.url} ${caller}`, app.nowMs())];
    }
    sayLimits(request, reply, limit, own, app.nowMs());
    if (own.count > limit) {
      const who = keyRecord === null ? "your address" : "this API key";
      throw tooManyRequests(`Too many requests: ${limit} a minute are ${who}'s limit.`, own);
    }
    if (isProbe === true) return;
    const ofAll = all.add("all", app.nowMs());
    if (ofAll.count <= limits.globalRequestsPerMinute) return;
    sayLimits(request, reply, limits.globalRequestsPerMinute, ofAll, app.nowMs());
    throw tooManyRequests("This coordinator is at its limit of requests.", ofAll);
  };
  const countModel = (request: FastifyRequest, reply: FastifyReply): void => {
    const { keyRecord } = request;
    const model = askedOf(request)?.model;
    if (keyRecord === null || model === undefined) return;
    if (keyRecord.limits.models?.includes(model) === false) {
      throw new ApiError(403, "model_not_allowed", "This API key may not ask for this model.", { param: "model" });
    }
    const limit = limits.modelRequestsPerMinute.get(model) ?? limits.modelRequestsPerMinute.get(undefined);
    // Only names that exist are counted: others would push them out.
    if (limit === undefined || !app.hub.knownModels.has(model)) return;
    const ofModel = models.add(model, app.nowMs());
    if (ofModel.count <= limit) return;
    sayLimits(request, reply, limit, ofModel, app.nowMs());
    throw tooManyRequests("Too many requests for this model.", ofModel);
  };
  // Not by promises: each would cost every request some turns.
  app.addHook("onRequest", (request, reply, done) => {
    count(request, reply);
    done();
  });
  app.addHook("preHandler", (request, reply, done) => {
    countModel(request, reply);
    done();
  });
}

export function tooManyRequests(message: string, { secondsLeft }: Count): ApiError {
  return new ApiError(429, "rate_limit_exceeded", `${message} Try again in ${secondsLeft} s.`, {
    type: "rate_limit_error",
    headers: { "retry-after": `${secondsLeft}` },
  });
}

/** Where a caller comes from: an IPv6 network is one caller, because whoever has an address has 2^64 of them. */
export function addressGroup(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  const [address = ""] = ip.split("%");
  if (!isIPv6(address)) return ip;
  const [head = "", tail] = address.split("::");
  const words = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  const whole = tail === undefined ? words : [...words, ...Array<string>(8 - words.length - behind).fill("0")];
  if (tail !== undefined && tail !== "") whole.push(...tail.split(":"));
  return whole
    .slice(0, 4)
    .map((word) => Number.parseInt(word, 16).toString(16))
    .join(":");
}

/** The limit that counts for a caller, under the names that the public clients and the common proxies know. */
function sayLimits(
  { routeOptions }: FastifyRequest,
  reply: FastifyReply,
  limit: number,
  { count, secondsLeft }: Count,
  nowMs: number,
): void {
  const remaining = Math.max(0, limit - count);
  reply.header("x-ratelimit-limit", limit);
  reply.header("x-ratelimit-remaining", remaining);
  reply.header("x-ratelimit-reset", secondsLeft);
  if (routeOptions.config.errors === "anthropic") {
    reply.header("anthropic-ratelimit-requests-limit", limit);
    reply.header("anthropic-ratelimit-requests-remaining", remaining);
    reply.header("anthropic-ratelimit-requests-reset", new Date(nowMs + secondsLeft * 1000).toISOString());
  } else {
    reply.header("x-ratelimit-limit-requests", limit);
    reply.header("x-ratelimit-remaining-requests", remaining);
    reply.header("x-ratelimit-reset-requests", `${secondsLeft}s`);
  }
}
