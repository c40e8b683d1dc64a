import type { Hex } from "@lode/sdk/hash";
import { toWire } from "@lode/sdk/typed-data";
import {
  limits,
  type Capabilities,
  type CoordinatorMessage,
  type MinerMessage,
  type OfferedModel,
  type SignedProgress,
} from "@lode/protocol";
import type { FailureCode } from "../../../domain/jobs/failure.ts";
import type { Candidate } from "../../../domain/matching/match.ts";
import type { SignedVoucher } from "../../../domain/settlement/index.ts";
import type { Patience, RunningAttempt } from "./attempt.ts";

/** A miner's voucher with those of the clients that back it. */
export interface Payment {
  readonly minerVoucher: SignedVoucher;
  readonly funding: readonly SignedVoucher[];
}

/** A socket to one miner, reduced to what a session needs of it. */
export interface Link {
  send(text: string): void;
  ping(): void;
  close(code: number, reason: string): void;
}

/** How much a new measurement moves the round trip: one odd value does not decide where work goes. */
const roundTripWeight = 0.25;

/** A connected, proven miner: what it offers and what it runs. */
export class MinerSession {
  readonly id: string;
  readonly miner: Hex;
  capabilities: Capabilities;
  /** How long it may be silent, where that is not what everybody may. */
  readonly patience: Patience | undefined;
  /** A host in this process, which polling miners stand behind: it has no socket whose heartbeats could be missed. */
  readonly isHost: boolean;
  readonly streams = new Map<Hex, RunningAttempt>();
  /** Assignments whose receipts it announced or whose receipts could not be settled yet: they are not given up. */
  readonly owed: Set<Hex>;
  readonly #link: Link;
  #payment: Payment | undefined;
  #acks: SignedProgress[] = [];
  #flushing: NodeJS.Immediate | undefined;
  status: Candidate["status"] = "available";
  /** What it told last of its machine. */
  metrics: Extract<MinerMessage, { type: "metrics" }> | undefined;
  lastSeenMs: number;
  /** Whether its receipts of earlier links are all in; before that it gets no work. */
  isResumed = false;
  #roundTripMs: number | undefined;
  #pingedAtMs: number | undefined;

  constructor(
    options: {
      id: string;
      miner: Hex;
      capabilities: Capabilities;
      pending: readonly Hex[];
      nowMs: number;
      hostPatience?: Patience;
    },
    link: Link,
  ) {
    const { id, miner, capabilities, pending, nowMs, hostPatience } = options;
    this.patience = hostPatience;
    this.isHost = hostPatience !== undefined;
    this.id = id;
    this.miner = miner;
    this.capabilities = capabilities;
    this.owed = new Set(pending.map((digest) => digest.toLowerCase() as Hex));
    this.#link = link;
    this.lastSeenMs = nowMs;
  }

  /** Round trip of the socket, milliseconds: measured here, because a miner that chose its own would choose 0. */
  get roundTripMs(): number {
    return this.#roundTripMs ?? 0;
  }

  /** Hands over a voucher. Jobs that settle together share one, which goes out once, behind all their confirmations. */
  pay(payment: Payment): void {
    this.#payment = payment;
    this.#later();
  }

  /** Hands over an acknowledgement; those of one turn of the event loop share a frame. */
  acknowledge(item: SignedProgress): void {
    this.#acks.push(item);
    if (this.#acks.length >= limits.acks) this.flush();
    else this.#later();
  }

  /** Sends at once what waits for the end of the turn. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const items = this.#acks;
    this.#acks = [];
    if (items.length > 0) this.send({ type: "ack", items });
    const payment = this.#payment;
    this.#payment = undefined;
    if (payment === undefined) return;
    const { minerVoucher, funding } = payment;
    this.send({
      type: "voucher",
      ...signedVoucher(minerVoucher),
      funding: funding.slice(-limits.funding).map(signedVoucher),
    });
  }

  #later(): void {
    this.#flushing ??= setImmediate(() => this.flush());
  }

  send(message: CoordinatorMessage): void {
    // Whoever is told to stop has the proof of what arrived before.
    if (message.type === "cancel") this.flush();
    this.#link.send(JSON.stringify(message));
  }

  close(code: number, reason: string): void {
    this.#link.close(code, reason);
  }

  /** Starts a measurement, unless one runs. */
  ping(nowMs: number): void {
    if (this.#pingedAtMs !== undefined) return;
    this.#pingedAtMs = nowMs;
    this.#link.ping();
  }

  onPong(nowMs: number): void {
    if (this.#pingedAtMs === undefined) return;
    const measuredMs = nowMs - this.#pingedAtMs;
    this.#pingedAtMs = undefined;
    const beforeMs = this.#roundTripMs ?? measuredMs;
    this.#roundTripMs = beforeMs + (measuredMs - beforeMs) * roundTripWeight;
  }

  /** The model with these weights, as this miner offers it. */
  offers(digest: Hex): OfferedModel | undefined {
    return this.capabilities.models.find((model) => model.digest === digest);
  }

  candidate(reliability: number): Candidate {
    const { ask, concurrency, models } = this.capabilities;
    return {
      miner: this.miner,
      status: this.status,
      running: this.streams.size,
      concurrency,
      models,
      inputAskWei: BigInt(ask?.inputPriceWei ?? "0"),
      outputAskWei: BigInt(ask?.outputPriceWei ?? "0"),
      roundTripMs: this.roundTripMs,
      reliability,
    };
  }

  /** Ends every running attempt: the miner cannot be relied on now. */
  loseAll(code: FailureCode): void {
    for (const stream of this.streams.values()) stream.fail(code);
    this.streams.clear();
  }
}

function signedVoucher({ voucher, signature }: SignedVoucher) {
  return { voucher: toWire("Voucher", voucher), signature };
}
