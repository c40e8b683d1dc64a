import { EventEmitter } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { limits, PollReceived, type PollFrame, type PollOpened } from "@lode/protocol";
import { Check } from "typebox/value";
import type { LinkSocket } from "./socket.ts";

export interface PollOptions {
  readonly coordinatorUrl: string;
  /** Longest that a question may be held, seconds. */
  readonly pollSecs: number;
}

const states = { connecting: 0, open: 1, closed: 3 } as const;
/** For a request that is not held. */
const requestMs = 15_000;
const tries = 3;
/** An answer is a page of frames at most. */
const mostBytes = 8 * 1024 * 1024;

/** A link over plain HTTP that looks like a WebSocket: one question is always open, and sendings follow each other. */
export function openPollSocket(options: PollOptions): LinkSocket {
  return new PollSocket(options);
}

class PollSocket extends EventEmitter implements LinkSocket {
  readonly OPEN = states.open;
  readyState: number = states.connecting;
  readonly #options: PollOptions;
  readonly #ended = new AbortController();
  #url: URL | undefined;
  #waiting: { frame: PollFrame; bytes: number }[] = [];
  #sending: Promise<void> | undefined;
  #number = 0;

  constructor(options: PollOptions) {
    super();
    this.#options = options;
    void this.#run();
  }

  send(data: string | Uint8Array): void {
    const frame =
      typeof data === "string"
        ? { text: data }
        : { binary: Buffer.from(data.buffer, data.byteOffset, data.length).toString("base64") };
    this.#queue(frame, data.length);
  }

  ping(): void {
    this.#queue({ control: "ping" }, 0);
  }

  close(): void {
    // What was said before the goodbye still goes out.
    void (this.#sending ?? Promise.resolve()).then(() => this.terminate());
  }

  terminate(): void {
    this.#end();
  }

  async #run(): Promise<void> {
    try {
      const opened = (await this.#request("/v1/miner/link", { method: "POST" }, requestMs)) as PollOpened;
      if (typeof opened.link !== "string" || !/^[0-9a-f]{64}$/.test(opened.link)) throw new Error("it opens no link");
      this.#url = new URL(`/v1/miner/link/${opened.link}`, this.#options.coordinatorUrl);
      if (this.readyState === states.closed) {
        this.#goodbye();
        return;
      }
      this.readyState = states.open;
      this.emit("open");
      await this.#receive();
      this.#end();
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #receive(): Promise<void> {
    const { pollSecs } = this.#options;
    let after = 0;
    while (this.readyState === states.open) {
      const path = `${this.#url?.pathname ?? ""}?after=${after}&wait_secs=${pollSecs}`;
      const page = await this.#retried(() => this.#request(path, {}, pollSecs * 1000 + requestMs));
      if (!Check(PollReceived, page) || page.last !== after + page.frames.length)
        throw new Error("its page of frames is none");
      after = page.last;
      for (const frame of page.frames) this.#hear(frame);
      if (page.closed !== undefined) return;
    }
  }

  #hear(frame: PollFrame): void {
    if ("text" in frame) this.emit("message", Buffer.from(frame.text, "utf8"), false);
    else if ("binary" in frame) this.emit("message", Buffer.from(frame.binary, "base64"), true);
    else if (frame.control === "pong") this.emit("pong");
    else {
      this.#queue({ control: "pong" }, 0);
      this.emit("ping");
    }
  }

  #queue(frame: PollFrame, bytes: number): void {
    if (this.readyState !== states.open) return;
    this.#waiting.push({ frame, bytes });
    // What comes in one turn goes out together.
    this.#sending ??= new Promise<void>((go) => setImmediate(go))
      .then(() => this.#sendAll())
      .catch((error: unknown) => this.#end(error instanceof Error ? error : new Error(String(error))))
      .finally(() => (this.#sending = undefined));
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0 && this.readyState === states.open) {
      let [count, size] = [0, 0];
      for (const { bytes } of this.#waiting) {
        if (count >= limits.pollFrames || (count > 0 && size + bytes > limits.pollBytes)) break;
        count += 1;
        size += bytes;
      }
      const frames = this.#waiting.splice(0, count).map(({ frame }) => frame);
      const number = ++this.#number;
      const body = JSON.stringify({ number, frames });
      const headers = { "content-type": "application/json" };
      await this.#retried(() => this.#request(this.#url?.pathname ?? "", { method: "POST", headers, body }, requestMs));
    }
  }

  /** Numbers make a repetition harmless. A refusal is an answer, and not asked for again. */
  async #retried(request: () => Promise<unknown>): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request();
      } catch (error) {
        if (attempt === tries || error instanceof RefusedError || this.readyState !== states.open) throw error;
        await wait(250 * attempt, undefined, { signal: this.#ended.signal });
      }
    }
  }

  async #request(path: string, init: RequestInit, timeoutMs: number): Promise<unknown> {
    const answer = await fetch(new URL(path, this.#options.coordinatorUrl), {
      ...init,
      redirect: "error",
      signal: AbortSignal.any([this.#ended.signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (!answer.ok) {
      await answer.body?.cancel();
      throw new RefusedError(`the coordinator answers ${answer.status} to a link over HTTP`);
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > mostBytes) throw new RefusedError("the coordinator sends too much at once");
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  }

  #end(error?: Error): void {
    if (this.readyState === states.closed) return;
    this.readyState = states.closed;
    this.#ended.abort();
    this.#goodbye();
    if (error !== undefined) this.emit("error", error);
    this.emit("close");
  }

  /** Nobody waits for its answer. */
  #goodbye(): void {
    if (this.#url === undefined) return;
    void fetch(this.#url, { method: "DELETE", signal: AbortSignal.timeout(requestMs) })
      .then((answer) => answer.body?.cancel())
      .catch(() => undefined);
  }
}

class RefusedError extends Error {
  override readonly name = "RefusedError";
}
