import { randomUUID } from "node:crypto";
import type { Hex } from "@lode/sdk/hash";
import { fromWire } from "@lode/sdk/typed-data";
import {
  decodeTokenFrame,
  decodeImageFrame,
  decodeVectorFrame,
  limits,
  ProtocolError,
  frameKinds,
  type Capabilities,
  type MinerMessage,
  type OfferedModel,
} from "@lode/protocol";
import { failureOf, inferenceErrors, type FailureCode } from "../../../domain/jobs/failure.ts";
import { mustAbort } from "../../../domain/reliability/status.ts";
import type { Chain } from "../chain/chain.ts";
import type { Floor } from "../market/floor.ts";
import { ReceiptRejectedError } from "../ledger/errors.ts";
import type { Ledger, SettleCommand, Settlement } from "../ledger/types.ts";
import type { Patience } from "./attempt.ts";
import { CountDesk } from "./count-desk.ts";
import { Entrance } from "./entrance.ts";
import type { Hello } from "./handshake.ts";
import type { MinerSocket, Wire } from "./link.ts";
import { Offered } from "./offered.ts";
import { refuseHostedNames, tellUnknownPlace } from "./offers.ts";
import { ProofDesk } from "./proof-desk.ts";
import { MinerSession, type Link } from "./session.ts";
import { Settler } from "./settler.ts";
import { Watch, watchMs } from "./watch.ts";

export interface HubOptions {
  readonly ledger: Ledger;
  readonly chain: Chain;
  readonly floor: Floor;
  /** Where miners find this coordinator: what their hellos must be signed for. */
  readonly origins: () => ReadonlySet<string>;
  readonly heartbeatSecs: number;
  /** A working miner that gives no sign of life for this long is gone. */
  readonly silentMs: number;
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that is never set: heartbeats are counted by it. */
  readonly steadyMs: () => number;
  readonly log: (level: "info" | "warn", fields: object, message: string) => void;
}

/** Every miner that is connected and proven, and the frames between them and the streams they serve. */
export class MinerHub {
  readonly #options: HubOptions;
  readonly #settler: Settler;
  readonly #sessions = new Map<Hex, MinerSession>();
  readonly #entrance: Entrance;
  readonly #watch: Watch;
  readonly #offered = new Offered(() => this.#ready());
  /** Classifications that miners prove. */
  readonly proofs = new ProofDesk(() => this.#ready());
  /** Prompts whose tokens miners count. */
  readonly counts = new CountDesk(() => this.#ready());
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(options: HubOptions) {
    this.#options = options;
    const { ledger, chain, floor, origins, nowMs, steadyMs, log, heartbeatSecs, silentMs } = options;
    this.#settler = new Settler(ledger);
    this.#entrance = new Entrance({
      ...{ coordinator: ledger.coordinator, chain, origins, nowMs },
      sessionOf: (miner) => this.#sessions.get(miner),
      admit: (miner, hello, link) => this.#admit(miner, hello, link),
      onFrame: (session, data) => this.#onFrame(session, data),
      onMessage: (session, message) => this.#onMessage(session, message),
      onPong: (session) => this.#onPong(session),
      onProblem: (miner, error) => this.#problem(miner, error),
      onClose: (session) => this.#gone(session, "the link closed"),
    });
    this.#watch = new Watch({
      ...{ sessions: () => this.#sessions.values(), heartbeatSecs, silentMs, steadyMs, log },
      onChange: (session) => floor.refresh(session),
      onOffline: (session) => {
        session.close(1001, "heartbeats missed");
        this.#gone(session, "heartbeats missed");
      },
    });
    this.#timers = [
      setInterval(() => this.#tick(), (heartbeatSecs * 1000) / 4).unref(),
      setInterval(() => this.#watch.look(performance.now()), watchMs).unref(),
    ];
  }

  /** Miners with an open, proven link. */
  get size(): number {
    return this.#sessions.size;
  }

