import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { commitTokens, tokenSide } from "@lode/sdk/merkle";
import { finishReason, toWire, type Progress, type Receipt } from "@lode/sdk/typed-data";
import {
  inputTokenBound,
  promptCommitment,
  samplerHash,
  seedOfClient,
  seedOfNonces,
  type OfferedModel,
  type Prompt,
  type SamplerParams,
} from "@lode/protocol";
import { rank } from "../../../domain/matching/match.ts";
import type { Ledger, Settlement, SignedQuote } from "../ledger/types.ts";
import { AttemptStream, type AttemptEnd } from "./attempt-stream.ts";
import { JobFailedError, NoMinerError } from "./errors.ts";
import type { MinerHub } from "./hub.ts";
import type { MinerSession } from "./session.ts";

/** What a client asked for, checked. */
export interface JobRequest {
  readonly jobId: string;
  readonly client: Hex;
  readonly model: OfferedModel;
  readonly prompt: Prompt;
  readonly sampler: SamplerParams;
  readonly clientSeed?: number | undefined;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly tier: number;
}

/** Where the text goes, and how the client's side of it stands. */
export interface Sink {
  /** The job is assigned and will start: the first attempt's digest, its miner, the prices. */
  onStart(start: { digest: Hex; miner: Hex; quote: SignedQuote }): void;
  /** Takes text; false asks for a pause until `onDrain` fires. */
  onText(text: string): boolean;
  onDrain(resume: () => void): void;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export interface JobResult {
  readonly job: Hex;
  readonly finish: "stop" | "length" | "cancelled";
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly amountWei: bigint;
  /** Assignment digests of the receipts that make up the answer, in order. */
  readonly receipts: readonly Hex[];
  readonly miners: readonly Hex[];
}

export interface RelayOptions {
  readonly ledger: Ledger;
  readonly hub: MinerHub;
  /** No sign of a working miner for this long moves the job to the next one. */
  readonly stallMs: number;
  /** How long a job may take, seconds. */
  readonly deadlineSecs: number;
  readonly nowMs: () => number;
  readonly log: (level: "info" | "warn", fields: object, message: string) => void;
}

/** A job goes to this many miners at most. */
const maximumAttempts = 4;
/** How long a finished or cancelled attempt's receipt is waited for. */
const cancelledReceiptMs = 10_000;

interface Running {
  readonly request: JobRequest;
  readonly sink: Sink;
  readonly quote: SignedQuote;
  readonly counter: bigint;
  readonly seed: Hex;
  readonly jobSalt: Hex;
  readonly promptSalt: Hex;
  /** Tokens that the client has, over all attempts. */
  readonly delivered: number[];
  readonly receipts: { receipt: Receipt; settlement: Settlement; miner: Hex }[];
  readonly miners: Hex[];
  firstDigest: Hex | undefined;
}

type Outcome = { readonly kind: "done" } | { readonly kind: "next"; readonly reason: string; readonly code: string };

/** Runs a job to its receipts, moving it to the next miner as often as needed. The client sees one stream. */
export async function runJob(options: RelayOptions, request: JobRequest, sink: Sink): Promise<JobResult> {
  const { ledger, hub } = options;
  const quote = ledger.quote(request.model.digest, request.tier);
  const wanted = { model: request.model.id, ...quote.quote };
  // The fallback list exists before the job starts.
  const ranked = rank(
    hub.ready().map((session) => session.candidate()),
    wanted,
  ).slice(0, maximumAttempts);
  if (ranked.length === 0) throw new NoMinerError(request.model.id);
  const { counter, coordinatorNonce } = ledger.nextJob();
  const seed =
    request.clientSeed === undefined
      ? seedOfNonces(bytesToHex(randomBytes(32)), counter, coordinatorNonce)
      : seedOfClient(request.clientSeed);
  const job: Running = {
    request,
    sink,
    quote,
    counter,
    seed,
    jobSalt: bytesToHex(randomBytes(32)),
    promptSalt: bytesToHex(randomBytes(32)),
    delivered: [],
    receipts: [],
    miners: [],
    firstDigest: undefined,
  };
  let last: { reason: string; code: string } = { reason: "no miner took it", code: "no_miner" };
  let attempt = 0;
  for (const { miner } of ranked) {
    const session = hub.session(miner);
    const offered = session?.model(request.model.id);
    // A fallback that left, or that offers other weights under the same name, cannot continue this job.
    if (session === undefined || offered?.digest !== request.model.digest) continue;
    if (sink.signal.aborted && attempt > 0) break;
    const outcome = await runAttempt(options, job, session, offered, attempt++);
    if (outcome.kind === "done") return resultOf(job);
    last = outcome;
    options.log("warn", { job: request.jobId, miner, reason: outcome.reason }, "job moves to the next miner");
    if (outcome.code === "input_too_long") break;
  }
  if (attempt === 0) throw new NoMinerError(request.model.id);
  if (sink.signal.aborted) return resultOf(job);
  throw last.code === "input_too_long"
    ? new JobFailedError("context_length_exceeded", "The messages are longer than the model's context.", false)
    : new JobFailedError(
        "upstream_failed",
        `Every miner that could take this job failed; the last one: ${last.reason}`,
      );
}

async function runAttempt(
  options: RelayOptions,
  job: Running,
  session: MinerSession,
  model: OfferedModel,
  attempt: number,
): Promise<Outcome> {
  const { ledger } = options;
  const { request, sink, delivered } = job;
  const outputOffset = delivered.length;
  const { assignment, digest, batch } = await ledger.assign({
    client: request.client,
    miner: session.miner,
    counter: job.counter,
    attempt,
    jobId: request.jobId,
    modelDigest: model.digest,
    engineClass: model.engineClass,
    promptCommitment: promptCommitment(job.promptSalt, request.prompt),
    prefixCommitment: commitTokens(job.jobSalt, tokenSide.output, delivered),
    outputOffset,
    maxInputTokens: inputTokenBound(request.prompt),
    maxOutputTokens: request.maxTokens - outputOffset,
    samplerHash: samplerHash(request.sampler),
    seed: job.seed,
    quote: job.quote,
    deadline: BigInt(Math.floor(options.nowMs() / 1000) + options.deadlineSecs),
    tier: request.tier,
  });
  job.miners.push(session.miner);
  if (job.firstDigest === undefined) {
    job.firstDigest = digest;
    sink.onStart({ digest, miner: session.miner, quote: job.quote });
  }
  const stream = new AttemptStream({
    digest,
    jobSalt: job.jobSalt,
    outputOffset,
    maxOutputTokens: assignment.maxOutputTokens,
    stallMs: options.stallMs,
    onText: (text) => {
      const goesOn = sink.onText(text);
      if (!goesOn) sink.onDrain(() => stream.resume());
      return goesOn;
    },
    acknowledge: (progress) => void acknowledge(options, session, progress),
  });
  if (options.hub.session(session.miner) !== session) {
    await ledger.voidAttempt(digest, "the miner left before it started");
    return { kind: "next", reason: "the miner left before it started", code: "lost" };
  }
  session.streams.set(digest, stream);
  session.send({
    type: "job",
    assignment: toWire("Assignment", assignment),
    batch: { ...batch, path: [...batch.path] },
    quote: toWire("Quote", job.quote.quote),
    quoteSignature: job.quote.signature,
    prompt: request.prompt,
    promptSalt: job.promptSalt,
    jobSalt: job.jobSalt,
    prefixTokens: [...delivered],
    sampler: request.sampler,
    stop: [...request.stop],
  });
  const onAbort = (): void => cancel(session, stream);
  sink.signal.addEventListener("abort", onAbort, { once: true });
  if (sink.signal.aborted) onAbort();
  try {
    const end = await stream.ended;
    return await conclude(options, job, session, stream, end);
  } finally {
    sink.signal.removeEventListener("abort", onAbort);
    session.streams.delete(digest);
  }
}

/** The client hung up: the miner stops and signs for exactly what the client was sent. */
function cancel(session: MinerSession, stream: AttemptStream): void {
  stream.freeze();
  const { count } = stream.delivered;
  session.send({ type: "cancel", assignment: stream.digest, deliveredTokens: count });
  if (count === 0) return stream.end({ kind: "refused", code: "cancelled", message: "the client hung up" });
  setTimeout(() => stream.end({ kind: "lost", reason: "no receipt after a cancel" }), cancelledReceiptMs).unref();
}

async function acknowledge(options: RelayOptions, session: MinerSession, progress: Progress): Promise<void> {
  try {
    const signed = await options.ledger.acknowledge(progress);
    const batch = { ...signed.batch, path: [...signed.batch.path] };
    session.send({ type: "ack", items: [{ progress: toWire("Progress", progress), batch }] });
  } catch (error) {
    options.log("warn", { error: String(error) }, "an acknowledgement could not be signed");
  }
}

async function conclude(
  options: RelayOptions,
  job: Running,
  session: MinerSession,
  stream: AttemptStream,
  end: AttemptEnd,
): Promise<Outcome> {
  const { ledger, hub } = options;
  const { digest } = stream;
  if (end.kind === "receipt") {
    try {
      const { receipt, batch } = end;
      const settlement = await ledger.settle({ miner: session.miner, receipt, batch, seen: stream.delivered });
      hub.confirm(session, settlement);
      session.record(true);
      ledger.recordMinerEvent(session.miner, "completed_request");
      job.receipts.push({ receipt, settlement, miner: session.miner });
      job.delivered.push(...stream.ids);
      if (receipt.finishReason !== finishReason.cut) return { kind: "done" };
      return { kind: "next", reason: "the miner stopped in the middle", code: "lost" };
    } catch (error) {
      hub.reject(session, digest, error);
    }
  }
  if (end.kind === "refused" && end.code === "cancelled") {
    await ledger.voidAttempt(digest, "the client hung up before the first token");
    return { kind: "done" };
  }
  session.record(false);
  ledger.recordMinerEvent(session.miner, "failed_request");
  job.delivered.push(...stream.ids);
  // Without a token there is nothing to receipt. With some, the miner may still come back and be paid for them.
  const { count, root } = stream.delivered;
  if (count === 0) await ledger.voidAttempt(digest, "the miner delivered nothing");
  else await ledger.lost(digest, count);
  // A miner that only stalled gets its proof of what arrived, and may send its receipt for that.
  if (count > 0) await acknowledge(options, session, { assignment: digest, count, prefixRoot: root });
  session.send({ type: "cancel", assignment: digest, deliveredTokens: count });
  if (job.sink.signal.aborted) return { kind: "done" };
  // A miner's own words could carry a prompt into a log or an answer: only its code is used.
  const code = end.kind === "refused" ? end.code : "lost";
  const reason =
    end.kind === "receipt" ? "its receipt was wrong" : end.kind === "lost" ? end.reason : "it refused the job";
  return { kind: "next", reason, code };
}

function resultOf(job: Running): JobResult {
  const last = job.receipts.at(-1)?.receipt.finishReason;
  return {
    job: job.firstDigest ?? "0x",
    finish: job.sink.signal.aborted ? "cancelled" : last === finishReason.length ? "length" : "stop",
    inputTokens: job.receipts.reduce((most, { receipt }) => Math.max(most, receipt.inputTokens), 0),
    outputTokens: job.delivered.length,
    amountWei: job.receipts.reduce((sum, { settlement }) => sum + settlement.amountWei, 0n),
    receipts: job.receipts.map(({ settlement }) => settlement.digest),
    miners: [...new Set(job.miners)],
  };
}
