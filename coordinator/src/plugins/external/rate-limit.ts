import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../../errors.ts";

/** A fixed window of counts by name, of bounded size: for things that no plugin counts. */
export class WindowCounter {
  readonly #windowMs: number;
  readonly #maximum: number;
  readonly #counts = new Map<string, { count: number; endsMs: number }>();

  /** @param maximum names remembered; the oldest is forgotten first */
  constructor(windowMs: number, maximum = 10_000) {
    this.#windowMs = windowMs;
    this.#maximum = maximum;
  }

  /** Counts one more; gives the count in the running window and the seconds left of it. */
  add(name: string, nowMs: number): { count: number; secondsLeft: number } {
    const known = this.#counts.get(name);
    const isRunning = known !== undefined && known.endsMs > nowMs;
    const entry = isRunning
      ? { count: known.count + 1, endsMs: known.endsMs }
      : { count: 1, endsMs: nowMs + this.#windowMs };
    this.#counts.delete(name);
    this.#counts.set(name, entry);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > this.#maximum && oldest !== undefined) this.#counts.delete(oldest);
    return { count: entry.count, secondsLeft: Math.ceil((entry.endsMs - nowMs) / 1000) };
  }
}

/** Requests a minute for each key, or for each address where there is no key. */
export async function useRateLimit(app: FastifyInstance, perMinute: number): Promise<void> {
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: "1 minute",
    keyGenerator: (request) => request.keyRecord?.prefix ?? request.ip,
    errorResponseBuilder: (_request, { after }) => tooManyRequests(`Too many requests; try again in ${after}.`),
  });
}

export function tooManyRequests(message: string, headers: Readonly<Record<string, string>> = {}): ApiError {
  return new ApiError(429, "rate_limit_exceeded", message, { type: "rate_limit_error", headers });
}
