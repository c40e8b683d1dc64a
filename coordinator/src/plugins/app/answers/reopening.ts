import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiError } from "../../../errors.ts";
import { WindowCounter } from "../../external/window-counter.ts";

export interface ReopeningBounds {
  /** Of one account in a minute, bytes of files. */
  readonly bytesPerMinute: number;
  /** Of everybody, in answers that are not out yet. */
  readonly bytesAtOnce: number;
}

/** Several times the largest answer there is, four pictures in base64, and less than what a small machine has. */
export const usualReopening: ReopeningBounds = { bytesPerMinute: 256 * 2 ** 20, bytesAtOnce: 256 * 2 ** 20 };

const minuteMs = 60_000;
/** What this or less takes is not looked at for itself: requests are counted. */
const smallBytes = 64 * 1024;

/**
 * Bounds what kept answers cost that are asked for again: nobody pays for it, and a picture of megabytes is read, opened, written
 * as JSON and held until its client has read it, each time.
 */
export class Reopening {
  readonly #bounds: ReopeningBounds;
  readonly #nowMs: () => number;
  readonly #accounts = new WindowCounter(minuteMs, 100_000);
  #open = 0;

  constructor(bounds: ReopeningBounds, nowMs: () => number) {
    this.#bounds = bounds;
    this.#nowMs = nowMs;
  }

  /** Counts an answer that a request opens again until it is out. Throws ApiError 429 and 503. */
  enter(request: FastifyRequest, { raw }: FastifyReply, bytes: number): void {
    if (bytes <= smallBytes) return;
    const { count, secondsLeft } = this.#accounts.add(request.key().account, this.#nowMs(), bytes);
    const { bytesPerMinute, bytesAtOnce } = this.#bounds;
    if (count > bytesPerMinute) {
      const most = `${Math.round(bytesPerMinute / 2 ** 20)} MiB of kept answers a minute`;
      throw new ApiError(429, "rate_limit_exceeded", `An account is given ${most}. Try again in ${secondsLeft} s.`, {
        type: "rate_limit_error",
        headers: { "retry-after": `${secondsLeft}` },
      });
    }
    if (raw.closed) return;
    // The only one passes, whatever it takes.
    if (this.#open > 0 && this.#open + bytes > bytesAtOnce) {
      const message = "Too many kept answers are on their way to their clients; try again in a moment.";
      throw new ApiError(503, "busy", message, { headers: { "retry-after": "2" } });
    }
    this.#open += bytes;
    raw.once("close", () => {
      this.#open -= bytes;
    });
  }
}
