import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { LodeError } from "@lode/sdk/errors";
import { hostedEngineClass, tier as tiers, toWire, type Progress } from "@lode/sdk/typed-data";
import {
  embeddingTokenBound,
  inputTokenBound,
  limits,
  promptCommitment,
  samplerHash,
  seedOfClient,
  seedOfNonces,
  type EmbeddingInput,
  type OfferedModel,
  type Prompt,
  type SamplerParams,
  type TextPrompt,
} from "@lode/protocol";
import { blameless, type FailureCode } from "../../../domain/jobs/failure.ts";
import { Job, maximumAttempts, type AttemptResult, type JobSummary, type Step } from "../../../domain/jobs/job.ts";
import type { LatencyTier } from "../../../domain/pricing/tier.ts";
import { noSpan, type Span } from "../../external/tracing.ts";
import { ReceiptRejectedError } from "../ledger/errors.ts";
import type { Ledger, SignedAssignment, SignedQuote } from "../ledger/types.ts";
import type { Floor } from "../market/floor.ts";
import type { QuoteDesk } from "../market/quote-desk.ts";
import { noWishes, type Wishes } from "../market/wishes.ts";
import type { AttemptEnd, Patience, RunningAttempt } from "./attempt.ts";
import { AttemptStream } from "./attempt-stream.ts";
import { JobFailedError, NoMinerError, RequestTooLargeError, StoppingError, UnsupportedTierError } from "./errors.ts";
import type { MinerHub } from "./hub.ts";
import type { MinerSession } from "./session.ts";
import { VectorStream } from "./vector-stream.ts";

interface AnyRequest {
  readonly jobId: string;
  readonly client: Hex;
  /** Prefix of the API key that asks; its caps count. */
  readonly key: string | undefined;
  readonly model: OfferedModel;
  /** What the client asked for; undefined for the best that the model's miners can do. */
  readonly tier: number | undefined;
  readonly wishes?: Wishes | undefined;
}

/** A miner that a job may go to, with the model as it offers it. */
interface Choice {
  readonly miner: Hex;
  readonly model: OfferedModel;
}

/** A text that a client asked for, checked. */
export interface TextRequest extends AnyRequest {
  readonly prompt: Prompt | TextPrompt;
  readonly sampler: SamplerParams;
  readonly clientSeed?: number | string | undefined;
  readonly maxTokens: number;
  readonly stop: readonly string[];
}

/** Vectors that a client asked for, checked. */
export interface VectorRequest extends AnyRequest {
  readonly prompt: EmbeddingInput;
}

/** Nothing is drawn for vectors, but every assignment fixes how. */
const noDraw = {
  sampler: { kind: "inverse-cdf-v1", temperature: 0, topK: 1, topP: 1 },
  clientSeed: 0,
  maxTokens: 0,
  stop: [],
} as const;

type JobRequest = TextRequest | (VectorRequest & typeof noDraw);

/** A job that has a miner: its first assignment's digest, the miner, the prices. */
export interface JobStart {
  readonly digest: Hex;
  readonly miner: Hex;
  readonly quote: SignedQuote;
  readonly latency: LatencyTier;
}

/** Where the text goes, and how the client's side of it stands. */
export interface Sink {
  readonly onStart: (start: JobStart) => void;
  /** Takes text; false asks for a pause until `onDrain` calls back. */
  readonly onText: (text: string) => boolean;
  readonly onDrain: (resume: () => void) => void;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** What the job's spans hang below. */
  readonly trace?: Span;
}

export interface JobResult extends JobSummary {
  /** Digest of the job's first assignment. */
  readonly job: Hex;
}

export interface VectorResult extends JobResult {
  /** One for each text, in their order. */
  readonly vectors: readonly Float32Array[];
}

