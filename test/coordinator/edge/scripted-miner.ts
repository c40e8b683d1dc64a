import { once } from "node:events";
import { signBatch } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import { signTypedData, type Signer } from "@lode/sdk/keys";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import {
  assignmentDigest,
  finishReason,
  fromWire,
  hashStruct,
  toWire,
  type Assignment,
  type Receipt,
} from "@lode/sdk/typed-data";
import {
  commitEmbeddings,
  embeddingBytes,
  encodeImageFrames,
  encodeTokenFrame,
  encodeVectorFrame,
  imageIds,
  imageTokens,
  parseCoordinatorMessage,
  type CoordinatorMessage,
  type ImagePrompt,
  type MinerMessage,
  type OfferedModel,
  type SignedProgress,
  type TokenLogprob,
} from "@lode/protocol";
import WebSocket from "ws";
import { domain, word } from "../fixture.ts";

export type Message<T extends CoordinatorMessage["type"]> = Extract<CoordinatorMessage, { type: T }>;
export type Piece = readonly [id: number, text: string];

export const demoModel: OfferedModel = {
  id: "demo",
  digest: word("demo weights"),
  engineClass: word("engine"),
  contextTokens: 4096,
  sizeBytes: 1000,
};

export interface MinerOptions {
  readonly url: string;
  readonly signer: Signer;
  /** Address that is staked, when it is not the signer's own. */
  readonly address?: Hex;
  readonly models: readonly OfferedModel[];
  readonly concurrency: number;
  /** Left at the challenge. */
  readonly isUnproven?: boolean;
  readonly pending: readonly Hex[];
  /** False keeps `resumed` back, so that the test sends receipts first. */
  readonly resumes?: boolean;
  /** What it says of its machine. */
  readonly hardware?: Readonly<Record<string, string | number>>;
  /** Where it says that it stands. */
  readonly place?: string;
  readonly ask?: { readonly inputPriceWei: string; readonly outputPriceWei: string };
  /** Answers every job with these pieces, from where its prefix ends. */
  readonly script?: readonly Piece[];
  readonly nowMs: () => number;
}

/** A job as this miner sees it. */
export class ReceivedJob {
  readonly message: Message<"job">;
  readonly assignment: Assignment;
  readonly digest: Hex;
  readonly ids: number[] = [];

  constructor(message: Message<"job">) {
    this.message = message;
    this.assignment = fromWire("Assignment", message.assignment);
    this.digest = assignmentDigest(domain, this.assignment);
  }
}

