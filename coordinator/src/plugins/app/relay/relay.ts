import { randomBytes } from "node:crypto";
import { bytesToHex, type Hex } from "@lode/sdk/hash";
import { hostedEngineClass } from "@lode/sdk/typed-data";
import { seedOfClient, seedOfNonces } from "@lode/protocol";
import type { FailureCode } from "../../../domain/jobs/failure.ts";
import { Job, type AttemptResult, type Step } from "../../../domain/jobs/job.ts";
import { Race } from "../../../domain/jobs/race.ts";
import { HedgeBudget, hedgeAfterMs } from "../../../domain/matching/explore.ts";
import type { Found } from "../../../domain/matching/market.ts";
import { tierTerms } from "../../../domain/pricing/tier.ts";
import { takesWork } from "../../../domain/reliability/status.ts";
import type { Cloud } from "../cloud/cloud.ts";
import type { QuoteDesk } from "../market/quote-desk.ts";
import { noWishes } from "../market/wishes.ts";
import {
  AttemptRunner,
  leftMs,
  type AttemptOptions,
  type Choice,
  type Outrun,
  type Running,
} from "./attempt-runner.ts";
import { isWantOfRoom, JobFailedError, NoMinerError, StoppingError } from "./errors.ts";
import {
  imageJob,
  neededFor,
  noDraw,
  promiseOf,
  refuseHuge,
  refuseWrongModel,
  tierOf,
  type ImageRequest,
  type JobRequest,
  type JobResult,
  type Sink,
  type TextRequest,
  type VectorRequest,
  type WholeResult,
} from "./request.ts";
import type { MinerSession } from "./session.ts";

export interface RelayOptions extends AttemptOptions {
  readonly desk: QuoteDesk;
  /** Where jobs go that no miner can do and whose clients allow it. */
  readonly cloud?: Cloud | undefined;
  /** How long a job may take, seconds. */
  readonly deadlineSecs: number;
  /** Called when a job moves to another miner, with the reason. */
  readonly onFailover?: (code: FailureCode) => void;
  /** Called when a job that started twice is over: whether the second start had its output. */
  readonly onHedge?: (isWon: boolean) => void;
}

