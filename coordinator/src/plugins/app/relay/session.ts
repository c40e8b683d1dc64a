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
import { figures } from "../../../domain/figures.ts";
import type { FailureCode } from "../../../domain/jobs/failure.ts";
import { loadMsOf, type Shelved } from "../../../domain/matching/loading.ts";
import type { Reported } from "../../../domain/reliability/status.ts";
import type { SignedVoucher } from "../../../domain/settlement/index.ts";
import type { Patience, RunningAttempt } from "./attempt.ts";
import { Company } from "./company.ts";

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
  /** Whether nothing is read from it for a reason of ours. */
  isPaused?: (() => boolean) | undefined;
}

const weight = figures.objective.newMeasurement.value;

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
  readonly company = new Company();
  /** Assignments whose receipts it announced or whose receipts could not be settled yet: they are not given up. */
  readonly owed: Set<Hex>;
  readonly #link: Link;
  #payment: Payment | undefined;
  /** Signature of the last voucher of each client that went out on this link. */
  readonly #funded = new Map<Hex, Hex>();
  #acks: SignedProgress[] = [];
  #flushing: NodeJS.Immediate | undefined;
  /** What it told last of its machine. */
  metrics: Extract<MinerMessage, { type: "metrics" }> | undefined;
  status: Reported = "available";
  /** When it last gave a heartbeat or did anything else of its own, by the clock that heartbeats are counted by; milliseconds. */
  lastSeenMs: number;
  /** By the process's own clock, which nobody sets; milliseconds. */
  lastHeardMs: number;
  /** Whether it was asked for a sign of life and gave none. */
  isQuiet = false;
  /** Whether its link is over: what still ends here changes nothing any more. */
  isGone = false;
  temperatureC: number | undefined;
  /** Which of its models are loaded, by its last heartbeat. */
  shelved: Shelved | undefined;
  /** Whether its receipts of earlier links are all in; before that it gets no work. */
  isResumed = false;
  #roundTripMs: number | undefined;
  #swingMs = 0;
  #firstTokenMs: number | undefined;
  #usualJobMs: number | undefined;
  #tokensPerSecond: number | undefined;
  #pingedAtMs: number | undefined;
  /** What it was told that is wanted. */
  #wanted = "";

  constructor(
    options: {
      id: string;
      miner: Hex;
      capabilities: Capabilities;
      pending: readonly Hex[];
      seenMs: number;
      hostPatience?: Patience;
      heardMs: number;
    },
    link: Link,
  ) {
    const { id, miner, capabilities, pending, seenMs, hostPatience } = options;
    this.patience = hostPatience;
    this.isHost = hostPatience !== undefined;
    this.id = id;
    this.miner = miner;
    this.capabilities = capabilities;
    this.owed = new Set(pending.map((digest) => digest.toLowerCase() as Hex));
    this.#link = link;
    this.lastSeenMs = seenMs;
    this.lastHeardMs = options.heardMs;
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

  /** Tells which weights are wanted when that changed; what stands behind a host has none to load. */
  want(models: readonly { readonly digest: Hex; readonly id: string }[]): void {
    const text = models.map(({ digest }) => digest).join();
    if (this.isHost || text === this.#wanted) return;
    this.#wanted = text;
    this.send({ type: "wanted", models: models.map(({ digest, id }) => ({ digest, id })) });
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
    // A miner keeps what it was sent; of many, those served last go first, and the others with the vouchers behind.
    const unsent = funding.filter(({ voucher, signature }) => this.#funded.get(voucher.payer) !== signature);
    const sent = unsent.slice(-limits.funding);
    for (const { voucher, signature } of sent) this.#funded.set(voucher.payer, signature);
    this.send({ type: "voucher", ...signedVoucher(minerVoucher), funding: sent.map(signedVoucher) });
  }

  #later(): void {
    this.#flushing ??= setImmediate(() => this.flush());
  }

  get isMeasured(): boolean {
    return this.#roundTripMs !== undefined;
  }

  /** How far its round trips usually are from each other, milliseconds. */
  get swingMs(): number {
    return this.#swingMs;
  }

  /** From a job to its first token, less the way; undefined before the first. */
  get firstTokenMs(): number | undefined {
    return this.#firstTokenMs;
  }

  /** How long its jobs usually hold a slot. */
  get usualJobMs(): number | undefined {
    return this.#usualJobMs;
  }

  get tokensPerSecond(): number | undefined {
    return this.#tokensPerSecond;
  }

  /** Nothing is read from it for a reason of ours, so that its silence says nothing. */
  get isPaused(): boolean {
    return this.#link.isPaused?.() ?? false;
  }

  /** How long a job would wait here for this model, milliseconds: see loadMsOf. */
  loadMsOf(model: OfferedModel): number {
    return loadMsOf(model, this.shelved);
  }

  /**
   * Learns from a job that ran here, from its start to its first token and to its end.
   * @param loadMs what the market had counted for loading its model: only what it took beyond that belongs to the next job
   */
  learn(firstTokenMs: number | undefined, wholeMs: number, tokens: number, loadMs = 0): void {
    if (firstTokenMs !== undefined) {
      this.#firstTokenMs = moved(this.#firstTokenMs, Math.max(0, firstTokenMs - loadMs - this.roundTripMs));
      const writingMs = wholeMs - firstTokenMs;
      if (tokens > 1 && writingMs > 0) {
        this.#tokensPerSecond = moved(this.#tokensPerSecond, ((tokens - 1) * 1000) / writingMs);
      }
    }
    this.#usualJobMs = moved(this.#usualJobMs, Math.max(0, wholeMs - loadMs));
  }

  /** Learns that a job had no first token after so long: only somebody slower than usual is told by that. */
  learnSlow(waitedMs: number): void {
    const atLeastMs = Math.max(0, waitedMs - this.roundTripMs);
    if (atLeastMs > (this.#firstTokenMs ?? 0)) this.#firstTokenMs = moved(this.#firstTokenMs, atLeastMs);
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
    if (this.#roundTripMs !== undefined) {
      this.#swingMs = moved(this.#swingMs, Math.abs(measuredMs - this.#roundTripMs));
    }
    this.#roundTripMs = moved(this.#roundTripMs, measuredMs);
  }

  /** The model with these weights, as this miner offers it. */
  offers(digest: Hex): OfferedModel | undefined {
    return this.capabilities.models.find((model) => model.digest === digest);
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

function moved(before: number | undefined, measured: number): number {
  return before === undefined ? measured : before + (measured - before) * weight;
}