  /** What connected miners told last of their cards: what all draw, in watts, and how hot the hottest is, in °C; 0 where none tells. */
  cards(): { powerW: number; hottestC: number } {
    const gpus = [...this.#sessions.values()].flatMap(({ metrics }) => metrics?.gpus ?? []);
    return {
      powerW: gpus.reduce((sum, { power_w: watts = 0 }) => sum + watts, 0),
      hottestC: gpus.reduce((most, { temperature_c: celsius = 0 }) => Math.max(most, celsius), 0),
    };
  }

  session(miner: Hex): MinerSession | undefined {
    return this.#sessions.get(miner);
  }

  /** Every miner with a proven link. */
  get sessions(): Iterable<MinerSession> {
    return this.#sessions.values();
  }

  /** Models that somebody serves now, by id. */
  models(): ReadonlyMap<string, OfferedModel> {
    return this.#offered.models();
  }

  /** Ids that were offered here at some time: nobody serving one now is a pause, not an unknown name. */
  get knownModels(): ReadonlySet<string> {
    return this.#offered.known;
  }

  /** Counts an attempt that failed. A record outlives the link: connecting again does not clean it. */
  recordFailure(miner: Hex, code?: FailureCode): void {
    const isInference = code !== undefined && inferenceErrors.has(code);
    this.#options.ledger.recordMinerEvent(miner, "failed_request", { isInference });
    const session = this.#sessions.get(miner);
    if (session !== undefined) this.#options.floor.refresh(session);
  }

  /** Takes a miner of this process, behind which polling miners stand, until `leave`. */
  async join(miner: Hex, capabilities: Capabilities, link: Link, hostPatience: Patience): Promise<MinerSession> {
    const seenMs = this.#options.steadyMs();
    const heardMs = performance.now();
    const session = new MinerSession(
      { id: randomUUID(), miner, capabilities, pending: [], seenMs, heardMs, hostPatience },
      link,
    );
    this.#add(session);
    await this.#onResumed(session);
    return session;
  }

  /** A miner, or those that poll behind a host, offer something else now. */
  offer(session: MinerSession, capabilities: Capabilities): void {
    this.#options.floor.remove(session);
    session.capabilities = capabilities;
    this.#options.floor.refresh(session);
    this.#offered.changed();
    this.#offered.remember(session);
  }

  leave(session: MinerSession): void {
    this.#gone(session, "nobody polls any more");
  }

  /** Model ids for which somebody may come later. */
  know(ids: Iterable<string>): void {
    this.#offered.know(ids);
  }

  /** The weights that were offered last under an id; undefined when they are not remembered. */
  lastDigest(id: string): Hex | undefined {
    return this.#offered.lastDigest(id);
  }

  /** Takes a new socket: challenge, proof, then work. */
  accept(socket: MinerSocket, wire: Wire, address: string): void {
    this.#entrance.accept(socket, wire, address);
  }

  /** Marks miners that missed heartbeats; a miner without work cannot lose any. */
  checkHeartbeats(): void {
    this.#watch.checkHeartbeats();
  }

  /** Tries receipts again that could not be settled for a reason of ours. */
  async retryReceipts(): Promise<void> {
    await this.#settler.retry(
      (miner, settlement) => this.confirm(miner, settlement),
      (miner, digest, error) => this.reject(miner, digest, error),
    );
  }

  /** Assignments whose receipts are here and could not be settled yet: they are tried again. */
  get unsettled(): Iterable<Hex> {
    return this.#settler.kept;
  }

  /** Settles a receipt; one that fails for a reason of ours is tried again. Throws what the ledger throws. */
  settle(command: SettleCommand): Promise<Settlement> {
    return this.#settler.settle(command);
  }

  /** Tells a miner that its receipt is durable, and hands it the voucher that pays it. */
  confirm(miner: Hex, settlement: Settlement): void {
    const session = this.#sessions.get(miner);
    if (session === undefined) return;
    const { digest, logIndex, creditIndex, minerVoucher, funding } = settlement;
    session.owed.delete(digest);
    session.send({ type: "accepted", assignment: digest, logIndex, creditIndex });
    session.pay({ minerVoucher, funding });
  }

  /** Tells a miner why its receipt pays nothing. */
  reject(miner: Hex, assignment: Hex, error: ReceiptRejectedError): void {
    this.#options.log("warn", { miner, assignment, code: error.code }, "receipt refused");
    const session = this.#sessions.get(miner);
    session?.owed.delete(assignment);
    session?.send({ type: "rejected", assignment, code: error.code, message: error.message.slice(0, 500) });
  }