export interface RelayOptions {
  readonly ledger: Ledger;
  readonly hub: MinerHub;
  readonly floor: Floor;
  readonly desk: QuoteDesk;
  readonly patience: Patience;
  /** How long a job may take, seconds. */
  readonly deadlineSecs: number;
  readonly nowMs: () => number;
  readonly log: (level: "info" | "warn", fields: object, message: string) => void;
  /** Called when a job moves to another miner, with the reason. */
  readonly onFailover?: (code: FailureCode) => void;
  /** Called when the first token of a job came, milliseconds after it was asked for. */
  readonly onFirstToken?: (latency: LatencyTier, ms: number) => void;
  /** Called when an attempt settled that had a first token, milliseconds after its miner was asked. */
  readonly onServed?: (miner: Hex, firstTokenMs: number) => void;
}

/** How long a cancelled attempt's receipt is waited for, milliseconds. */
const cancelledReceiptMs = 10_000;

/** What stays the same over all attempts of a job. */
interface Running {
  readonly request: JobRequest;
  readonly sink: Sink;
  readonly quote: SignedQuote;
  readonly job: Job;
  readonly counter: bigint;
  readonly seed: Hex;
  readonly jobSalt: Hex;
  readonly promptSalt: Hex;
  readonly deadline: bigint;
  readonly choices: readonly Choice[];
  readonly latency: LatencyTier;
  /** By the process's own clock, milliseconds. */
  readonly askedAtMs: number;
  hasToken: boolean;
  firstDigest: Hex | undefined;
  /** Of the attempt that was settled. */
  vectors: readonly Float32Array[];
}

