import { once } from "node:events";
import type { ServerResponse } from "node:http";

export interface EventStreamOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** How long a client may leave what was sent unread; then it counts as gone. */
  readonly clientStallMs: number;
  /** A silent stream shows a sign of life this often, so that proxies keep it open. */
  readonly keepAliveMs: number;
  /** That sign: a comment, which every client skips, unless given. */
  readonly alive?: string | undefined;
  /** Called when the client does not read. */
  readonly onStall: () => void;
}

/** A response as a stream of server-sent events. */
export class EventStream {
  readonly #raw: ServerResponse;
  readonly #options: EventStreamOptions;
  readonly #keepAlive: NodeJS.Timeout;
  #stall: NodeJS.Timeout | undefined;

  constructor(raw: ServerResponse, options: EventStreamOptions) {
    this.#raw = raw;
    this.#options = options;
    raw.writeHead(200, {
      ...options.headers,
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    });
    this.#keepAlive = setInterval(() => {
      // A client that does not read gets none piled up.
      if (!raw.writableNeedDrain) raw.write(options.alive ?? ": still working\n\n");
    }, options.keepAliveMs);
    this.#keepAlive.unref();
  }

  /** Whether more may be written at once. What nobody reads any more is dropped. */
  write(event: string): boolean {
    return this.#raw.destroyed || this.#raw.write(event);
  }

  /** Calls back when the client has read or is gone; a client that does not read for too long is given up. */
  onDrain(resume: () => void): void {
    this.#stall ??= setTimeout(() => this.#options.onStall(), this.#options.clientStallMs).unref();
    const goOn = (): void => {
      this.#raw.off("drain", goOn);
      this.#raw.off("close", goOn);
      clearTimeout(this.#stall);
      this.#stall = undefined;
      resume();
    };
    if (this.#raw.destroyed) return goOn();
    this.#raw.once("drain", goOn);
    this.#raw.once("close", goOn);
  }

  /** Sends the last events and resolves when the response is finished or the client is gone. */
  async end(events: string): Promise<void> {
    clearInterval(this.#keepAlive);
    clearTimeout(this.#stall);
    if (this.#raw.destroyed) return;
    this.#stall = setTimeout(() => this.#raw.destroy(), this.#options.clientStallMs).unref();
    this.#raw.end(events);
    if (!this.#raw.closed) await once(this.#raw, "close");
    clearTimeout(this.#stall);
  }
}
