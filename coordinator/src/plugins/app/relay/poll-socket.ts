import { EventEmitter } from "node:events";
import { limits, type PollFrame, type PollReceived } from "@lode/protocol";
import type { MinerSocket } from "./link.ts";

const states = { open: 1, closed: 3 } as const;
/** A miner that neither asks nor sends for so long is gone. */
const silentMs = 30_000;
/** How long the reason of an end is kept for whoever asks. */
const lingerMs = 10_000;

/** A miner's link over plain HTTP, looking to the hub like the WebSocket that it stands for. */
export class PollSocket extends EventEmitter implements MinerSocket {
  readonly OPEN = states.open;
  readyState: number = states.open;
  isPaused = false;
  readonly #forget: () => void;
  /** Frames that the miner has not said to have, the first of them with number `#first`. */
  #out: { frame: PollFrame; bytes: number }[] = [];
  #first = 1;
  #outBytes = 0;
  #closed: { code: number; reason: string } | undefined;
  #heard = 0;
  #asking: (() => void) | undefined;
  #timer: NodeJS.Timeout;

  /** @param forget called when nothing more can be asked of it */
  constructor(forget: () => void) {
    super();
    this.#forget = forget;
    this.#timer = this.#watch(silentMs, () => this.terminate());
  }

  get bufferedAmount(): number {
    return this.#outBytes;
  }

  send(data: string): void {
    this.#push({ text: data }, Buffer.byteLength(data, "utf8"));
  }

  ping(): void {
    this.#push({ control: "ping" }, 0);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.emit("resume");
  }

  close(code: number, reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = { code, reason };
    this.readyState = states.closed;
    clearTimeout(this.#timer);
    this.#timer = this.#watch(lingerMs, this.#forget);
    this.#asking?.();
    this.emit("close");
  }

  terminate(): void {
    this.close(1006, "the link ended");
  }

  /**
   * Hears what a miner sends. False for a number that does not follow: something was lost, and the link with it.
   * While the hub wants no more, the answer waits, and the miner with it.
   */
  async hear(number: number, frames: readonly PollFrame[]): Promise<boolean> {
    this.#stir();
    if (number === this.#heard) return true;
    if (number !== this.#heard + 1) return false;
    this.#heard = number;
    for (const frame of frames) {
      if ("text" in frame) this.emit("message", Buffer.from(frame.text, "utf8"), false);
      else if ("binary" in frame) this.emit("message", Buffer.from(frame.binary, "base64"), true);
      else if (frame.control === "ping") this.#push({ control: "pong" }, 0);
      else this.emit("pong");
    }
    if (this.isPaused && this.readyState === states.open) await this.#resumed();
    return true;
  }

  /** What is there behind number `after`; waits for something at most so long. A newer question ends an older one. */
  async ask(after: number, waitMs: number): Promise<PollReceived> {
    this.#stir();
    const had = Math.max(0, Math.min(after - this.#first + 1, this.#out.length));
    for (const { bytes } of this.#out.splice(0, had)) this.#outBytes -= bytes;
    this.#first += had;
    if (this.#out.length === 0 && this.#closed === undefined) await this.#something(waitMs);
    const frames: PollFrame[] = [];
    let size = 0;
    for (const { frame, bytes } of this.#out) {
      if (frames.length >= limits.pollFrames || (frames.length > 0 && size + bytes > limits.pollBytes)) break;
      frames.push(frame);
      size += bytes;
    }
    const isAll = frames.length === this.#out.length;
    return {
      last: this.#first + frames.length - 1,
      frames,
      ...(this.#closed !== undefined && isAll && { closed: this.#closed }),
    };
  }

  #push(frame: PollFrame, bytes: number): void {
    if (this.readyState !== states.open) return;
    this.#out.push({ frame, bytes });
    this.#outBytes += bytes;
    this.#asking?.();
  }

  #stir(): void {
    if (this.readyState === states.open) this.#timer.refresh();
  }

  async #something(waitMs: number): Promise<void> {
    this.#asking?.();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    this.#asking = wake;
    const timer = setTimeout(wake, waitMs);
    await promise;
    clearTimeout(timer);
    if (this.#asking === wake) this.#asking = undefined;
    this.#stir();
  }

  async #resumed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const go = (): void => resolve(undefined);
    this.once("resume", go);
    this.once("close", go);
    await promise;
    this.off("resume", go);
    this.off("close", go);
  }

  #watch(ms: number, work: () => void): NodeJS.Timeout {
    return setTimeout(work, ms).unref();
  }
}