/** Runs jobs to their receipts, moving them to the next miner as often as needed. A client sees one stream. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #running = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Jobs that run now. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * Throws RequestTooLargeError, NoMinerError, InsufficientFundsError or StoppingError before the job starts, JobFailedError when no miner
   * finished it.
   */
  run(request: TextRequest, sink: Sink): Promise<JobResult> {
    return this.#count(request, sink);
  }

  /** As `run`, for vectors, which come together when the job is paid for. */
  embed(request: VectorRequest, sink: Pick<Sink, "onStart" | "signal" | "trace">): Promise<VectorResult> {
    const silent = { onText: () => true, onDrain: () => undefined };
    return this.#count({ ...request, ...noDraw }, { ...silent, ...sink });
  }

  async #count(request: JobRequest, sink: Sink): Promise<VectorResult> {
    if (this.#isStopping) throw new StoppingError();
    refuseHuge(request);
    const running = this.#run(request, sink);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Takes no new job and waits for those that run, at most for `boundMs`. */
  async drain(boundMs: number): Promise<void> {
    this.#isStopping = true;
    const { promise: bound, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), boundMs);
    await Promise.race([Promise.allSettled(this.#running), bound]);
    clearTimeout(timer);
  }

  async #run(request: JobRequest, sink: Sink): Promise<VectorResult> {
    const { floor } = this.#options;
    const running = this.#prepare(request, sink);
    floor.begin(request.client, request.model.digest);
    try {
      return await this.#runPrepared(running);
    } finally {
      floor.end(request.client, request.model.digest);
    }
  }

  async #runPrepared(running: Running): Promise<VectorResult> {
    const { hub, log } = this.#options;
    // The fallback list exists before the job starts.
    const { request, sink, job, choices } = running;
    let step: Step = { kind: "attempt", outputOffset: 0, maxOutputTokens: request.maxTokens };
    let failure: FailureCode | undefined;
    for (const choice of choices) {
      // Nobody reads any more, or a receipt would come too late: no other miner is asked.
      if (failure !== undefined && (sink.signal.aborted || this.#leftMs(running) <= 0)) break;
      const session = hub.session(choice.miner);
      if (session?.offers(choice.model.digest) === undefined) continue;
      if (failure !== undefined) this.#options.onFailover?.(failure);
      const result = await this.#attempt(running, session, choice, step);
      step = job.end(result);
      if (step.kind !== "attempt") break;
      failure = result.kind === "failed" ? result.code : "stopped_early";
      log("warn", { job: request.jobId, miner: choice.miner, code: failure }, "job moves on");
    }
    if (running.firstDigest === undefined) throw new NoMinerError(request.model.id);
    if (step.kind === "done") return { job: running.firstDigest, vectors: running.vectors, ...job.summary() };
    throw new JobFailedError(step.kind === "failed" ? step.code : (failure ?? "refused"));
  }

  #prepare(request: JobRequest, sink: Sink): Running {
    const { ledger, floor, desk, nowMs, deadlineSecs } = this.#options;
    const { client, model, wishes = noWishes } = request;
    const tier = tierOf(request);
    const given = wishes.quote === undefined ? undefined : desk.take(wishes.quote, client, model.digest, tier, nowMs());
    const isConstrained = "constraint" in request.sampler;
    const wanted = {
      ...request,
      tier,
      isConstrained,
      wishes: given === undefined ? wishes : { ...wishes, latency: given.latency },
    };
    const decision = floor.choose(wanted, given?.signed.quote);
    if (decision === undefined) {
      floor.shortage.refuse(model.id, nowMs());
      throw new NoMinerError(model.id);
    }
    const choices = decision.found.flatMap(({ offer: { miner } }) => {
      const offered = this.#options.hub.session(miner)?.offers(model.digest);
      return offered === undefined ? [] : [{ miner, model: offered }];
    });
    const { counter, coordinatorNonce } = ledger.nextJob();
    return {
      request,
      sink,
      quote: given?.signed ?? ledger.quote(model.digest, tier, decision.price),
      choices: choices.slice(0, maximumAttempts),
      latency: decision.latency,
      askedAtMs: performance.now(),
      hasToken: false,
      job: new Job(request.maxTokens),
      counter,
      seed:
        request.clientSeed === undefined
          ? seedOfNonces(randomBytes32(), counter, coordinatorNonce)
          : seedOfClient(request.clientSeed),
      jobSalt: randomBytes32(),
      promptSalt: randomBytes32(),
      deadline: BigInt(Math.floor(nowMs() / 1000) + deadlineSecs),
      firstDigest: undefined,
      vectors: [],
    };
  }

  async #attempt(
    running: Running,
    session: MinerSession,
    choice: Choice,
    { outputOffset, maxOutputTokens }: Extract<Step, { kind: "attempt" }>,
  ): Promise<AttemptResult> {
    const { job, sink } = running;
    const trace = (sink.trace ?? noSpan).child("lode.attempt", {
      "lode.model": running.request.model.id,
      "lode.miner": choice.miner,
      "lode.attempt": job.attempts,
      "lode.job_id": running.request.jobId,
    });
    try {
      const result = await this.#traced(trace, running, session, choice, outputOffset, maxOutputTokens);
      trace.set({ "lode.output_tokens": result.tokens.length });
      trace.end(result.kind === "failed" ? result.code : undefined);
      return result;
    } catch (error) {
      trace.end(error instanceof LodeError ? error.code : "failed");
      throw error;
    }
  }

  async #traced(
    trace: Span,
    running: Running,
    session: MinerSession,
    choice: Choice,
    outputOffset: number,
    maxOutputTokens: number,
  ): Promise<AttemptResult> {
    const { ledger, hub } = this.#options;
    const { job, sink } = running;
    const assigning = trace.child("lode.assign");
    const signed = await this.#assign(running, choice, outputOffset, maxOutputTokens).finally(() => assigning.end());
    trace.set({ "lode.assignment": signed.digest });
    const generating = trace.child("lode.generate");
    const { digest } = signed;
    job.start(choice.miner);
    if (running.firstDigest === undefined) {
      running.firstDigest = digest;
      sink.onStart({ digest, miner: choice.miner, quote: running.quote, latency: running.latency });
    }
    if (hub.session(choice.miner) !== session) {
      await ledger.voidAttempt(digest, "the miner left before it started");
      return { kind: "failed", tokens: [], code: "link_closed" };
    }
    const stream = this.#open(running, session, digest, outputOffset, maxOutputTokens);
    session.streams.set(digest, stream);
    this.#options.floor.served(session, choice.model.digest);
    const startedAtMs = performance.now();
    this.#sendJob(running, session, signed);
    const onAbort = (): void => cancel(session, stream);
    sink.signal.addEventListener("abort", onAbort, { once: true });
    if (sink.signal.aborted) onAbort();
    // Past its deadline an assignment is given up, so what is there by then must be receipted in time.
    const onExpiry = (): void => (stream.ids.length === 0 ? stream.fail("silent") : onAbort());
    const expiry = setTimeout(onExpiry, this.#leftMs(running));
    try {
      const end = await stream.ended.finally(() => generating.end());
      const settling = trace.child("lode.settle");
      const result = await this.#conclude(running, session, stream, end).finally(() => settling.end());
      const firstMs = stream instanceof AttemptStream ? stream.firstTokenAtMs : undefined;
      if (result.kind === "settled") {
        const waitedMs = firstMs === undefined ? undefined : firstMs - startedAtMs;
        if (waitedMs !== undefined) this.#options.onServed?.(choice.miner, waitedMs);
        session.learn(waitedMs, performance.now() - startedAtMs, result.tokens.length);
      }
      return result;
    } finally {
      clearTimeout(expiry);
      sink.signal.removeEventListener("abort", onAbort);
      session.streams.delete(digest);
      this.#options.floor.refresh(session);
    }
  }

  #leftMs({ deadline }: Running): number {
    return Number(deadline) * 1000 - this.#options.nowMs();
  }

  #assign(running: Running, choice: Choice, outputOffset: number, maxOutputTokens: number): Promise<SignedAssignment> {
    const { request, job, quote, counter, seed, jobSalt, promptSalt, deadline } = running;
    return this.#options.ledger.assign({
      client: request.client,
      key: request.key,
      miner: choice.miner,
      counter,
      attempt: job.attempts,
      jobId: request.jobId,
      modelDigest: choice.model.digest,
      engineClass: choice.model.engineClass,
      promptCommitment: promptCommitment(promptSalt, request.prompt),
      prefixCommitment: commitTokens(jobSalt, tokenSide.output, job.delivered),
      outputOffset,
      maxInputTokens: tokenBoundOf(request.prompt),
      maxOutputTokens,
      samplerHash: samplerHash(request.sampler),
      seed,
      quote,
      deadline,
      tier: quote.quote.tier,
    });
  }

  #open(
    running: Running,
    session: MinerSession,
    digest: Hex,
    outputOffset: number,
    maxOutputTokens: number,
  ): AttemptStream | VectorStream {
    const {
      request: { prompt },
      sink,
      jobSalt,
    } = running;
    const shared = { digest, jobSalt, patience: session.patience ?? this.#options.patience };
    if ("texts" in prompt) return new VectorStream({ ...shared, count: prompt.texts.length });
    const stream = new AttemptStream({
      ...shared,
      outputOffset,
      maxOutputTokens,
      onText: (text) => {
        if (!running.hasToken) this.#options.onFirstToken?.(running.latency, performance.now() - running.askedAtMs);
        running.hasToken = true;
        return sink.onText(text);
      },
      onPause: () => sink.onDrain(() => stream.resume()),
      acknowledge: (progress) => void this.#acknowledge(session, progress),
    });
    return stream;
  }

  #sendJob(
    { request, job, quote, jobSalt, promptSalt }: Running,
    session: MinerSession,
    signed: SignedAssignment,
  ): void {
    const { assignment, batch } = signed;
    session.send({
      type: "job",
      assignment: toWire("Assignment", assignment),
      batch: { ...batch, path: [...batch.path] },
      quote: toWire("Quote", quote.quote),
      quoteSignature: quote.signature,
      prompt: request.prompt,
      promptSalt,
      jobSalt,
      prefixTokens: [...job.delivered],
      sampler: request.sampler,
      stop: [...request.stop],
    });
  }

  async #acknowledge(session: MinerSession, progress: Progress): Promise<void> {
    try {
      const signed = await this.#options.ledger.acknowledge(progress);
      const batch = { ...signed.batch, path: [...signed.batch.path] };
      session.acknowledge({ progress: toWire("Progress", progress), batch });
    } catch (error) {
      this.#options.log("warn", { error: String(error) }, "an acknowledgement could not be signed");
    }
  }

  async #conclude(
    running: Running,
    session: MinerSession,
    stream: RunningAttempt,
    end: AttemptEnd,
  ): Promise<AttemptResult> {
    switch (end.kind) {
      case "receipt":
        return this.#settle(running, session, stream, end);
      case "abandoned":
        await this.#options.ledger.voidAttempt(stream.digest, "the client hung up before the first token");
        return { kind: "abandoned", tokens: [] };
      case "failed":
        return this.#giveUp(running, session, stream, end.code);
    }
  }

  async #settle(
    running: Running,
    session: MinerSession,
    stream: RunningAttempt,
    { receipt, batch, hosted }: Extract<AttemptEnd, { kind: "receipt" }>,
  ): Promise<AttemptResult> {
    const { hub } = this.#options;
    const { miner } = session;
    try {
      const settlement = await hub.settle({ miner, receipt, batch, seen: stream.delivered, hosted });
      hub.confirm(miner, settlement);
      hub.record(miner, true);
      const { digest, amountWei } = settlement;
      const { inputTokens, finishReason } = receipt;
      if (stream instanceof VectorStream) running.vectors = stream.vectors;
      return { kind: "settled", tokens: stream.ids, digest, inputTokens, amountWei, finishReason };
    } catch (error) {
      if (!(error instanceof ReceiptRejectedError)) throw error;
      hub.reject(miner, stream.digest, error);
      return this.#giveUp(running, session, stream, "bad_receipt");
    }
  }

  /** Without a token there is nothing to receipt. With some, the miner may still come back and be paid for them. */
  async #giveUp(
    { sink }: Running,
    session: MinerSession,
    stream: RunningAttempt,
    code: FailureCode,
  ): Promise<AttemptResult> {
    const { ledger, hub } = this.#options;
    const { digest, ids: tokens } = stream;
    const { count, root } = stream.delivered;
    if (!blameless.has(code)) hub.record(session.miner, false);
    if (count === 0) await ledger.voidAttempt(digest, "the miner delivered nothing");
    else {
      await ledger.lost(digest, count);
      // A miner that only stalled gets its proof of what arrived, and may send its receipt for that.
      await this.#acknowledge(session, { assignment: digest, count, prefixRoot: root });
    }
    session.send({ type: "cancel", assignment: digest, deliveredTokens: count });
    return sink.signal.aborted ? { kind: "abandoned", tokens } : { kind: "failed", tokens, code };
  }
}

