import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { ledgerDomain } from "@lode/sdk/typed-data";
import {
  limits,
  parseCoordinatorMessage,
  type Capabilities,
  type CoordinatorMessage,
  type MinerMessage,
} from "@lode/protocol";
import WebSocket from "ws";
import { readCoordinator, type ChainReader } from "../chain/chain.ts";
import type { Engine } from "../engines/index.ts";
import { MinerError } from "../errors.ts";
import { backoffSeconds } from "./backoff.ts";
import type { MinerEvent } from "./events.ts";
import type { MinerStore } from "./miner-store.ts";
import type { JobCaps } from "./running-job.ts";
import { receiptInterrupted, Work } from "./work.ts";

export interface DaemonOptions {
  /** The coordinator's base URL, http or https. */
  readonly coordinatorUrl: string;
  /** What a coordinator that asks for certificates is shown, PEM. */
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly chain: ChainReader;
  /** The staker that earns; its operator key signs. */
  readonly miner: Hex;
  readonly signer: Signer;
  readonly engine: Engine;
  readonly modelId: string;
  readonly store: MinerStore;
  readonly concurrency: number;
  /** What one job may take. */
  readonly caps?: JobCaps | undefined;
  readonly askInputWei: bigint;
  readonly askOutputWei: bigint;
  readonly hardware: Readonly<Record<string, string | number>>;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly emit: (event: MinerEvent) => void;
}

/** No word from the coordinator for this many heartbeats means that the link is dead. */
const silentHeartbeats = 3;

/** Serves one coordinator until the signal aborts: links, works, and links again after a loss. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { signal, emit, random } = options;
  for (let attempt = 0; !signal.aborted; attempt++) {
    const { reason, wasWelcome, isFatal } = await serveOnce(options);
    if (isAborted(signal)) return;
    if (isFatal) throw new MinerError("refused", `The coordinator refuses this miner: ${reason}`);
    if (wasWelcome) attempt = 0;
    const retryInSecs = Math.round(backoffSeconds(attempt, random()) * 10) / 10;
    emit({ event: "disconnected", reason, retryInSecs });
    await wait(retryInSecs * 1000, undefined, { signal }).catch(() => undefined);
  }
}

/** A signal changes while something is awaited, which narrowing does not see. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

interface LinkEnd {
  readonly reason: string;
  readonly wasWelcome: boolean;
  readonly isFatal: boolean;
}

/** Refusals that trying again does not mend. */
const hopeless = new Set(["not_operator", "not_staked"]);

async function serveOnce(options: DaemonOptions): Promise<LinkEnd> {
  const { coordinatorUrl, certificate, signal } = options;
  const url = new URL("/v1/miner/ws", coordinatorUrl);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, {
    maxPayload: limits.frameBytes,
    perMessageDeflate: false,
    handshakeTimeout: 10_000,
    minVersion: "TLSv1.3",
    ...certificate,
  });
  const link = new Link(socket, options);
  const onAbort = (): void => void link.drainAndClose();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await link.ended;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** One socket from challenge to close. */
class Link {
  readonly ended: Promise<LinkEnd>;
  readonly #socket: WebSocket;
  readonly #options: DaemonOptions;
  #work: Work | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #lastHeardMs: number;
  #wasWelcome = false;
  #refusal: { code: string; message: string } | undefined;
  #inOrder: Promise<void> = Promise.resolve();
  /** The connection below the WebSocket. */
  #wire: Pick<Socket, "cork" | "uncork"> | undefined;
  #isCorked = false;

