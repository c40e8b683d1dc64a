import type { Socket } from "node:net";
import type { Hex } from "@lode/sdk/hash";
import { signTypedData } from "@lode/sdk/keys";
import { ledgerDomain } from "@lode/sdk/typed-data";
import {
  limits,
  parseCoordinatorMessage,
  type Capabilities,
  type CoordinatorMessage,
  type MinerMessage,
} from "@lode/protocol";
import { readCoordinator } from "../../chain/chain.ts";
import { MinerError } from "../../errors.ts";
import type { Policy } from "../conditions/conditions.ts";
import type { DaemonOptions, ServedModel } from "../daemon.ts";
import { receiptInterrupted } from "../interrupted.ts";
import type { Station } from "../station.ts";
import { Work } from "../work.ts";
import type { LinkSocket } from "./socket.ts";

export interface LinkEnd {
  readonly reason: string;
  /** The socket opened: whatever ended it, this way leads to the coordinator. */
  readonly wasOpen: boolean;
  readonly wasWelcome: boolean;
  readonly isFatal: boolean;
}

export interface LinkOptions extends DaemonOptions {
  readonly coordinatorUrl: string;
  readonly station: Station;
}

/** Refusals that trying again does not mend. */
const hopeless = new Set(["not_operator", "not_staked", "replaced"]);
/** No word from the coordinator for this many heartbeats means that the link is dead. */
const silentHeartbeats = 3;
const metricsMs = 60_000;

/** One socket from challenge to close. */
export class Link {
  readonly ended: Promise<LinkEnd>;
  readonly #socket: LinkSocket;
  readonly #options: LinkOptions;
  #work: Work | undefined;
  /** Models that the coordinator was told of. */
  #offered = 0;
  #heartbeat: NodeJS.Timeout | undefined;
  #metrics: NodeJS.Timeout | undefined;
  /** Round trip of the socket at the last heartbeat, milliseconds. */
  #roundTripMs: number | undefined;
  #pingedAtMs: number | undefined;
  #wasOpen = false;
  #lastHeardMs: number;
  #wasWelcome = false;
  #refusal: { code: string; message: string } | undefined;
  #inOrder: Promise<void> = Promise.resolve();
  /** The connection below the WebSocket. */
  #wire: Pick<Socket, "cork" | "uncork"> | undefined;
  #isCorked = false;

