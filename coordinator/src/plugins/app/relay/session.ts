import type { Hex } from "@lode/sdk/hash";
import type { Capabilities, CoordinatorMessage, OfferedModel } from "@lode/protocol";
import type { Candidate } from "../../../domain/matching/match.ts";
import type { AttemptStream } from "./attempt-stream.ts";

/** A socket to one miner, reduced to what the hub needs of it. */
export interface Link {
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** A connected, proven miner: what it offers, what it runs, and its recent record. */
export class MinerSession {
  readonly id: string;
  readonly miner: Hex;
  readonly capabilities: Capabilities;
  readonly streams = new Map<Hex, AttemptStream>();
  readonly #link: Link;
  status: Candidate["status"] = "available";
  lastSeenMs: number;
  roundTripMs = 0;
  /** Whether its receipts of earlier links are all in; before that, its open attempts are not given up and it gets no work. */
  isResumed = false;
  #completed = 0;
  #failed = 0;

  constructor(id: string, miner: Hex, capabilities: Capabilities, link: Link, nowMs: number) {
    this.id = id;
    this.miner = miner;
    this.capabilities = capabilities;
    this.#link = link;
    this.lastSeenMs = nowMs;
  }

  send(message: CoordinatorMessage): void {
    this.#link.send(JSON.stringify(message));
  }

  close(code: number, reason: string): void {
    this.#link.close(code, reason);
  }

  model(id: string): OfferedModel | undefined {
    return this.capabilities.models.find((model) => model.id === id);
  }

  /** Counts a finished attempt; the record starts with one success, so that a newcomer is tried. */
  record(isGood: boolean): void {
    if (isGood) this.#completed += 1;
    else this.#failed += 1;
  }

  candidate(): Candidate {
    const { ask, concurrency, models } = this.capabilities;
    return {
      miner: this.miner,
      status: this.status,
      running: this.streams.size,
      concurrency,
      models: models.map(({ id }) => id),
      inputAskWei: BigInt(ask?.inputPriceWei ?? "0"),
      outputAskWei: BigInt(ask?.outputPriceWei ?? "0"),
      roundTripMs: this.roundTripMs,
      reliability: (this.#completed + 1) / (this.#completed + this.#failed + 1),
    };
  }

  /** Ends every running attempt: the miner is gone. */
  loseAll(reason: string): void {
    for (const stream of this.streams.values()) stream.end({ kind: "lost", reason });
    this.streams.clear();
  }
}