/** A miner without an engine: it speaks the real protocol with real signatures, and does what a test tells it. */
export class ScriptedMiner {
  readonly options: MinerOptions;
  readonly socket: WebSocket;
  readonly received: CoordinatorMessage[] = [];
  readonly jobs: ReceivedJob[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #taken = 0;
  #wake: (() => void)[] = [];

  constructor(options: Partial<MinerOptions> & Pick<MinerOptions, "url" | "signer" | "nowMs">) {
    this.options = { models: [demoModel], concurrency: 4, pending: [], ...options };
    this.socket = new WebSocket(`${options.url.replace("http", "ws")}/v1/miner/ws`);
    this.socket.on("message", (data: Buffer) => this.#onMessage(parseCoordinatorMessage(data.toString("utf8"))));
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#signal();
      });
    });
  }

  get address(): Hex {
    return this.options.address ?? this.options.signer.address;
  }

  /** The whole hello; resolves when the coordinator can give work. */
  async join(): Promise<void> {
    this.hello(await this.next("challenge"));
    await this.next("welcome");
    if (this.options.resumes !== false) this.resume();
  }

  hello(challenge: Message<"challenge">, changes: Partial<Extract<MinerMessage, { type: "hello" }>> = {}): void {
    const { signer, models, concurrency, pending, ask, place, nowMs, url, hardware = {} } = this.options;
    const timestampMs = changes.timestampMs ?? nowMs();
    const miner = this.address;
    const { coordinator, nonce } = challenge;
    const { origin } = new URL(url);
    const signed = { coordinator, origin, miner, nonce, timestampMs: BigInt(timestampMs) };
    this.send({
      type: "hello",
      miner,
      origin,
      timestampMs,
      signature: signTypedData(signer, domain, "MinerHello", signed),
      capabilities: {
        ...{ version: "test", concurrency, models: [...models], hardware },
        ...(ask && { ask }),
        ...(place !== undefined && { place }),
      },
      pending: [...pending],
      ...changes,
    });
  }

  resume(): void {
    this.send({ type: "resumed" });
    this.heartbeat();
  }

  /** @param changes what it says of itself otherwise than that all its models are loaded */
  heartbeat(
    status: Extract<MinerMessage, { type: "heartbeat" }>["status"] = "available",
    changes: Partial<Extract<MinerMessage, { type: "heartbeat" }>> = {},
  ): void {
    const models_loaded = this.options.models.map(({ id }) => id);
    this.send({ type: "heartbeat", agent_id: this.address, status, current_load: 0, models_loaded, ...changes });
  }

  /** The next message of a type that was not taken yet; others before it are skipped. Rejects when the link closes. */
  async next<T extends CoordinatorMessage["type"]>(type: T): Promise<Message<T>> {
    for (;;) {
      while (this.#taken < this.received.length) {
        const message = this.received[this.#taken++]!;
        if (message.type === type) return message as Message<T>;
      }
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error(`the link closed before "${type}"`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** The latest message of a type, whether it was taken or not. */
  last<T extends CoordinatorMessage["type"]>(type: T): Message<T> | undefined {
    return this.received.findLast((message) => message.type === type) as Message<T> | undefined;
  }

  /** Waits for the next job. */
  async job(): Promise<ReceivedJob> {
    const message = await this.next("job");
    const job = this.jobs.find((known) => known.message === message);
    if (job === undefined) throw new Error("a job was not noticed");
    return job;
  }

  /** A job that asks for probabilities gets `chances` of its tokens, if there are any. */
  tokens(
    job: ReceivedJob,
    pieces: readonly Piece[],
    firstIndex = job.ids.length,
    chances?: readonly TokenLogprob[],
  ): void {
    const ids = pieces.map(([id]) => id);
    const text = pieces.map(([, piece]) => piece).join("");
    job.ids.push(...ids);
    const logprobs = chances === undefined ? {} : { logprobs: chances };
    this.frame(encodeTokenFrame({ kind: "tokens", assignment: job.digest, firstIndex, ids, text, ...logprobs }));
  }

  /** @param stop the stop text that came, by its place */
  endOfOutput(job: ReceivedJob, stop?: number): void {
    const more = stop === undefined ? {} : { stop };
    this.frame(encodeTokenFrame({ kind: "end", assignment: job.digest, firstIndex: job.ids.length, ...more }));
  }

  /** Sends vectors, and gives the changes that make a receipt one for them: each text counts as `tokens` tokens. */
  vectors(job: ReceivedJob, vectors: readonly (readonly number[])[], tokens = 4): Partial<Receipt> {
    const all = vectors.map((values) => Float32Array.from(values));
    all.forEach((vector, place) => this.frame(encodeVectorFrame({ assignment: job.digest, place, vector })));
    const inputTokens = tokens * all.length;
    return {
      outputCommitment: commitEmbeddings(job.message.jobSalt, all.map(embeddingBytes)),
      inputTokens,
      outputTokens: 0,
      amountWei: BigInt(inputTokens) * job.assignment.inputPriceWei,
    };
  }

  /** A signed receipt for what this miner sent, with a test's changes made before it is signed. */
  receiptMessage(
    job: ReceivedJob,
    changes: Partial<Receipt> = {},
    lastAck?: SignedProgress,
  ): Extract<MinerMessage, { type: "receipt" }> {
    const { assignment, message, digest } = job;
    const ids = job.ids.slice(0, changes.outputTokens ?? job.ids.length);
    const nowMs = BigInt(this.options.nowMs());
    const inputTokens = 5;
    const receipt: Receipt = {
      assignment: digest,
      inputCommitment: commitTokens(message.jobSalt, tokenSide.input, [1, 2, 3, 4, 5]),
      outputCommitment: commitTokens(message.jobSalt, tokenSide.output, ids, message.prefixTokens.length),
      fingerprintCommitment: word("no fingerprint"),
      inputTokens,
      outputTokens: ids.length,
      amountWei: BigInt(inputTokens) * assignment.inputPriceWei + BigInt(ids.length) * assignment.outputPriceWei,
      startedAtMs: nowMs,
      finishedAtMs: nowMs,
      finishReason: finishReason.stop,
      hosted: false,
      ...changes,
    };
    const leaves = [hashStruct("Receipt", receipt)];
    const [batch] = signBatch(this.options.signer, domain, "ReceiptBatch", leaves);
    return { type: "receipt", receipt: toWire("Receipt", receipt), batch: batch!, ...(lastAck && { lastAck }) };
  }

  /** Streams pieces, waits for their acknowledgement and sends the receipt. */
  async finish(
    job: ReceivedJob,
    pieces: readonly Piece[],
    changes: Partial<Receipt> = {},
    stop?: number,
  ): Promise<void> {
    for (const piece of pieces) this.tokens(job, [piece]);
    this.endOfOutput(job, stop);
    await this.acknowledged(job);
    this.send(this.receiptMessage(job, changes));
  }

  /** Sends a picture's file, waits for its acknowledgement and sends the receipt. */
  async paint(job: ReceivedJob, picture: Uint8Array, changes: Partial<Receipt> = {}): Promise<void> {
    this.picture(job, picture);
    await this.acknowledged(job);
    this.send(this.receiptMessage(job, changes));
  }

  picture(job: ReceivedJob, picture: Uint8Array): void {
    const { image } = job.message.prompt as ImagePrompt;
    job.ids.push(...imageIds(picture, imageTokens(image)));
    for (const frame of encodeImageFrames(job.digest, picture)) this.frame(frame);
  }

  /** Resolves when all of a job's output is acknowledged. */
  async acknowledged(job: ReceivedJob): Promise<void> {
    // One frame may acknowledge several jobs, so none is taken from those that wait beside this one.
    while (!this.#isAcknowledged(job)) {
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error("the link closed before the acknowledgement");
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  send(message: MinerMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  frame(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  /** Resolves when everything sent so far was read, and what was sent back before that has come. */
  async roundTrip(): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN) throw new Error("the link is closed");
    this.socket.ping();
    await once(this.socket, "pong");
  }

  hangUp(): void {
    this.socket.terminate();
  }

  #isAcknowledged({ digest, ids }: ReceivedJob): boolean {
    return this.received.some(
      (message) =>
        message.type === "ack" &&
        message.items.some(({ progress }) => progress.assignment === digest && progress.count === ids.length),
    );
  }

  #onMessage(message: CoordinatorMessage): void {
    this.received.push(message);
    if (message.type === "job") this.#onJob(message);
    this.#signal();
  }

  #onJob(message: Message<"job">): void {
    const job = new ReceivedJob(message);
    this.jobs.push(job);
    const { script } = this.options;
    if (script === undefined) return;
    this.finish(job, script.slice(message.prefixTokens.length)).catch(() => undefined);
  }

  #signal(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