  constructor(socket: LinkSocket, options: LinkOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#lastHeardMs = options.steadyMs();
    const { promise, resolve } = Promise.withResolvers<LinkEnd>();
    this.ended = promise;
    let reason = "the link closed";
    const ignore = options.station.onChange((policy) => this.#onPolicy(policy));
    socket.on("open", () => {
      this.#wasOpen = true;
    });
    socket.on("error", (error) => {
      reason = error.message === "" ? "the coordinator does not answer" : error.message;
    });
    socket.on("upgrade", (response) => {
      this.#wire = response.socket;
    });
    socket.on("message", (data: Buffer, isBinary) => {
      this.#lastHeardMs = options.steadyMs();
      if (!isBinary) this.#onText(data.toString("utf8"));
    });
    socket.on("ping", () => {
      this.#lastHeardMs = options.steadyMs();
    });
    socket.on("close", () => {
      clearInterval(this.#heartbeat);
      clearInterval(this.#metrics);
      ignore();
      void this.#inOrder
        .then(async () => this.#work?.cut())
        .catch((error: unknown) => options.emit({ event: "warning", message: String(error) }))
        .then(() => {
          const text = this.#refusal?.message ?? reason;
          const isFatal = this.#refusal !== undefined && hopeless.has(this.#refusal.code);
          resolve({ reason: text, wasOpen: this.#wasOpen, wasWelcome: this.#wasWelcome, isFatal });
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

  #onPolicy({ endsRunning, relinks }: Policy): void {
    if (relinks) return this.#socket.terminate();
    if (endsRunning) this.#work?.endRunning();
    if (this.#wasWelcome) this.#sendHeartbeat();
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
    if (message.type === "error" && !message.fatal) this.#options.emit({ event: "warning", message: message.message });
    if (message.type === "wanted") {
      const { onWanted, coordinatorUrl } = this.#options;
      // A list that cannot be kept costs nothing but this list.
      onWanted?.(coordinatorUrl, message.models).catch((error: unknown) => {
        this.#options.emit({ event: "warning", message: error instanceof Error ? error.message : String(error) });
      });
      return;
    }
    if (message.type === "prove") {
      void this.#prove(message);
      return;
    }
    // What belongs to work is taken in at once: the store keeps the order, and the disk need not be waited for.
    if (this.#work !== undefined && message.type !== "welcome" && message.type !== "challenge") {
      void this.#work.onMessage(message).catch((error: unknown) => this.#fail(error));
      return;
    }
    this.#inOrder = this.#inOrder
      .then(async () => this.#onMessage(message))
      .catch((error: unknown) => this.#fail(error));
  }

  /** Nobody waits for it here: proofs take seconds, and the market's work goes on meanwhile. */
  async #prove({ id, ...request }: Extract<CoordinatorMessage, { type: "prove" }>): Promise<void> {
    const { classifications, emit } = this.#options;
    try {
      if (classifications === undefined) throw new MinerError("not_offered", "this miner proves nothing");
      const transaction = await classifications.answer(request);
      emit({ event: "classification", job: request.job, transaction });
      this.#send({ type: "proved", id, transaction });
    } catch (error) {
      const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "failed";
      const message = (error instanceof Error ? error.message : String(error)).slice(0, 500);
      emit({ event: "warning", message: `job ${request.job} was not proved: ${message.split("\n")[0] ?? ""}` });
      this.#send({ type: "unproved", id, code: code.slice(0, 64), message });
    }
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
    const { chain, coordinatorUrl, miner, signer, store, models, nowMs, steadyMs, emit } = this.#options;
    const coordinator = name.toLowerCase() as Hex;
    for (const field of ["chainId", "paymentEscrow", "receiptLedger", "staking"] as const) {
      if (String(addresses[field]).toLowerCase() !== String(chain.addresses[field]).toLowerCase()) {
        throw new MinerError("other_market", `The coordinator uses another ${field} than this miner.`);
      }
    }
    const stake = await readCoordinator(chain, coordinator);
    if (!stake.isActive) throw new MinerError("not_staked", `The coordinator ${coordinator} has no active stake.`);
    await receiptInterrupted(store, coordinator, nowMs());
    const { askInputWei, askOutputWei, caps, fingerprints, station, energyMark } = this.#options;
    this.#work = new Work(
      {
        addresses: chain.addresses,
        coordinator,
        coordinatorOperator: stake.operator,
        miner,
        signer,
        engines: models.map(({ engine }) => engine),
        store,
        askInputWei,
        askOutputWei,
        station,
        caps,
        fingerprints,
        energyMark,
        nowMs,
        steadyMs,
        emit,
      },
      { send: (message) => this.#send(message), sendFrame: (frame) => this.#sendFrame(frame) },
    );
    this.#offered = models.length;
    const timestampMs = nowMs();
    const { origin } = new URL(coordinatorUrl);
    // The challenge may be another coordinator's, passed on: with the place in it the answer is good at this one only.
    const hello = { coordinator, origin, miner, nonce, timestampMs: BigInt(timestampMs) };
    this.#send({
      type: "hello",
      miner,
      origin,
      timestampMs,
      signature: signTypedData(signer, ledgerDomain(chain.addresses), "MinerHello", hello),
      capabilities: this.#capabilities(),
      pending: store
        .pending(coordinator)
        .slice(0, limits.pendingReceipts)
        .map(({ digest }) => digest),
    });
    emit({ event: "connected", coordinator, url: coordinatorUrl });
  }

  #capabilities(): Capabilities {
    const { models, station, askInputWei, askOutputWei, hardware, version, place, classifications } = this.#options;
    return {
      version,
      concurrency: station.concurrency,
      models: models.map(({ id, engine }) => {
        const { loadMs } = engine;
        const {
          modelDigest: digest,
          engineClass,
          contextTokens,
          sizeBytes,
          logprobs,
          vocabulary,
          images,
        } = engine.info;
        return {
          ...{ id, digest, engineClass, contextTokens, sizeBytes },
          ...(logprobs !== undefined && { logprobs }),
          ...(vocabulary !== undefined && { vocabulary }),
          ...(engine.count !== undefined && { counts: true }),
          ...(images !== undefined && { images }),
          ...(loadMs !== undefined && { loadMs: Math.min(Math.ceil(loadMs), limits.loadMs) }),
        };
      }),
      hardware,
      ...(place !== undefined && { place }),
      ...(classifications !== undefined && { proves: true }),
      ask: { inputPriceWei: askInputWei.toString(), outputPriceWei: askOutputWei.toString() },
    };
  }

  #onWelcome(statedSecs: number): void {
    // An owner may want to be heard more often than the coordinator asks, never more rarely.
    const heartbeatSecs = Math.min(statedSecs, this.#options.heartbeatSecs ?? Infinity);
    this.#wasWelcome = true;
    this.#work?.resume();
    this.#sendHeartbeat();
    this.#heartbeat = setInterval(() => {
      if (this.#options.steadyMs() - this.#lastHeardMs > silentHeartbeats * statedSecs * 1000)
        return this.#socket.terminate();
      this.#sendHeartbeat();
      this.#work?.repeatUnconfirmed();
      this.#pingedAtMs ??= performance.now();
      this.#socket.ping();
    }, heartbeatSecs * 1000);
    this.#socket.on("pong", () => {
      this.#lastHeardMs = this.#options.steadyMs();
      if (this.#pingedAtMs !== undefined) this.#roundTripMs = performance.now() - this.#pingedAtMs;
      this.#pingedAtMs = undefined;
    });
    const report = (): void => this.#send({ type: "metrics", ...this.#options.machineMetrics() });
    report();
    this.#metrics = setInterval(report, metricsMs);
  }

  /** Models that came since the hello are offered before anything is said about them. */
  #offerMore(): void {
    const { models } = this.#options;
    if (models.length === this.#offered) return;
    for (const { engine } of models.slice(this.#offered)) this.#work?.serve(engine);
    this.#offered = models.length;
    this.#send({ type: "offers", capabilities: this.#capabilities() });
  }

  #sendHeartbeat(): void {
    this.#offerMore();
    const { miner, models, signal, station } = this.#options;
    const { running, slots, policy, gpuState } = station;
    const isFull = running >= slots;
    const isLoaded = ({ engine }: ServedModel): boolean => engine.isLoaded !== false;
    const withoutRoom = models.filter((model) => !isLoaded(model) && model.engine.hasRoom === false);
    this.#send({
      type: "heartbeat",
      agent_id: miner,
      status: signal.aborted ? "draining" : policy.status === "available" && isFull ? "busy" : policy.status,
      current_load: Math.min(1, running / slots),
      ...(gpuState !== undefined && { gpu_state: gpuState }),
      ...(this.#roundTripMs !== undefined && { network_latency_ms: this.#roundTripMs }),
      models_loaded: models.filter(isLoaded).map(({ id }) => id),
      ...(withoutRoom.length > 0 && { models_without_room: withoutRoom.map(({ id }) => id) }),
    });
  }

  #send(message: MinerMessage): void {
    this.#sendFrame(JSON.stringify(message));
  }

  /** Frames of one turn leave together, in one write. */
  #sendFrame(frame: Uint8Array | string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
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
