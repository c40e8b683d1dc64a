import { signBatch } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import type { Signer } from "@lode/sdk/keys";
import {
  assignmentDigest,
  fromWire,
  ledgerDomain,
  toWire,
  type Assignment,
  type WireStruct,
} from "@lode/sdk/typed-data";
import type { Addresses } from "@lode/sdk/addresses";
import { limits, type CoordinatorMessage, type MinerMessage } from "@lode/protocol";
import type { Engine } from "../engines/index.ts";
import { availableMemory } from "../hardware/index.ts";
import { Admission } from "./admission.ts";
import { checkJob, JobRefusal, type JobContext, type JobMessage } from "./check-job.ts";
import { jobClock } from "./job-clock.ts";
import { EmbeddingJob } from "./embedding-job.ts";
import type { MinerEvent } from "./events.ts";
import { Gathering } from "./gathering.ts";
import { ImageJob } from "./image-job.ts";
import type { JobState, MinerStore } from "./miner-store.ts";
import { SignerMemory } from "./signer-memory.ts";
import type { Station } from "./station.ts";
import { RunningJob, type ActiveJob, type JobCaps, type RunningJobOptions } from "./running-job.ts";
import { Vouchers } from "./vouchers.ts";

/** The link as work needs it: frames out, and whether it is still the one that a job came by. */
export interface WorkLink {
  send(message: MinerMessage): void;
  readonly sendFrame: (frame: Uint8Array) => void;
}

export interface WorkOptions {
  readonly addresses: Addresses;
  readonly coordinator: Hex;
  readonly coordinatorOperator: Hex;
  readonly miner: Hex;
  readonly signer: Signer;
  /** One for each model. */
  readonly engines: readonly Engine[];
  readonly store: MinerStore;
  readonly askInputWei: bigint;
  readonly askOutputWei: bigint;
  readonly station: Station;
  /** What energy a job has had by now; see EnergyMeter. */
  readonly energyMark?: (() => number | undefined) | undefined;
  readonly caps?: JobCaps | undefined;
  /** Receipts commit to the likeliest tokens of every position too. */
  readonly fingerprints?: boolean | undefined;
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
  readonly emit: (event: MinerEvent) => void;
}

/** A confirmation that takes longer than this may never come by itself. */
const confirmationMs = 15_000;
/** How many jobs beyond its slots a miner queues before it refuses. */
const queueFactor = 4;
/** Most receipts under one signature: their paths stay short. */
const maximumBatch = 256;

/** Counting a prompt's tokens takes milliseconds; an engine that does not answer is not waited for. */
const countMs = 5_000;

/** How long a look at the free memory holds: each reads files of the system, milliseconds. */
const memoryHoldsMs = 100;
let memory = { bytes: Infinity, untilMs: 0 };

function freeMemory(): number {
  const nowMs = performance.now();
  if (nowMs >= memory.untilMs) memory = { bytes: availableMemory(), untilMs: nowMs + memoryHoldsMs };
  return memory.bytes;
}

interface ServedEngine {
  readonly engine: Engine;
  readonly admission: Admission;
  readonly gathering: Gathering;
}

/** A receipt that is to be signed, and its JSON where that is made already. */
interface Unsigned {
  readonly job: JobState;
  readonly wire?: WireStruct<"Receipt">;
}

/** Everything a miner does for one coordinator over one link: jobs, acknowledgements, receipts, vouchers. */
export class Work {
  readonly #options: WorkOptions;
  readonly #link: WorkLink;
  readonly #context: JobContext;
  readonly #signers = new SignerMemory();
  readonly #jobs = new Map<Hex, ActiveJob>();
  /** By model digest. */
  readonly #models = new Map<string, ServedEngine>();
  /** What is said of them. */
  readonly #served = new Map<Hex, Engine["info"]>();
  readonly #vouchers: Vouchers;
  #isDraining = false;
  /** Prompts whose tokens are counted now. */
  #counting = 0;
  #isCut = false;
  readonly #ending = new Set<Promise<void>>();
  /** Receipts on the disk that wait for the end of the turn. */
  readonly #unsigned: Unsigned[] = [];

