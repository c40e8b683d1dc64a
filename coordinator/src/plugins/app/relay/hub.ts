import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { recoverTypedData } from "@lode/sdk/keys";
import { fromWire, ledgerDomain, toWire, type Domain } from "@lode/sdk/typed-data";
import {
  decodeTokenFrame,
  limits,
  parseMinerMessage,
  ProtocolError,
  type MinerMessage,
  type OfferedModel,
} from "@lode/protocol";
import type { Chain } from "../chain/chain.ts";
import { ReceiptRejectedError } from "../ledger/errors.ts";
import type { AcknowledgedProgress, Ledger, Settlement } from "../ledger/types.ts";
import { MinerSession } from "./session.ts";

/** The part of a WebSocket that the hub uses. */
export interface MinerSocket {
  readonly bufferedAmount: number;
  readonly readyState: number;
  readonly OPEN: number;
  send(data: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: "close" | "error", listener: () => void): unknown;
}

export interface HubOptions {
  readonly ledger: Ledger;
  readonly chain: Chain;
  readonly heartbeatSecs: number;
  readonly nowMs: () => number;
  readonly log: (level: "info" | "warn", fields: object, message: string) => void;
}

/** How long a miner has to answer the challenge, and how far its clock may be off. */
const helloMs = 10_000;
const clockSkewMs = 120_000;
/** Heartbeats that may be missed before a miner gets no work, and before it counts as gone. */
const degradedAfter = 1.5;
const offlineAfter = 3.5;
/** Model names that are remembered. */
const maximumKnownModels = 10_000;
/** A miner that does not read loses its link before its backlog hurts. */
const maximumBacklogBytes = 16 * 1024 * 1024;

