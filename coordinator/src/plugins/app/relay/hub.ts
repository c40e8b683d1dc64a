import { randomUUID } from "node:crypto";
import type { Hex } from "@lode/sdk/hash";
import { fromWire, hostedEngineClass, ledgerDomain, type Domain } from "@lode/sdk/typed-data";
import {
  decodeTokenFrame,
  decodeImageFrame,
  decodeVectorFrame,
  limits,
  parseMinerMessage,
  ProtocolError,
  frameKinds,
  type Capabilities,
  type MinerMessage,
  type OfferedModel,
} from "@lode/protocol";
import { failureOf, inferenceErrors, type FailureCode } from "../../../domain/jobs/failure.ts";
import { resolveModels } from "../../../domain/matching/models.ts";
import { losesWork, mustAbort, statusOf } from "../../../domain/reliability/status.ts";
import type { Chain } from "../chain/chain.ts";
import type { Floor } from "../market/floor.ts";
import { ReceiptRejectedError } from "../ledger/errors.ts";
import type { Ledger, SettleCommand, Settlement } from "../ledger/types.ts";
import type { Patience } from "./attempt.ts";
import { CountDesk } from "./count-desk.ts";
import { Doorstep } from "./doorstep.ts";
import { makeNonce, proveMiner, type Hello } from "./handshake.ts";
import { openLink, type MinerSocket, type Wire } from "./link.ts";
import { ProofDesk } from "./proof-desk.ts";
import { MinerSession, type Link } from "./session.ts";
import { Settler } from "./settler.ts";

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
  readonly log: (level: "info" | "warn", fields: object, message: string) => void;
}

/** How long a miner has to answer the challenge. */
const helloMs = 10_000;
/** How often working miners are looked after. */
const watchMs = 200;
/** A miner that was quiet for this long is asked for a sign of life. */
const quietMs = 300;
/** Model names that are remembered. */
const maximumKnown = 10_000;