  /** From now on no link is taken; those that are there go on. */
  refuseNew(): void {
    this.#entrance.shut();
  }

  /** Ends every link, and with it what still runs. */
  close(): void {
    this.refuseNew();
    for (const timer of this.#timers) clearInterval(timer);
    for (const session of [...this.#sessions.values()]) {
      session.flush();
      session.send({ type: "drain" });
      this.#gone(session, "the coordinator stops");
    }
    this.#entrance.close();
  }

  /** Sessions whose earlier receipts are in, so that they can be given work. */
  #ready(): MinerSession[] {
    return [...this.#sessions.values()].filter(({ isResumed }) => isResumed);
  }

  #tick(): void {
    // First, because it sees whether this process was held up: nobody's heartbeats were missed then.
    this.#watch.look(performance.now());
    this.checkHeartbeats();
    const wanted = this.#wanted();
    for (const session of this.#sessions.values()) {
      session.ping(performance.now());
      session.want(wanted);
    }
    this.retryReceipts().catch((error: unknown) => this.#problem(undefined, error));
  }

  /** Weights that clients asked for and nobody served, the most wanted first: for miners that have them and room. */
  #wanted(): { digest: Hex; id: string }[] {
    const { floor, nowMs } = this.#options;
    const byDigest = new Map<Hex, { digest: Hex; id: string }>();
    // The same weights may be asked for by several names: the one that is asked for most counts.
    for (const { digest, id } of floor.shortage.wanted(nowMs()))
      if (!byDigest.has(digest)) byDigest.set(digest, { digest, id });
    return [...byDigest.values()].slice(0, limits.models);
  }

  #heard(session: MinerSession): void {
    session.lastSeenMs = this.#options.steadyMs();
    session.lastHeardMs = performance.now();
    if (!session.isQuiet) return;
    session.isQuiet = false;
    this.#options.floor.refresh(session);
  }