  constructor(options: WorkOptions, link: WorkLink) {
    const { engines, store } = options;
    this.#options = options;
    this.#link = link;
    for (const engine of engines) this.serve(engine);
    this.#context = {
      domain: ledgerDomain(options.addresses),
      coordinator: options.coordinator,
      coordinatorOperator: options.coordinatorOperator,
      miner: options.miner,
      models: this.#served,
      askInputWei: options.askInputWei,
      askOutputWei: options.askOutputWei,
      isKnown: (digest) => store.isKnown(digest),
      signers: this.#signers,
      nowMs: options.nowMs,
    };
    this.#vouchers = new Vouchers(options);
  }

  /** Takes jobs of this engine's model too. */
  serve(engine: Engine): void {
    const { modelDigest, sequences, contextTokens } = engine.info;
    // macOS calls only untouched pages free, which says nothing there.
    const freeBytes = (): number => (process.platform === "darwin" ? Infinity : freeMemory());
    const admission = new Admission({ sequences, contextTokens, freeBytes, nowMs: this.#options.nowMs });
    this.#models.set(modelDigest, { engine, admission, gathering: new Gathering() });
    this.#served.set(modelDigest, engine.info);
  }

  /** Receipts from before this link, each with the coordinator's word for what was delivered; then `resumed`. */
  resume(): void {
    this.#sendReceipts(this.#options.store.pending(this.#options.coordinator).map((job) => ({ job })));
    this.#link.send({ type: "resumed" });
  }

  /** Sends receipts again that have waited long for their confirmation: settling one twice changes nothing. */
  repeatUnconfirmed(): void {
    const { store, coordinator, nowMs } = this.#options;
    // Also what seems to come from the future: the clock was set back since.
    const isOverdue = ({ receipt }: JobState): boolean =>
      receipt !== undefined && Math.abs(nowMs() - Number(receipt.finishedAtMs)) > confirmationMs;
    this.#sendReceipts(
      store
        .pending(coordinator)
        .filter(isOverdue)
        .map((job) => ({ job })),
    );
  }

  async onMessage(message: CoordinatorMessage): Promise<void> {
    const { store, emit } = this.#options;
    switch (message.type) {
      case "job":
        return this.#onJob(message);
      case "ack":
        await Promise.all(message.items.map(async (ack) => this.#jobs.get(ack.progress.assignment)?.acknowledge(ack)));
        return;
      case "cancel":
        this.#jobs.get(message.assignment)?.cancel(message.deliveredTokens);
        return;
      case "accepted": {
        const job = store.jobs.get(message.assignment);
        if (job?.receipt === undefined || job.accepted !== undefined) return;
        const { logIndex, creditIndex } = message;
        // The store keeps the order and knows it at once: what comes next need not wait for the disk.
        const stored = store.note({ kind: "accepted", digest: message.assignment, logIndex, creditIndex });
        const paid = this.#vouchers.tryAgain();
        emit({ event: "accepted", assignment: message.assignment, logIndex });
        await Promise.all([stored, paid]);
        return;
      }
      case "rejected": {
        const { assignment, code, message: text } = message;
        emit({ event: "rejected", assignment, code, message: text });
        if (store.jobs.has(assignment)) await store.append({ kind: "closed", digest: assignment, reason: code });
        return;
      }
      case "voucher":
        return this.#vouchers.take({ voucher: message.voucher, signature: message.signature }, message.funding);
      case "count":
        return this.#onCount(message);
      case "drain":
        this.#isDraining = true;
        return;
      case "challenge":
      case "welcome":
      case "wanted":
      case "prove":
      case "error":
        return;
    }
  }

  /** Takes no new work. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Every job ends now, with a receipt for what was acknowledged; the coordinator goes on elsewhere. */
  endRunning(): void {
    for (const job of this.#jobs.values()) job.cut();
  }

  /** The link is lost: every job ends with a receipt for what was acknowledged. Resolves when all are on the disk. */
  async cut(): Promise<void> {
    this.#isCut = true;
    for (const job of this.#jobs.values()) job.cut();
    await Promise.all(this.#ending);
  }

  /** Resolves when no job runs. */
  async idle(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  async #onJob(message: JobMessage): Promise<void> {
    const { store, emit, nowMs, steadyMs, coordinatorOperator, station } = this.#options;
    let checked;
    let model: ServedEngine;
    try {
      const { distrust } = this.#vouchers;
      if (distrust !== undefined) throw new JobRefusal("distrust", `this coordinator's books are wrong: ${distrust}`);
      if (this.#isDraining) throw new JobRefusal("draining", "this miner is stopping");
      const { policy, slots, running } = station;
      if (!policy.takesWork) throw new JobRefusal("not_now", policy.reason ?? "this miner takes no work now");
      if (running >= queueFactor * slots) throw new JobRefusal("busy", "every slot and the queue are taken");
      checked = checkJob(message, this.#context);
      const deadlineMs = Number(checked.assignment.deadline) * 1000;
      model = this.#modelOf(checked.assignment);
      model.admission.check({ prefixTokens: message.prefixTokens.length, deadlineMs }, running);
      if (model.engine.hasRoom === false)
        throw new JobRefusal("no_memory", "this model cannot be served now: no room, or its server is away");
      if ("texts" in message.prompt && model.engine.info.embeds === false)
        throw new JobRefusal("no_memory", "no memory is left for vectors beside the jobs that are served");
    } catch (error) {
      if (!(error instanceof JobRefusal)) throw error;
      this.#refuse(message.assignment, error);
      return;
    }
    const { digest, assignment } = checked;
    const { gathering } = model;
    // Whoever would not have a slot is not waited for.
    const room = station.slots - station.running;
    const options: RunningJobOptions = {
      job: message,
      checked,
      engine: model.engine,
      store,
      domain: this.#context.domain,
      coordinatorOperator,
      nowMs: jobClock({ nowMs, steadyMs }),
      caps: this.#options.caps,
      fingerprints: this.#options.fingerprints,
      signers: this.#signers.batches,
      gather: (signal) => gathering.enter(message.batchHint, room, signal),
      sendFrame: (frame) => {
        if (!this.#isCut) this.#link.sendFrame(frame);
      },
    };
    const { prompt } = message;
    const job = jobOf(options, prompt);
    // From here on a second copy of the message is refused, and a cancel finds its job.
    this.#jobs.set(digest, job);
    station.running += 1;
    const stored = store.note(
      {
        kind: "assigned",
        digest,
        assignment: message.assignment,
        batch: message.batch,
        jobSalt: message.jobSalt,
        promptSalt: message.promptSalt,
        ...(checked.service !== undefined && { service: checked.service }),
        atMs: nowMs(),
      },
      { assignment },
    );
    const told = message.batchHint === undefined ? {} : { batch: message.batchHint.size };
    emit({ event: "job", assignment: digest, offset: assignment.outputOffset, ...told });
    if (!("texts" in prompt)) {
      const { jobSalt, promptSalt, sampler, stop, contextTokens, prefixTokens } = message;
      const asked = { jobSalt, promptSalt, prompt, sampler, stop, contextTokens, prefixIds: prefixTokens };
      // A receipt that could not be shown to a verifier would cost stake.
      store.transcripts.asked(digest, asked).catch((error: unknown) => {
        job.cut();
        store.break(error);
      });
    }
    // The disk need not be waited for: whatever is signed later is stored behind this record.
    stored.catch(() => job.cut());
    const ending = this.#finish(job, model.admission)
      .catch((error: unknown) => emit({ event: "warning", message: `job ${digest} broke: ${String(error)}` }))
      .finally(() => {
        this.#jobs.delete(digest);
        station.running -= 1;
        this.#ending.delete(ending);
      });
    this.#ending.add(ending);
  }

  /** Nobody pays for it: only a few are counted at a time, and only while the machine works anyway. */
  async #onCount({ id, model, prompt }: Extract<CoordinatorMessage, { type: "count" }>): Promise<void> {
    const engine = this.#models.get(model)?.engine;
    const isFull = this.#counting >= limits.counting || this.#isDraining || !this.#options.station.policy.takesWork;
    this.#counting += 1;
    try {
      if (engine?.count === undefined) throw new JobRefusal("wrong_model", "this model's tokens are not counted here");
      if (isFull) throw new JobRefusal("busy", "no more tokens are counted now");
      const tokens = await engine.count(prompt, AbortSignal.timeout(countMs));
      this.#link.send({ type: "counted", id, tokens });
    } catch (error) {
      const { code = "failed" } = error as { code?: string };
      this.#link.send({ type: "uncounted", id, code: code.replaceAll("-", "_").slice(0, 64) });
    } finally {
      this.#counting -= 1;
    }
  }

  #refuse(assignment: JobMessage["assignment"], { code, message }: JobRefusal): void {
    const digest = assignmentDigest(this.#context.domain, fromWire("Assignment", assignment));
    this.#link.send({ type: "refuse", assignment: digest, code, message: message.slice(0, 500) });
    this.#options.emit({ event: "refused", assignment: digest, code, message });
  }

  #modelOf({ modelDigest }: Assignment): ServedEngine {
    const model = this.#models.get(modelDigest);
    if (model === undefined) throw new JobRefusal("wrong_model", "the assignment names another model");
    return model;
  }

  async #finish(job: ActiveJob, admission: Admission): Promise<void> {
    const { store, emit, energyMark } = this.#options;
    const { digest } = job;
    const energyBefore = energyMark?.();
    const end = await job.run();
    const energyAfter = energyMark?.();
    if (end.kind === "nothing") {
      await store.append({ kind: "closed", digest, reason: end.code });
      if (this.#isCut) return;
      const failure = { assignment: digest, code: end.code, message: end.message.slice(0, 500) };
      this.#link.send({ type: "failed", ...failure });
      emit({ event: "refused", ...failure });
      return;
    }
    const { receipt } = end;
    const wire = toWire("Receipt", receipt);
    // Written together and both before anything is signed; after a crash between them the acknowledged tokens are left.
    await Promise.all([
      end.tokens === undefined ? undefined : store.transcripts.told(digest, end.tokens),
      store.append({ kind: "receipted", digest, receipt: wire }, { receipt }),
    ]);
    const { inputTokens, outputTokens, amountWei, finishReason: reason, startedAtMs, finishedAtMs } = receipt;
    const durationMs = Number(finishedAtMs - startedAtMs);
    admission.learn(durationMs);
    const joules = energyBefore === undefined || energyAfter === undefined ? undefined : energyAfter - energyBefore;
    emit({
      ...{ event: "receipt", assignment: digest, inputTokens, outputTokens, durationMs },
      ...{ amountWei: amountWei.toString(), finishReason: reason },
      ...(joules !== undefined && { joules: Math.round(joules * 1000) / 1000 }),
    });
    const state = store.jobs.get(digest);
    if (state !== undefined && !this.#isCut) this.#sign({ job: state, wire });
  }

  /** Receipts that reach the disk together share a signature. */
  #sign(receipted: Unsigned): void {
    this.#unsigned.push(receipted);
    if (this.#unsigned.length > 1) return;
    setImmediate(() => this.#sendReceipts(this.#unsigned.splice(0)));
  }

  /** Signing a receipt again, beside others or alone, is no second receipt: what counts is its own digest. */
  #sendReceipts(jobs: readonly Unsigned[]): void {
    const receipted = jobs.flatMap(({ job: { receipt, receiptHash, lastAck }, wire }) =>
      receipt === undefined || receiptHash === undefined ? [] : [{ receipt, receiptHash, lastAck, wire }],
    );
    for (let start = 0; start < receipted.length; start += maximumBatch) {
      const group = receipted.slice(start, start + maximumBatch);
      const leaves = group.map(({ receiptHash }) => receiptHash);
      const batches = signBatch(this.#options.signer, this.#context.domain, "ReceiptBatch", leaves);
      group.forEach(({ receipt, lastAck, wire = toWire("Receipt", receipt) }, index) => {
        const batch = batches[index];
        if (batch === undefined) throw new Error("a batch lost its leaf");
        const proof = lastAck?.progress.count === receipt.outputTokens ? { lastAck } : {};
        this.#link.send({ type: "receipt", receipt: wire, batch, ...proof });
      });
    }
  }
}

function jobOf(options: RunningJobOptions, prompt: JobMessage["prompt"]): ActiveJob {
  if ("texts" in prompt) return new EmbeddingJob(options, prompt);
  return "image" in prompt ? new ImageJob(options, prompt) : new RunningJob(options, prompt);
}