  constructor(socket: WebSocket, options: DaemonOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#lastHeardMs = options.nowMs();
    const { promise, resolve } = Promise.withResolvers<LinkEnd>();
    this.ended = promise;
    let reason = "the link closed";
    socket.on("error", (error) => {
      reason = error.message === "" ? "the coordinator does not answer" : error.message;
    });
    socket.on("upgrade", (response) => {
      this.#wire = response.socket;
    });
    socket.on("message", (data: Buffer, isBinary) => {
      this.#lastHeardMs = options.nowMs();
      if (!isBinary) this.#onText(data.toString("utf8"));
    });
    socket.on("ping", () => {
      this.#lastHeardMs = options.nowMs();
    });
    socket.on("close", () => {
      clearInterval(this.#heartbeat);
      void this.#inOrder
        .then(async () => this.#work?.cut())
        .catch((error: unknown) => options.emit({ event: "warning", message: String(error) }))
        .then(() => {
          const text = this.#refusal?.message ?? reason;
          const isFatal = this.#refusal !== undefined && hopeless.has(this.#refusal.code);
          resolve({ reason: text, wasWelcome: this.#wasWelcome, isFatal });
        });
    });
  }

  /** Finishes what runs, takes nothing new, then closes. */
  async drainAndClose(): Promise<void> {
    if (this.#work === undefined) {
      this.#socket.terminate();
      return;
    }
    this.#work.drain();
    this.#sendHeartbeat();
    await this.#work.idle();
    this.#uncork();
    this.#socket.close(1000, "stopping");
    setTimeout(() => this.#socket.terminate(), 2000).unref();
  }

  #onText(text: string): void {
    let message: CoordinatorMessage;
    try {
      message = parseCoordinatorMessage(text);
    } catch (error) {
      this.#options.emit({ event: "warning", message: `the coordinator sent nonsense: ${String(error)}` });
      return this.#socket.terminate();
    }
    if (message.type === "error" && message.fatal) this.#refusal = message;
    // What belongs to work is taken in at once: the store keeps the order, and the disk need not be waited for.
    if (this.#work !== undefined && message.type !== "welcome" && message.type !== "challenge") {
      void this.#work.onMessage(message).catch((error: unknown) => this.#fail(error));
      return;
    }
    this.#inOrder = this.#inOrder
      .then(async () => this.#onMessage(message))
      .catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#options.emit({ event: "warning", message: error instanceof Error ? error.message : String(error) });
    this.#socket.terminate();
  }

  async #onMessage(message: CoordinatorMessage): Promise<void> {
    if (message.type === "challenge") return this.#answer(message);
    if (message.type === "welcome") {
      this.#onWelcome(message.heartbeatSecs);
      return;
    }
    await this.#work?.onMessage(message);
  }

  async #answer({
    nonce,
    coordinator: name,
    addresses,
  }: Extract<CoordinatorMessage, { type: "challenge" }>): Promise<void> {
    const { chain, miner, signer, store, engine, nowMs, emit } = this.#options;
    const coordinator = name.toLowerCase() as Hex;
    for (const field of ["chainId", "paymentEscrow", "receiptLedger", "staking"] as const) {
      if (String(addresses[field]).toLowerCase() !== String(chain.addresses[field]).toLowerCase()) {
        throw new MinerError("other_market", `The coordinator uses another ${field} than this miner.`);
      }
    }
    const stake = await readCoordinator(chain, coordinator);
    if (!stake.isActive) throw new MinerError("not_staked", `The coordinator ${coordinator} has no active stake.`);
    await receiptInterrupted(store, coordinator, nowMs());
    const { askInputWei, askOutputWei, concurrency, caps } = this.#options;
    this.#work = new Work(
      {
        addresses: chain.addresses,
        coordinator,
        coordinatorOperator: stake.operator,
        miner,
        signer,
        engine,
        store,
        askInputWei,
        askOutputWei,
        concurrency,
        caps,
        nowMs,
        emit,
      },
      { send: (message) => this.#send(message), sendFrame: (frame) => this.#sendFrame(frame) },
    );
    const timestampMs = nowMs();
    const hello = { coordinator, miner, nonce, timestampMs: BigInt(timestampMs) };
    this.#send({
      type: "hello",
      miner,
      timestampMs,
      signature: signTypedData(signer, ledgerDomain(chain.addresses), "MinerHello", hello),
      capabilities: this.#capabilities(),
      pending: store
        .pending(coordinator)
        .slice(0, limits.pendingReceipts)
        .map(({ digest }) => digest),
    });
    emit({ event: "connected", coordinator, url: this.#options.coordinatorUrl });
  }

  #capabilities(): Capabilities {
    const { engine, modelId, concurrency, askInputWei, askOutputWei, hardware, version } = this.#options;
    const { modelDigest, engineClass, contextTokens, sizeBytes } = engine.info;
    return {
      version,
      concurrency,
      models: [{ id: modelId, digest: modelDigest, engineClass, contextTokens, sizeBytes }],
      hardware,
      ask: { inputPriceWei: askInputWei.toString(), outputPriceWei: askOutputWei.toString() },
    };
  }

  #onWelcome(heartbeatSecs: number): void {
    this.#wasWelcome = true;
    this.#work?.resume();
    this.#sendHeartbeat();
    this.#heartbeat = setInterval(() => {
      const { nowMs } = this.#options;
      if (nowMs() - this.#lastHeardMs > silentHeartbeats * heartbeatSecs * 1000) return this.#socket.terminate();
      this.#sendHeartbeat();
      this.#work?.repeatUnconfirmed();
      this.#socket.ping();
    }, heartbeatSecs * 1000);
    this.#socket.on("pong", () => {
      this.#lastHeardMs = this.#options.nowMs();
    });
  }

  #sendHeartbeat(): void {
    const { concurrency, miner, modelId, signal } = this.#options;
    const running = this.#work?.running ?? 0;
    this.#send({
      type: "heartbeat",
      agent_id: miner,
      status: signal.aborted ? "draining" : running >= concurrency ? "busy" : "available",
      current_load: Math.min(1, running / concurrency),
      models_loaded: [modelId],
    });
  }

  #send(message: MinerMessage): void {
    this.#sendFrame(JSON.stringify(message));
  }

  /** Frames of one turn leave together, in one write. */
  #sendFrame(frame: Uint8Array | string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#wire?.cork();
      setImmediate(() => this.#uncork());
    }
    this.#socket.send(frame);
  }

  #uncork(): void {
    if (this.#isCorked) this.#wire?.uncork();
    this.#isCorked = false;
  }
}
