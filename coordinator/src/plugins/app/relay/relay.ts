import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { seedOfClient, seedOfNonces } from "@lode/protocol";
import type { FailureCode } from "../../../domain/jobs/failure.ts";
import { Job, maximumAttempts, type Step } from "../../../domain/jobs/job.ts";
import type { QuoteDesk } from "../market/quote-desk.ts";
import { noWishes } from "../market/wishes.ts";
import { AttemptRunner, leftMs, type AttemptOptions, type Running } from "./attempt-runner.ts";
import { JobFailedError, NoMinerError, StoppingError } from "./errors.ts";
import {
  canServe,
  noDraw,
  refuseHuge,
  tierOf,
  type JobRequest,
  type JobResult,
  type Sink,
  type TextRequest,
  type VectorRequest,
  type VectorResult,
} from "./request.ts";

export interface RelayOptions extends AttemptOptions {
  readonly desk: QuoteDesk;
  /** How long a job may take, seconds. */
  readonly deadlineSecs: number;
  /** Called when a job moves to another miner, with the reason. */
  readonly onFailover?: (code: FailureCode) => void;
}

/** Runs jobs to their receipts, moving them to the next miner as often as needed. A client sees one stream. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #attempts: AttemptRunner;
  readonly #running = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#attempts = new AttemptRunner(options);
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
      if (failure !== undefined && (sink.signal.aborted || leftMs(running, this.#options.nowMs) <= 0)) break;
      const session = hub.session(choice.miner);
      // One that linked again meanwhile gets nothing before its earlier receipts are in: that word gives up all else it had.
      if (session?.isResumed !== true || session.offers(choice.model.digest) === undefined) continue;
      if (failure !== undefined) this.#options.onFailover?.(failure);
      const result = await this.#attempts.run(running, session, choice, step);
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
      floor.shortage.refuse(model.id, model.digest, nowMs());
      throw new NoMinerError(model.id);
    }
    const choices = decision.found.flatMap(({ offer: { miner } }) => {
      const offered = this.#options.hub.session(miner)?.offers(model.digest);
      return offered === undefined || !canServe(request, offered) ? [] : [{ miner, model: offered }];
    });
    const { counter, coordinatorNonce } = ledger.nextJob();
    const [jobSalt, promptSalt, nonce] = randomWords();
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
          ? seedOfNonces(nonce, counter, coordinatorNonce)
          : seedOfClient(request.clientSeed),
      jobSalt,
      promptSalt,
      deadline: BigInt(Math.floor(nowMs() / 1000) + deadlineSecs),
      firstDigest: undefined,
      vectors: [],
    };
  }
}

/** Three secrets of 32 bytes from one call: each call waits for the generator's lock. */
function randomWords(): [Hex, Hex, Hex] {
  const bytes = randomBytes(96);
  return [bytesToHex(bytes.subarray(0, 32)), bytesToHex(bytes.subarray(32, 64)), bytesToHex(bytes.subarray(64))];
}