/** Runs jobs to their receipts, moving them to the next miner as often as needed. A client sees one stream. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #attempts: AttemptRunner;
  readonly #running = new Set<Promise<unknown>>();
  readonly #hedges = new HedgeBudget();
  #isStopping = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#attempts = new AttemptRunner(options);
  }

  /** Jobs that run now. */
  get running(): number {
    return this.#running.size;
  }

  /** Whether no new job is taken any more. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /**
   * Throws RequestTooLargeError, NoMinerError, InsufficientFundsError or StoppingError before the job starts, JobFailedError when no miner
   * finished it.
   */
  run(request: TextRequest, sink: Sink): Promise<JobResult> {
    return this.#count(request, sink);
  }

  /** As `run`, for vectors, which come together when the job is paid for. */
  embed(request: VectorRequest, sink: SilentSink): Promise<WholeResult> {
    return this.#count({ ...request, ...noDraw }, { ...silent, ...sink });
  }

  /** As `run`, for one picture, which comes when it is whole. */
  paint(request: ImageRequest, sink: SilentSink): Promise<WholeResult> {
    return this.#count(imageJob(request), { ...silent, ...sink });
  }

  async #count(request: JobRequest, sink: Sink): Promise<WholeResult> {
    if (this.#isStopping) throw new StoppingError();
    refuseWrongModel(request);
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

  /** At the edge first. A cloud is asked only where nobody was: what a miner began stays among miners. */
  async #run(request: JobRequest, sink: Sink): Promise<WholeResult> {
    const { cloud } = this.#options;
    try {
      return await this.#runHere(request, sink);
    } catch (error) {
      if (!(error instanceof NoMinerError) || !isText(request) || cloud?.takes(request) !== true) throw error;
      return cloud.run(request, sink);
    }
  }

  async #runHere(request: JobRequest, sink: Sink): Promise<WholeResult> {
    const { floor } = this.#options;
    const running = this.#prepare(request, sink);
    floor.begin(request.client, request.model.digest);
    try {
      return await this.#runPrepared(running);
    } finally {
      floor.end(request.client, request.model.digest);
    }
  }

  async #runPrepared(running: Running): Promise<WholeResult> {
    const { request, sink, job } = running;
    // The fallback list exists before the job starts.
    const queue = [...running.choices];
    let step: Step = { kind: "attempt", outputOffset: 0, maxOutputTokens: request.maxTokens };
    let failure: FailureCode | undefined;
    /** The last that was more than want of room, where the client has a part. */
    let fault: FailureCode | undefined;
    const next = (): Seat | undefined => this.#nextSeat(running, queue);
    for (let seat = next(); seat !== undefined; seat = next()) {
      // Nobody reads any more, or a receipt would come too late: no other miner is asked.
      if (failure !== undefined && (sink.signal.aborted || leftMs(running, this.#options.nowMs) <= 0)) break;
      if (isKeptForOthers(running)) {
        failure = "busy";
        break;
      }
      if (failure !== undefined) this.#options.onFailover?.(failure);
      const results = isHurried(running)
        ? await this.#hedged(running, seat, step, queue)
        : [await this.#attempts.run(running, seat.session, seat.choice, step)];
      for (const result of results) {
        if (result.kind === "outrun") continue;
        step = job.end(result);
        failure = result.kind === "failed" ? result.code : "stopped_early";
        if (!isWantOfRoom(failure) && job.delivered.length > 0) fault = failure;
        running.isTooLong ||= failure === "input_too_long";
      }
      if (step.kind !== "attempt") break;
      const miner = seat.choice.miner;
      this.#options.log("warn", { job: request.jobId, miner, code: failure }, "job moves on");
    }
    if (running.firstDigest === undefined) throw new NoMinerError(request.model.id);
    if (step.kind === "done") {
      const { firstDigest, vectors, picture } = running;
      return { job: firstDigest, vectors, picture, ...job.summary() };
    }
    const last = step.kind === "failed" ? step.code : (failure ?? "refused");
    // Of a job of which the client has a part that may be billed nobody says that there was no room: it would be asked for again.
    throw new JobFailedError(isWantOfRoom(last) ? (fault ?? last) : last);
  }

  /**
   * The next of the list that still takes work; when all of them were asked or went away, whoever else could have the job now: miners that
   * came meanwhile are as good as those that were there at its start.
   */
  #nextSeat(running: Running, queue: Choice[]): Seat | undefined {
    const { choices, others, asked, isTooLong, engineClass } = running;
    for (;;) {
      if (queue.length === 0 || isTooLong) {
        queue.push(...others(asked, engineClass ?? choices[0]?.model.engineClass));
        for (const { miner } of queue) asked.add(miner);
      }
      // Two that call a prompt too long end the job: the second is one of those with the most room.
      const isOther = ({ model }: Choice): number =>
        Number(engineClass !== undefined && model.engineClass !== engineClass);
      if (isTooLong) queue.sort((a, b) => isOther(a) - isOther(b) || b.model.contextTokens - a.model.contextTokens);
      const choice = queue.shift();
      if (choice === undefined) return undefined;
      const session = this.#options.hub.session(choice.miner);
      if (session !== undefined && isReady(session, choice)) return { choice, session };
    }
  }

  /**
   * One attempt, and where it has no output after half of the latency budget a second one beside it. Whose output comes first goes on, the
   * other one is cancelled with nothing delivered. The results in the order in which the job is to hear of them.
   */
  async #hedged(
    running: Running,
    { session, choice }: Seat,
    step: Extract<Step, { kind: "attempt" }>,
    queue: Choice[],
  ): Promise<(AttemptResult | Outrun)[]> {
    const { sink, latency } = running;
    this.#hedges.earn();
    const race = new Race<Hex>();
    const first = this.#attempts.run(running, session, choice, step, race);
    const ended = first.then(noop, noop);
    await Promise.race([race.begun, ended]);
    const isQuick = await within(Promise.race([race.led, ended]), hedgeAfterMs(tierTerms[latency].budgetMs));
    if (isQuick || sink.signal.aborted || !this.#hedges.isEnough || isKeptForOthers(running)) return [await first];
    const other = this.#nextSeat(running, queue);
    if (other === undefined) return [await first];
    this.#hedges.spend();
    const second = this.#attempts.run(running, other.session, other.choice, step, race);
    const both = await Promise.allSettled([first, second]);
    const [, hedge] = both;
    const isWon = hedge.status === "fulfilled" && (hedge.value.kind === "settled" || hedge.value.tokens.length > 0);
    this.#options.onHedge?.(isWon);
    const broken = both.find((one) => one.status === "rejected");
    const results = both.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    // The second may have found no money left; one whose output the client has is all that matters.
    const isOver = results.some(({ kind }) => kind === "settled" || kind === "abandoned");
    if (broken !== undefined && !isOver && (race.leader !== undefined || results.length === 0)) throw broken.reason;
    return results.sort((a, b) => order[a.kind] - order[b.kind]);
  }

  #prepare(request: JobRequest, sink: Sink): Running {
    const { ledger, floor, desk, nowMs, deadlineSecs } = this.#options;
    const { client, model, wishes = noWishes } = request;
    const tier = tierOf(request);
    const isConstrained = "constraint" in request.sampler;
    const asked = { client, modelDigest: model.digest, tier, maxTokens: request.maxTokens, isConstrained };
    const given = wishes.quote === undefined ? undefined : desk.take(wishes.quote, asked, nowMs());
    const wanted = {
      ...request,
      tier,
      isConstrained,
      abilities: neededFor(request),
      // A quote for no tier promised none: the job has no more of a limit than it had without the quote.
      wishes: given === undefined ? wishes : { ...wishes, latency: given.bought },
    };
    const decision = floor.choose(wanted, given?.signed.quote);
    if (decision === undefined) {
      floor.shortage.refuse(model.id, model.digest, nowMs());
      throw new NoMinerError(model.id);
    }
    const choicesOf = (found: readonly Found[]): Choice[] =>
      found.flatMap(({ offer: { miner } }) => {
        const offered = this.#options.hub.session(miner)?.offers(model.digest);
        return offered === undefined ? [] : [{ miner, model: offered }];
      });
    const choices = choicesOf(decision.found);
    const steps = isText(request) ? promiseOf(model, wishes.latency) : [];
    const quote = given?.signed ?? ledger.quote(model.digest, tier, decision.price, { steps });
    const { counter, coordinatorNonce } = ledger.nextJob();
    const [jobSalt, promptSalt, nonce] = randomWords();
    return {
      request,
      sink,
      quote,
      choices,
      asked: new Set(choices.map(({ miner }) => miner)),
      hasRoom: () => floor.hasRoom(request),
      others: (asked, engineClass) => {
        const more = choicesOf(floor.others(wanted, quote.quote, asked));
        // Only those of the class that began it continue a stream exactly.
        const isSame = (one: Choice): boolean => one.model.engineClass === engineClass;
        return [...more.filter(isSame), ...more.filter((one) => !isSame(one))];
      },
      latency: decision.latency,
      askedAtMs: performance.now(),
      hasToken: false,
      engineClass: undefined,
      isTooLong: false,
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
      picture: undefined,
    };
  }
}