/** Nobody can repeat what a polling miner did, so that nothing of it is drawn for checking. */
export function tierOf({ model, tier }: Pick<AnyRequest, "model" | "tier">): number {
  if (model.engineClass !== hostedEngineClass) return tier ?? tiers.sampled;
  if (tier === tiers.sampled) throw new UnsupportedTierError(model.id);
  return tiers.hash;
}

/** Room in a frame for the assignment, its proofs and the tokens of a prefix. */
const frameReserveBytes = 1024 * 1024;

/** JSON within JSON, as tools and schemas travel, grows by its escapes; a frame beyond the limit would end a miner's link. */
function refuseHuge({ prompt, sampler, stop }: JobRequest): void {
  // The bound counts the bytes of all texts, and an escape makes six of one at most.
  if (6 * tokenBoundOf(prompt) < limits.frameBytes - frameReserveBytes) return;
  const bytes = Buffer.byteLength(JSON.stringify({ prompt, sampler, stop }), "utf8");
  if (bytes > limits.frameBytes - frameReserveBytes) throw new RequestTooLargeError();
}

const tokenBoundOf = (prompt: JobRequest["prompt"]): number =>
  "texts" in prompt ? embeddingTokenBound(prompt) : inputTokenBound(prompt);

/** The client hung up: the miner stops and signs for exactly what the client was sent. */
function cancel(session: MinerSession, stream: RunningAttempt): void {
  const { count } = stream.delivered;
  stream.freeze(cancelledReceiptMs);
  session.send({ type: "cancel", assignment: stream.digest, deliveredTokens: count });
  if (count === 0) stream.end({ kind: "abandoned" });
}

function randomBytes32(): Hex {
  return bytesToHex(randomBytes(32));
}