  /** Whose clock differs refuses everything: no job goes there until its next heartbeat. */
  #rest(session: MinerSession): void {
    session.status = "degraded";
    this.#options.floor.refresh(session);
  }

  #onPong(session: MinerSession): void {
    const seenMs = session.lastSeenMs;
    this.#heard(session);
    // Heartbeats are the miner's own word that it can work; its socket answers pings by itself.
    session.lastSeenMs = seenMs;
    session.onPong(performance.now());
    this.#options.floor.learn(session);
    this.#options.floor.refresh(session);
  }

  #admit(miner: Hex, { capabilities, pending }: Hello, link: Link): MinerSession {
    const old = this.#sessions.get(miner);
    if (old !== undefined) {
      // A process that lives would connect again and replace this one, and so on: neither could finish a job.
      const words = `Another process connected as ${miner}; stop one of the two, or give each a wallet of its own.`;
      old.send({ type: "error", code: "replaced", message: words, fatal: true });
      old.close(1008, "replaced by a newer link");
      this.#gone(old, "the miner connected again");
    }
    refuseHostedNames(capabilities);
    const seenMs = this.#options.steadyMs();
    const session = new MinerSession(
      { id: randomUUID(), miner, capabilities, pending, seenMs, heardMs: performance.now() },
      link,
    );
    this.#add(session);
    session.send({ type: "welcome", sessionId: session.id, heartbeatSecs: this.#options.heartbeatSecs });
    tellUnknownPlace(session);
    session.ping(performance.now());
    return session;
  }

  #add(session: MinerSession): void {
    const { miner, capabilities } = session;
    const models = capabilities.models.map(({ id }) => id);
    this.#sessions.set(miner, session);
    this.#offered.remember(session);
    this.#options.ledger.recordMinerEvent(miner, "registered");
    this.#options.log("info", { miner, models }, "miner connected");
  }

  #onFrame(session: MinerSession, data: Buffer): void {
    this.#heard(session);
    // Late frames of an attempt that went to somebody else are nobody's.
    if (data[0] === frameKinds.vector) {
      const frame = decodeVectorFrame(data);
      session.streams.get(frame.assignment)?.onVector(frame);
    } else if (data[0] === frameKinds.image) {
      const frame = decodeImageFrame(data);
      session.streams.get(frame.assignment)?.onImage(frame);
    } else {
      const frame = decodeTokenFrame(data);
      session.streams.get(frame.assignment)?.onFrame(frame);
    }
  }

  /** Receipts, and the word that all of them are sent, keep their order. */
  #onMessage(session: MinerSession, message: MinerMessage): (() => Promise<void>) | undefined {
    this.#heard(session);
    switch (message.type) {
      case "heartbeat":
        session.status = message.status;
        session.temperatureC = message.gpu_state?.temperature_c;
        session.shelved = {
          loaded: new Set(message.models_loaded),
          withoutRoom: new Set(message.models_without_room),
        };
        if (session.temperatureC !== undefined && mustAbort(session.temperatureC)) session.loseAll("overheated");
        this.#options.floor.refresh(session);
        return undefined;
      case "metrics":
        session.metrics = message;
        this.#options.floor.refresh(session);
        return undefined;
      case "refuse":
      case "failed":
        session.streams.get(message.assignment.toLowerCase() as Hex)?.fail(failureOf(message.code));
        if (message.code === "clock") this.#rest(session);
        return undefined;
      case "receipt":
        return async () => this.#onReceipt(session, message);
      case "proved":
      case "unproved":
        this.proofs.onWord(session, message);
        return undefined;
      case "counted":
      case "uncounted":
        this.counts.onWord(session, message);
        return undefined;
      case "offers":
        refuseHostedNames(message.capabilities);
        this.offer(session, message.capabilities);
        tellUnknownPlace(session);
        return undefined;
      case "resumed":
        return async () => this.#onResumed(session);
      case "hello":
        throw new ProtocolError("hello_twice", "a link has one hello");
    }
  }

  async #onResumed(session: MinerSession): Promise<void> {
    // Once a link: a later word of it would give up attempts that are being assigned.
    if (session.isResumed) return;
    session.isResumed = true;
    this.#offered.changed();
    if (this.#sessions.get(session.miner) === session) this.#options.floor.refresh(session);
    const keep = new Set([...session.streams.keys(), ...session.owed, ...this.#settler.kept]);
    await this.#options.ledger.voidOthers(session.miner, keep);
    // The last one may have been lost with the link before, behind confirmations that came: no receipt would bring it again.
    const payment = await this.#options.ledger.paymentOf(session.miner);
    if (payment !== undefined) session.pay(payment);
  }

  /** A receipt of a running stream belongs to its job; any other one is from an earlier link or a lost attempt. */
  async #onReceipt(session: MinerSession, message: Extract<MinerMessage, { type: "receipt" }>): Promise<void> {
    const receipt = fromWire("Receipt", message.receipt);
    const stream = session.streams.get(receipt.assignment);
    if (stream !== undefined) {
      stream.end({ kind: "receipt", receipt, batch: message.batch });
      return;
    }
    const { miner } = session;
    const lastAck = message.lastAck && {
      progress: fromWire("Progress", message.lastAck.progress),
      batch: message.lastAck.batch,
    };
    try {
      this.confirm(miner, await this.settle({ miner, receipt, batch: message.batch, lastAck }));
    } catch (error) {
      if (!(error instanceof ReceiptRejectedError)) throw error;
      this.reject(miner, receipt.assignment, error);
    }
  }

  #gone(session: MinerSession, reason: string): void {
    session.isGone = true;
    session.loseAll("link_closed");
    this.proofs.onGone(session);
    this.counts.onGone(session);
    if (this.#sessions.get(session.miner) !== session) return;
    this.#sessions.delete(session.miner);
    this.#options.floor.remove(session);
    this.#offered.changed();
    this.#options.ledger.recordMinerEvent(session.miner, "went_offline");
    this.#options.log("info", { miner: session.miner, reason }, "miner gone");
  }

  #problem(miner: Hex | undefined, error: unknown): void {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    this.#options.log("warn", { miner, code, error: String(error) }, "a miner's message failed");
  }
}