/** Where what is no text goes: nothing of it comes before its end. */
type SilentSink = Pick<Sink, "onStart" | "signal" | "trace">;
const silent = { onText: () => true, onDrain: () => undefined };

/** A miner of the list, and its link. */
interface Seat {
  readonly choice: Choice;
  readonly session: MinerSession;
}

/**
 * Whether a miner can be given a job that it was chosen for. One that linked again meanwhile gets nothing before its earlier receipts are in:
 * that word gives up all else it had. One that is leaving, or gave no sign of life, would cost the client the time to find out.
 */
function isReady(session: MinerSession, { model }: Choice): boolean {
  const isThere = session.isResumed && !session.isQuiet && takesWork(session.status);
  return isThere && session.offers(model.digest) !== undefined;
}

/**
 * Whether a job that was given away leaves what is left to those who booked it. A client that has nothing yet loses nothing by asking again,
 * unlike one whose answer would be cut.
 */
function isKeptForOthers({ job, hasRoom }: Running): boolean {
  return job.attempts > 0 && job.delivered.length === 0 && !hasRoom();
}

/** Failures come before what the job has in the end. */
const order = { outrun: 0, failed: 1, settled: 2, abandoned: 2 } as const;

const noop = (): undefined => undefined;

/** Whether a second start could save a job's first token: only where that was bought by the tenth of a second, and not twice. */
function isHurried({ latency, job, request }: Running): boolean {
  const isOwn = request.model.engineClass !== hostedEngineClass;
  return latency === "realtime" && job.attempts === 0 && isOwn && isText(request);
}

/** Whether something happens in time; undefined is for ever. */
async function within(event: Promise<unknown>, ms: number | undefined): Promise<boolean> {
  if (ms === undefined) return event.then(() => true);
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms).unref();
  try {
    return await Promise.race([event.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

const isText = (request: JobRequest): request is TextRequest =>
  !("texts" in request.prompt || "image" in request.prompt);

/** Three secrets of 32 bytes from one call: each call waits for the generator's lock. */
function randomWords(): [Hex, Hex, Hex] {
  const bytes = randomBytes(96);
  return [bytesToHex(bytes.subarray(0, 32)), bytesToHex(bytes.subarray(32, 64)), bytesToHex(bytes.subarray(64))];
}