/** Every miner that is connected and proven, and the frames between them and the streams they serve. */
export class MinerHub {
  readonly #options: HubOptions;
  readonly #domain: Domain;
  readonly #settler: Settler;
  readonly #sessions = new Map<Hex, MinerSession>();
  readonly #links = new Set<MinerSocket>();
  /** Classifications that miners prove. */
  readonly proofs = new ProofDesk(() => this.#ready());
  /** Prompts whose tokens miners count. */
  readonly counts = new CountDesk(() => this.#ready());
  /** Ids that were offered here at some time: nobody serving one now is a pause, not an unknown name. */
  readonly knownModels = new Set<string>();
  /** What was offered last under an id. */
  readonly #digests = new Map<string, Hex>();
  readonly #timers: readonly NodeJS.Timeout[];
  #watchedMs = performance.now();
  #models: Map<string, OfferedModel> | undefined;
  readonly #doorstep = new Doorstep();
  #isStopping = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#domain = ledgerDomain(options.chain.addresses);
    this.#settler = new Settler(options.ledger);
    this.#timers = [
      setInterval(() => this.#tick(), (options.heartbeatSecs * 1000) / 4).unref(),
      setInterval(() => this.#watch(performance.now()), watchMs).unref(),
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
    this.#models ??= resolveModels(this.#ready().map(({ capabilities }) => capabilities.models));
    return this.#models;
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
    const nowMs = this.#options.nowMs();
    const heardMs = performance.now();
    const session = new MinerSession(
      { id: randomUUID(), miner, capabilities, pending: [], nowMs, heardMs, hostPatience },
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
    this.#models = undefined;
    this.#remember(session);
  }

  leave(session: MinerSession): void {
    this.#gone(session, "nobody polls any more");
  }

  /** Model ids for which somebody may come later. */
  know(ids: Iterable<string>): void {
    for (const id of ids) if (this.knownModels.size < maximumKnown) this.knownModels.add(id);
  }

  /** The weights that were offered last under an id; undefined when they are not remembered. */
  lastDigest(id: string): Hex | undefined {
    return this.#digests.get(id);
  }

  /** Takes a new socket: challenge, proof, then work. */
  accept(socket: MinerSocket, wire: Wire, address: string): void {
    const leaveDoorstep = this.#isStopping ? undefined : this.#doorstep.enter(address);
    if (leaveDoorstep === undefined) {
      // Whoever does not take the refusal would keep the socket.
      setTimeout(() => socket.terminate(), 1000).unref();
      return socket.close(1013, "try again later");
    }
    const { ledger, chain, nowMs } = this.#options;
    const nonce = makeNonce();
    this.#links.add(socket);
    let session: MinerSession | undefined;
    let isProving = false;
    const timeout = setTimeout(() => link.refuse("hello_timeout", "No hello came in time."), helloMs);
    const proved = (): void => {
      clearTimeout(timeout);
      leaveDoorstep();
    };
    const link = openLink(socket, wire, {
      onFrame: (data) => {
        if (session === undefined) throw new ProtocolError("early_frame", "a frame came before the hello");
        this.#onFrame(session, data);
      },
      onMessage: (text) => {
        const message = parseMinerMessage(text);
        if (session !== undefined) return this.#onMessage(session, message);
        if (message.type !== "hello" || isProving)
          throw new ProtocolError("hello_first", "a link begins with one hello");
        isProving = true;
        return async () => {
          try {
            session = await this.#welcome(socket, link, nonce, message);
            proved();
          } catch (error) {
            if (error instanceof ProtocolError) throw error;
            this.#problem(undefined, error);
            link.refuse("unavailable", "The stake cannot be checked now; connect again in a moment.");
          }
        };
      },
      onPong: () => {
        if (session !== undefined) this.#onPong(session);
      },
      onProblem: (error) => this.#problem(session?.miner, error),
      onClose: () => {
        this.#links.delete(socket);
        if (session === undefined) proved();
        else this.#gone(session, "the link closed");
      },
    });
    const { coordinator } = ledger;
    const challenge = { protocol: 1, nonce, coordinator, addresses: chain.addresses, serverTimeMs: nowMs() } as const;
    link.send(JSON.stringify({ type: "challenge", ...challenge }));
  }

  /** Marks miners that missed heartbeats; a miner without work cannot lose any. */
  checkHeartbeats(): void {
    const { heartbeatSecs, nowMs } = this.#options;
    for (const session of [...this.#sessions.values()].filter(({ isHost }) => !isHost)) {
      const status = statusOf(session.status, session.lastSeenMs, heartbeatSecs * 1000, nowMs());
      if (status === "offline") {
        session.close(1001, "heartbeats missed");
        this.#gone(session, "heartbeats missed");
      } else if (losesWork(status) && status !== session.status) {
        session.status = status;
        session.loseAll("heartbeat");
        this.#options.floor.refresh(session);
      }
    }
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
    this.#isStopping = true;
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
    for (const socket of this.#links) {
      socket.close(1001, "the coordinator stops");
      // A miner that does not answer the goodbye must not hold the process.
      setTimeout(() => socket.terminate(), 1000).unref();
    }
  }

  /** Sessions whose earlier receipts are in, so that they can be given work. */
  #ready(): MinerSession[] {
    return [...this.#sessions.values()].filter(({ isResumed }) => isResumed);
  }

  #tick(): void {
    this.checkHeartbeats();
    const wanted = this.#wanted();
    for (const session of this.#sessions.values()) {
      session.ping(performance.now());
      session.want(wanted);
    }
    this.retryReceipts().catch((error: unknown) => this.#problem(undefined, error));
  }

  /**
   * A miner that works and is stopped, cut off or hung says nothing and closes nothing: whoever is quiet is asked for a sign of life,
   * and loses its work when none comes.
   */
  #watch(nowMs: number): void {
    const { silentMs, floor, log } = this.#options;
    // When this process itself was held up, what others sent meanwhile is still unread.
    const wasHeldUp = nowMs - this.#watchedMs > 3 * watchMs;
    this.#watchedMs = nowMs;
    for (const session of this.#sessions.values()) {
      if (session.streams.size === 0 || session.isQuiet || session.isHost) continue;
      if (wasHeldUp || session.isPaused) session.lastHeardMs = Math.max(session.lastHeardMs, nowMs - quietMs);
      const quiet = nowMs - session.lastHeardMs;
      if (quiet > quietMs) session.ping(nowMs);
      if (quiet <= silentMs) continue;
      log("warn", { miner: session.miner, quietMs: Math.round(quiet) }, "miner silent");
      session.isQuiet = true;
      session.loseAll("silent");
      floor.refresh(session);
    }
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
    session.lastSeenMs = this.#options.nowMs();
    session.lastHeardMs = performance.now();
    if (!session.isQuiet) return;
    session.isQuiet = false;
    this.#options.floor.refresh(session);
  }

  #onPong(session: MinerSession): void {
    const { nowMs } = this.#options;
    const seenMs = session.lastSeenMs;
    this.#heard(session);
    // Heartbeats are the miner's own word that it can work; its socket answers pings by itself.
    session.lastSeenMs = Math.min(seenMs, nowMs());
    session.onPong(performance.now());
    this.#options.floor.learn(session);
    this.#options.floor.refresh(session);
  }

  async #welcome(
    socket: MinerSocket,
    { send, close, isPaused }: ReturnType<typeof openLink>,
    nonce: Hex,
    hello: Hello,
  ): Promise<MinerSession> {
    const { ledger, chain, origins, nowMs, heartbeatSecs } = this.#options;
    const earlier = this.#sessions.get(hello.miner.toLowerCase() as Hex);
    const miner = await proveMiner(
      { coordinator: ledger.coordinator, domain: this.#domain, chain, origins, nowMs },
      nonce,
      hello,
    );
    // While the chain was asked the socket may have closed, or the coordinator begun to stop.
    if (socket.readyState !== socket.OPEN || this.#isStopping)
      throw new ProtocolError("closing", "Connect again later.");
    const old = this.#sessions.get(miner);
    // The miner's later link may have been faster: this one may be dead already, and must not end that.
    if (old !== undefined && old !== earlier) throw new ProtocolError("closing", "Connect again later.");
    if (old !== undefined) {
      // A process that lives would connect again and replace this one, and so on: neither could finish a job.
      const words = `Another process connected as ${miner}; stop one of the two, or give each a wallet of its own.`;
      old.send({ type: "error", code: "replaced", message: words, fatal: true });
      old.close(1008, "replaced by a newer link");
      this.#gone(old, "the miner connected again");
    }
    const { capabilities, pending } = hello;
    refuseHostedNames(capabilities);
    const session = new MinerSession(
      { id: randomUUID(), miner, capabilities, pending, nowMs: nowMs(), heardMs: performance.now() },
      { send, close, isPaused, ping: () => socket.ping() },
    );
    this.#add(session);
    session.send({ type: "welcome", sessionId: session.id, heartbeatSecs });
    session.ping(performance.now());
    return session;
  }

  #add(session: MinerSession): void {
    const { miner, capabilities } = session;
    const models = capabilities.models.map(({ id }) => id);
    this.#sessions.set(miner, session);
    this.#remember(session);
    this.#options.ledger.recordMinerEvent(miner, "registered");
    this.#options.log("info", { miner, models }, "miner connected");
  }

  /** Keeps which names it offers, and the weights behind them. */
  #remember({ capabilities: { models }, isHost }: MinerSession): void {
    this.know(models.map(({ id }) => id));
    for (const { id, digest } of isHost ? [] : models) if (this.knownModels.has(id)) this.#digests.set(id, digest);
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
    this.#models = undefined;
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
    this.#models = undefined;
    this.#options.ledger.recordMinerEvent(session.miner, "went_offline");
    this.#options.log("info", { miner: session.miner, reason }, "miner gone");
  }

  #problem(miner: Hex | undefined, error: unknown): void {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    this.#options.log("warn", { miner, code, error: String(error) }, "a miner's message failed");
  }
}

/** What stands for polling miners is their host's to offer: nobody else may take these names or this class. */
function refuseHostedNames({ models }: Capabilities): void {
  const isHosted = models.some(({ id, engineClass }) => id.startsWith("hosted/") || engineClass === hostedEngineClass);
  if (isHosted) throw new ProtocolError("hosted_name", "Models under hosted/ belong to miners that poll.");
}
