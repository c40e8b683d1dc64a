import { setTimeout as wait } from "node:timers/promises";
import type { Hex } from "@lode/sdk/hash";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { LodeError } from "@lode/sdk/errors";
import { finishReason as finishReasons, toWire, type Progress } from "@lode/sdk/typed-data";
import { promptCommitment, samplerHash, type OfferedModel } from "@lode/protocol";
import { blameless, type FailureCode } from "../../../domain/jobs/failure.ts";
import type { AttemptResult, Job, Step } from "../../../domain/jobs/job.ts";
import type { Race } from "../../../domain/jobs/race.ts";
import { tierTerms, type LatencyTier } from "../../../domain/pricing/tier.ts";
import { understatesLateness } from "../../../domain/qos/service.ts";
import { batchHint, type BatchHint } from "../../../domain/scheduling/batching.ts";
import { noSpan, type Span } from "../../external/tracing.ts";
import { ReceiptRejectedError } from "../ledger/errors.ts";
import type { Ledger, SettleCommand, Settlement, SignedAssignment, SignedQuote } from "../ledger/types.ts";
import type { Floor } from "../market/floor.ts";
import type { AttemptEnd, Patience, RunningAttempt } from "./attempt.ts";
import { AttemptStream } from "./attempt-stream.ts";
import type { Visit } from "./company.ts";
import type { MinerHub } from "./hub.ts";
import { ImageStream } from "./image-stream.ts";
import { tokenBoundOf, type JobRequest, type Sink } from "./request.ts";
import type { MinerSession } from "./session.ts";
import { isRetryable } from "./settler.ts";
import { VectorStream } from "./vector-stream.ts";

/** How soon a receipt is tried again whose settlement failed for a reason of ours, milliseconds. */
const settleAgainMs = 500;
/** How long a cancelled attempt's receipt is waited for, milliseconds. */
const cancelledReceiptMs = 10_000;

/** A miner that a job may go to, with the model as it offers it. */
export interface Choice {
  readonly miner: Hex;
  readonly model: OfferedModel;
}

/** What stays the same over all attempts of a job. */
export interface Running {
  readonly request: JobRequest;
  readonly sink: Sink;
  readonly quote: SignedQuote;
  readonly job: Job;
  readonly counter: bigint;
  readonly seed: Hex;
  readonly jobSalt: Hex;
  readonly promptSalt: Hex;
  readonly deadline: bigint;
  /** Who it may go to, made before it starts. */
  readonly choices: readonly Choice[];
  /** Everybody that was on a list of it. */
  readonly asked: Set<Hex>;
  /** Whether a slot is left now that nobody else booked. */
  readonly hasRoom: () => boolean;
  /** Who else could have it now, those of an engine class first. */
  readonly others: (asked: ReadonlySet<Hex>, engineClass: Hex | undefined) => readonly Choice[];
  readonly latency: LatencyTier;
  /** By the process's own clock, milliseconds. */
  readonly askedAtMs: number;
  hasToken: boolean;
  /** Of whoever had the first output. */
  engineClass: Hex | undefined;
  /** Whether a miner said that the prompt does not fit its context: another one may have a larger one. */
  isTooLong: boolean;
  firstDigest: Hex | undefined;
  /** Of the attempt that was settled. */
  vectors: readonly Float32Array[];
  /** When it is whole. */
  picture: Uint8Array | undefined;
}

/** An attempt that ended because another one of its job had output first: the job never hears of it. */
export interface Outrun {
  readonly kind: "outrun";
  readonly tokens: readonly [];
}

const outrun: Outrun = { kind: "outrun", tokens: [] };

export interface AttemptOptions {
  readonly ledger: Ledger;
  readonly hub: MinerHub;
  readonly floor: Floor;
  readonly patience: Patience;
  readonly nowMs: () => number;
  readonly log: (level: "info" | "warn", fields: object, message: string) => void;
  /** Called when the first token of a job came, milliseconds after it was asked for. */
  readonly onFirstToken?: (latency: LatencyTier, ms: number) => void;
  /** Called when an attempt settled that had a first token, milliseconds after its miner was asked. */
  readonly onServed?: (miner: Hex, firstTokenMs: number) => void;
}

/** Runs single attempts of jobs at their miners. */
export class AttemptRunner {
  readonly #options: AttemptOptions;

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  /**
   * One attempt from its assignment to its receipt or its loss. Throws what the ledger throws.
   * @param race of the attempts that run beside it; undefined for one alone
   */
  async run(
    running: Running,
    session: MinerSession,
    choice: Choice,
    step: Extract<Step, { kind: "attempt" }>,
    race?: Race<Hex>,
  ): Promise<AttemptResult | Outrun> {
    const { job, sink } = running;
    const visit = session.company.expect(choice.model.digest, performance.now());
    const trace = (sink.trace ?? noSpan).child("lode.attempt", {
      "lode.model": running.request.model.id,
      "lode.miner": choice.miner,
      "lode.attempt": job.attempts,
      "lode.job_id": running.request.jobId,
    });
    try {
      const result = await this.#traced(trace, running, session, choice, step, visit, race);
      trace.set({ "lode.output_tokens": result.tokens.length });
      trace.end(result.kind === "failed" ? result.code : undefined);
      return result;
    } catch (error) {
      trace.end(error instanceof LodeError ? error.code : "failed");
      throw error;
    } finally {
      visit.leave();
    }
  }