/** Every miner that is connected and proven, and the frames between them and the streams they serve. */
export class MinerHub {
  readonly #options: HubOptions;
  readonly #domain: Domain;
  readonly #sessions = new Map<Hex, MinerSession>();
  readonly #links = new Set<MinerSocket>();
  /** Ids of every model that was offered here. */
  readonly knownModels = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #isDraining = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#domain = ledgerDomain(options.chain.addresses);
    this.#timer = setInterval(() => this.checkHeartbeats(), (options.heartbeatSecs * 1000) / 4);
    this.#timer.unref();
  }

  get sessions(): Iterable<MinerSession> {
    return this.#sessions.values();
  }

  session(miner: Hex): MinerSession | undefined {
    return this.#sessions.get(miner);
  }

  /** Sessions that can be given work; none while the coordinator stops. */
  ready(): MinerSession[] {
    if (this.#isDraining) return [];
    return [...this.#sessions.values()].filter(({ isResumed }) => isResumed);
  }

  /** Models that somebody serves now, by id. A name belongs to the weights of whoever offered it first: no newcomer takes it. */
  models(): Map<string, OfferedModel> {
    const models = new Map<string, OfferedModel>();
    for (const { capabilities } of this.ready()) {
      for (const model of capabilities.models) if (!models.has(model.id)) models.set(model.id, model);
    }
    return models;
  }

  /** Takes a new socket: challenge, proof, then work. */
  accept(socket: MinerSocket): void {
    const nonce = bytesToHex(randomBytes(32));
    const { ledger, chain, nowMs } = this.#options;
    this.#links.add(socket);
    let session: MinerSession | undefined;
    let isProving = false;
    const refuse = (code: string, message: string): void => {
      this.#send(socket, { type: "error", code, message, fatal: true });
      socket.close(1008, code);
    };
    const timeout = setTimeout(() => refuse("hello_timeout", "No hello came in time."), helloMs);
    // One message after the other: a receipt is settled before the message behind it is looked at.
    let inOrder = Promise.resolve();
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      try {
        if (isBinary) {
          if (session === undefined) throw new ProtocolError("early_frame", "tokens came before the hello");
          return this.#onTokens(session, data);
        }
        const message = parseMinerMessage(data.toString("utf8"));
        if (session !== undefined) {
          const current = session;
          if (message.type === "heartbeat") return this.#onHeartbeat(current, message);
          inOrder = inOrder
            .then(async () => this.#onMessage(current, message))
            .catch((error: unknown) => {
              this.#options.log("warn", { miner: current.miner, error: String(error) }, "a miner's message failed");
            });
          return;
        }
        if (message.type !== "hello" || isProving)
          throw new ProtocolError("hello_first", "a link begins with one hello");
        isProving = true;
        this.#prove(socket, nonce, message).then(
          (proved) => {
            clearTimeout(timeout);
            session = proved;
          },
          (error: unknown) => {
            const code = error instanceof ProtocolError ? error.code : "unavailable";
            refuse(code, error instanceof Error ? error.message : "The hello was refused.");
          },
        );
      } catch (error) {
        if (error instanceof ProtocolError) return refuse(error.code, error.message);
        throw error;
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timeout);
      this.#links.delete(socket);
      if (session !== undefined) this.#gone(session, "the link closed");
    });
    const { coordinator } = ledger;
    const challenge = { protocol: 1, nonce, coordinator, addresses: chain.addresses, serverTimeMs: nowMs() } as const;
    this.#send(socket, { type: "challenge", ...challenge });
  }

  /** Marks miners that missed heartbeats; a miner without work cannot lose any. */
  checkHeartbeats(): void {
    const { heartbeatSecs, nowMs } = this.#options;
    for (const session of [...this.#sessions.values()]) {
      const missed = (nowMs() - session.lastSeenMs) / (heartbeatSecs * 1000);
      if (missed > offlineAfter) {
        session.close(1001, "heartbeats missed");
        this.#gone(session, "heartbeats missed");
      } else if (missed > degradedAfter && session.status !== "degraded") {
        session.status = "degraded";
        session.loseAll("a heartbeat is missing");
      }
    }
  }

  /** Gives out no more work, and resolves when what runs has ended or the time is over. */
  async drain(atMostMs: number): Promise<void> {
    this.#isDraining = true;
    const running = [...this.#sessions.values()].flatMap(({ streams }) =>
      [...streams.values()].map(({ ended }) => ended),
    );
    const time = new AbortController();
    await Promise.race([
      Promise.allSettled(running),
      wait(atMostMs, undefined, { signal: time.signal }).catch(() => undefined),
    ]);
    time.abort();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#links) socket.close(1001, "the coordinator stops");
  }

  async #prove(
    socket: MinerSocket,
    nonce: Hex,
    hello: Extract<MinerMessage, { type: "hello" }>,
  ): Promise<MinerSession> {
    const { ledger, chain, nowMs, log, heartbeatSecs } = this.#options;
    const miner = hello.miner.toLowerCase() as Hex;
    if (this.#isDraining) throw new ProtocolError("draining", "This coordinator is stopping; connect again later.");
    if (Math.abs(nowMs() - hello.timestampMs) > clockSkewMs) {
      throw new ProtocolError("clock", "The miner's clock is more than two minutes off; set it and connect again.");
    }
    const signed = { coordinator: ledger.coordinator, miner, nonce, timestampMs: BigInt(hello.timestampMs) };
    const signer = recoverTypedData(this.#domain, "MinerHello", signed, hello.signature);
    const stake = await chain.miner(miner);
    if (signer !== stake.operator) {
      throw new ProtocolError(
        "not_operator",
        `The hello is signed by ${signer}, which is not the operator of ${miner}.`,
      );
    }
    if (!stake.isActive)
      throw new ProtocolError("not_staked", `${miner} has no active stake; run \`lode stake\` first.`);
    const old = this.#sessions.get(miner);
    if (old !== undefined) {
      old.close(1008, "replaced by a newer link");
      this.#gone(old, "the miner connected again");
    }
    const link = {
      send: (text: string) => {
        if (socket.bufferedAmount > maximumBacklogBytes) socket.terminate();
        else socket.send(text);
      },
      close: (code: number, reason: string) => socket.close(code, reason),
    };
    const session = new MinerSession(randomUUID(), miner, hello.capabilities, link, nowMs());
    this.#sessions.set(miner, session);
    for (const { id } of hello.capabilities.models) {
      if (this.knownModels.size < maximumKnownModels) this.knownModels.add(id);
    }
    ledger.recordMinerEvent(miner, "registered");
    session.send({ type: "welcome", sessionId: session.id, heartbeatSecs });
    log("info", { miner, models: hello.capabilities.models.map(({ id }) => id) }, "miner connected");
    return session;
  }

  #onTokens(session: MinerSession, data: Buffer): void {
    session.lastSeenMs = this.#options.nowMs();
    const frame = decodeTokenFrame(data);
    // Late frames of an attempt that went to somebody else are nobody's.
    session.streams.get(frame.assignment)?.onFrame(frame);
  }

  #onHeartbeat(session: MinerSession, message: Extract<MinerMessage, { type: "heartbeat" }>): void {
    session.lastSeenMs = this.#options.nowMs();
    session.status = message.status;
    if (message.network_latency_ms !== undefined) session.roundTripMs = message.network_latency_ms;
  }

  async #onMessage(session: MinerSession, message: MinerMessage): Promise<void> {
    session.lastSeenMs = this.#options.nowMs();
    switch (message.type) {
      case "receipt":
        return this.#onReceipt(session, message);
      case "refuse":
      case "failed": {
        const assignment = message.assignment.toLowerCase() as Hex;
        session.streams.get(assignment)?.end({ kind: "refused", code: message.code, message: message.message });
        return;
      }
      case "resumed":
        session.isResumed = true;
        return this.#options.ledger.voidOthers(session.miner, new Set(session.streams.keys()));
      case "hello":
        throw new ProtocolError("hello_twice", "a link has one hello");
      case "heartbeat":
        return;
    }
  }

  /** A receipt of a running stream belongs to its job; any other one is from an earlier link. */
  async #onReceipt(session: MinerSession, message: Extract<MinerMessage, { type: "receipt" }>): Promise<void> {
    const receipt = fromWire("Receipt", message.receipt);
    const stream = session.streams.get(receipt.assignment);
    if (stream !== undefined) {
      stream.end({ kind: "receipt", receipt, batch: message.batch });
      return;
    }
    const lastAck: AcknowledgedProgress | undefined = message.lastAck && {
      progress: fromWire("Progress", message.lastAck.progress),
      batch: message.lastAck.batch,
    };
    const { ledger } = this.#options;
    try {
      const settlement = await ledger.settle({ miner: session.miner, receipt, batch: message.batch, lastAck });
      this.confirm(session, settlement);
    } catch (error) {
      this.reject(session, receipt.assignment, error);
    }
  }

  /** Tells a miner that its receipt is durable, and hands it the voucher that pays it. */
  confirm(session: MinerSession, settlement: Settlement): void {
    const { digest, logIndex, creditIndex, minerVoucher, funding } = settlement;
    session.send({ type: "accepted", assignment: digest, logIndex, creditIndex });
    session.send({
      type: "voucher",
      voucher: toWire("Voucher", minerVoucher.voucher),
      signature: minerVoucher.signature,
      funding: funding
        .slice(-limits.funding)
        .map(({ voucher, signature }) => ({ voucher: toWire("Voucher", voucher), signature })),
    });
  }

  /** Tells a miner why its receipt pays nothing. Other errors are ours: it keeps the receipt and tries again. */
  reject(session: MinerSession, assignment: Hex, error: unknown): void {
    if (!(error instanceof ReceiptRejectedError)) throw error;
    this.#options.log("warn", { miner: session.miner, assignment, code: error.code }, "receipt refused");
    session.send({ type: "rejected", assignment, code: error.code, message: error.message.slice(0, 500) });
  }

  #gone(session: MinerSession, reason: string): void {
    session.loseAll(reason);
    if (this.#sessions.get(session.miner) !== session) return;
    this.#sessions.delete(session.miner);
    this.#options.ledger.recordMinerEvent(session.miner, "went_offline");
    this.#options.log("info", { miner: session.miner, reason }, "miner gone");
  }

  #send(socket: MinerSocket, message: object): void {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }
}