  async #traced(
    trace: Span,
    running: Running,
    session: MinerSession,
    choice: Choice,
    { outputOffset, maxOutputTokens }: Extract<Step, { kind: "attempt" }>,
    visit: Visit,
    race: Race<Hex> | undefined,
  ): Promise<AttemptResult | Outrun> {
    const { ledger, hub, floor } = this.#options;
    const { job, sink } = running;
    const assigning = trace.child("lode.assign");
    // From now on, not from when it is signed: whoever is chosen for meanwhile finds the slot taken.
    floor.refresh(session);
    let signed: SignedAssignment;
    try {
      signed = await this.#assign(running, choice, outputOffset, maxOutputTokens);
    } finally {
      assigning.end();
      // In the turn that sends it: those that were signed with it are still on their way then.
      visit.arrive();
      floor.refresh(session);
    }
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
    if (race?.leader !== undefined) {
      await ledger.voidAttempt(digest, "another miner was faster");
      return outrun;
    }
    const onFirst = (): void => {
      running.engineClass ??= choice.model.engineClass;
      race?.lead(digest);
    };
    const stream = this.#open(running, session, digest, outputOffset, maxOutputTokens, onFirst);
    session.streams.set(digest, stream);
    const loadMs = session.loadMsOf(choice.model);
    floor.served(session, choice.model.digest);
    const startedAtMs = performance.now();
    this.#sendJob(running, session, signed, choice.model);
    race?.enter(digest, () => {
      stream.end({ kind: "outrun" });
      session.send({ type: "cancel", assignment: digest, deliveredTokens: 0 });
      session.learnSlow(performance.now() - startedAtMs);
    });
    const onAbort = (): void => void this.#cancel(session, stream);
    sink.signal.addEventListener("abort", onAbort, { once: true });
    if (sink.signal.aborted) onAbort();
    // Past its deadline an assignment is given up, so what is there by then must be receipted in time.
    const onExpiry = (): void => (stream.ids.length === 0 ? stream.fail("silent") : onAbort());
    const expiry = setTimeout(onExpiry, leftMs(running, this.#options.nowMs));
    try {
      const end = await stream.ended.finally(() => generating.end());
      const settling = trace.child("lode.settle");
      const result = await this.#conclude(running, session, stream, end).finally(() => settling.end());
      const firstMs = stream instanceof AttemptStream ? stream.firstTokenAtMs : undefined;
      if (result.kind === "settled") {
        const waitedMs = firstMs === undefined ? undefined : firstMs - startedAtMs;
        if (waitedMs !== undefined) this.#options.onServed?.(choice.miner, waitedMs);
        if (outputOffset === 0) this.#weighPromise(running.quote, session, result, waitedMs);
        const counted = Number.isFinite(loadMs) ? loadMs : 0;
        session.learn(waitedMs, performance.now() - startedAtMs, result.tokens.length, counted);
      }
      return result;
    } finally {
      race?.leave(digest);
      clearTimeout(expiry);
      sink.signal.removeEventListener("abort", onAbort);
      session.streams.delete(digest);
      floor.refresh(session);
    }
  }

  #assign(running: Running, choice: Choice, outputOffset: number, maxOutputTokens: number): Promise<SignedAssignment> {
    const { request, job, quote, counter, seed, jobSalt, promptSalt, deadline } = running;
    const { contextTokens } = choice.model;
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
      samplerHash: samplerHash(request.sampler, { stop: request.stop, contextTokens, jobSalt }),
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
    onFirst: () => void,
  ): AttemptStream | ImageStream | VectorStream {
    const {
      request: { prompt, logprobs, stop },
      sink,
      jobSalt,
    } = running;
    const shared = { digest, jobSalt, patience: session.patience ?? this.#options.patience };
    const acknowledge = (progress: Progress): void => void this.#acknowledge(session, progress);
    if ("texts" in prompt) return new VectorStream(shared, prompt.texts.length);
    if ("image" in prompt) {
      const onWhole = (picture: Uint8Array): void => void (running.picture = picture);
      return new ImageStream({ ...shared, size: prompt.image, onWhole, acknowledge });
    }
    const stream = new AttemptStream({
      ...shared,
      outputOffset,
      maxOutputTokens,
      logprobs,
      stops: stop.length,
      onFirst,
      onText: (text, chances) => {
        if (!running.hasToken) this.#options.onFirstToken?.(running.latency, performance.now() - running.askedAtMs);
        running.hasToken = true;
        return sink.onText(text, chances);
      },
      onPause: () => sink.onDrain(() => stream.resume()),
      acknowledge,
    });
    return stream;
  }

  #sendJob(
    running: Running,
    session: MinerSession,
    signed: SignedAssignment,
    { digest, contextTokens }: OfferedModel,
  ): void {
    const { request, job, quote, jobSalt, promptSalt } = running;
    const { wire, batch } = signed;
    const hint = this.#hintFor(running, session, digest);
    session.send({
      type: "job",
      assignment: wire,
      batch: { ...batch, path: [...batch.path] },
      quote: toWire("Quote", quote.quote),
      quoteSignature: quote.signature,
      ...(quote.service !== undefined && { service: quote.service }),
      prompt: request.prompt,
      promptSalt,
      jobSalt,
      prefixTokens: [...job.delivered],
      sampler: request.sampler,
      stop: [...request.stop],
      contextTokens,
      ...(request.logprobs !== undefined && { logprobs: request.logprobs }),
      ...(hint !== undefined && { batchHint: hint }),
    });
  }

  /** Jobs that come to one miner about together are read by its engine together, where it is told to wait for them. */
  #hintFor({ request, latency }: Running, session: MinerSession, modelDigest: Hex): BatchHint | undefined {
    // Vectors and pictures are computed one after the other, and behind a host there is no engine of ours.
    if ("texts" in request.prompt || "image" in request.prompt || session.isHost) return undefined;
    const { streams, capabilities, miner } = session;
    const hint = batchHint({
      ...session.company.of(modelDigest, performance.now()),
      freeSlots: capabilities.concurrency - streams.size + 1,
      budgetMs: tierTerms[latency].budgetMs,
    });
    if (hint !== undefined) this.#options.floor.noteHint(request.jobId, { miner, ...hint });
    return hint;
  }

  /**
   * The client hung up: the miner stops and signs for exactly what the client was sent. It gets the proof of that first: should its
   * link break before its receipt is here, nothing else would be left to show for it.
   */
  async #cancel(session: MinerSession, stream: RunningAttempt): Promise<void> {
    const { count, root } = stream.delivered;
    stream.freeze(cancelledReceiptMs);
    if (count > 0) await this.#acknowledge(session, { assignment: stream.digest, count, prefixRoot: root });
    session.send({ type: "cancel", assignment: stream.digest, deliveredTokens: count });
    if (count === 0) stream.end({ kind: "abandoned" });
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
  ): Promise<AttemptResult | Outrun> {
    switch (end.kind) {
      case "receipt":
        return this.#settle(running, session, stream, end);
      case "abandoned":
        await this.#options.ledger.voidAttempt(stream.digest, "the client hung up before the first token");
        return { kind: "abandoned", tokens: [] };
      case "outrun":
        await this.#options.ledger.voidAttempt(stream.digest, "another miner was faster");
        return outrun;
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
      const command = { miner, receipt, batch, seen: stream.delivered, hosted, isServed: true };
      const settlement = await this.#settleAtLast(running, command);
      hub.confirm(miner, settlement);
      const { digest, amountWei, refundWei } = settlement;
      const { inputTokens, finishReason } = receipt;
      if (stream instanceof VectorStream) running.vectors = stream.vectors;
      const stop = stream instanceof AttemptStream && finishReason === finishReasons.stop ? stream.stop : undefined;
      return { kind: "settled", tokens: stream.ids, digest, inputTokens, amountWei, refundWei, finishReason, stop };
    } catch (error) {
      if (!(error instanceof ReceiptRejectedError)) throw error;
      hub.reject(miner, stream.digest, error);
      return this.#giveUp(running, session, stream, "bad_receipt");
    }
  }

  /**
   * The receipt counts once the reason is over, whatever the client is told: it is not told of a failure that it pays for, as long as its
   * deadline allows. Throws what the ledger throws.
   */
  async #settleAtLast(running: Running, command: SettleCommand): Promise<Settlement> {
    for (;;) {
      try {
        return await this.#options.hub.settle(command);
      } catch (error) {
        const isLate = running.sink.signal.aborted || leftMs(running, this.#options.nowMs) <= 0;
        if (isLate || !isRetryable(error)) throw error;
        await wait(settleAgainMs, undefined, { ref: false });
      }
    }
  }

  /** Whoever says that its late first token was in time fails, although its receipt stands. */
  #weighPromise(
    { service }: SignedQuote,
    session: MinerSession,
    { amountWei, refundWei = 0n }: Extract<AttemptResult, { kind: "settled" }>,
    seenMs: number | undefined,
  ): void {
    if (service === undefined || seenMs === undefined) return;
    const { roundTripMs, swingMs } = session;
    if (understatesLateness(service, { amountWei, refundWei, seenMs, roundTripMs, swingMs })) {
      this.#options.hub.recordFailure(session.miner);
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
    if (!blameless.has(code)) hub.recordFailure(session.miner, code);
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

/** Until the job's deadline, milliseconds. */
export function leftMs({ deadline }: Pick<Running, "deadline">, nowMs: () => number): number {
  return Number(deadline) * 1000 - nowMs();
}
