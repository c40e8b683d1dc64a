import type { BatchSigners } from "@lode/sdk/batch";
import type { Hex } from "@lode/sdk/hash";
import { CompactRange, commitTokens, TokenLeaves, tokenSide } from "@lode/sdk/merkle";
import { finishReason, fromWire, hashStruct, latePayWei, type Domain, type Receipt } from "@lode/sdk/typed-data";
import {
  commitFingerprints,
  encodeTokenFrame,
  maximumUnacknowledged,
  noFingerprints,
  type AnyPrompt,
  type Fingerprint,
  type SignedProgress,
  type TokenLogprob,
} from "@lode/protocol";
import type { Engine, GenerateEvent } from "../engines/index.ts";
import type { CheckedJob, JobMessage } from "./check-job.ts";
import type { MinerStore } from "./miner-store.ts";
import type { TokensOf } from "./transcripts.ts";

export interface RunningJobOptions {
  readonly job: JobMessage;
  readonly checked: CheckedJob;
  readonly engine: Engine;
  readonly store: MinerStore;
  readonly domain: Domain;
  readonly coordinatorOperator: Hex;
  readonly signers: BatchSigners;
  readonly sendFrame: (frame: Uint8Array) => void;
  /** Of this job alone. */
  readonly nowMs: () => number;
  readonly caps?: JobCaps | undefined;
  /** The receipt commits to the likeliest tokens of every position too. */
  readonly fingerprints?: boolean | undefined;
  /** Least time between two frames of tokens, milliseconds; `frameGapMs` unless given. */
  readonly gapMs?: number | undefined;
  /** Waits for the jobs that start with this one; undefined where there is nothing to wait for. */
  readonly gather?: ((signal: AbortSignal) => Promise<void> | undefined) | undefined;
}

/** A job's tokens are told a hundred times a second at most: nobody reads faster, and a frame costs as much for one as for many. */
const frameGapMs = 10;
/** So many do not wait: what was drawn and not told when a client hangs up is nobody's. */
const waitingTokens = 3;

/** What one job may take on this miner; no limit where none is given. */
export interface JobCaps {
  /** From when it has its slot. */
  readonly wallMs?: number | undefined;
  readonly cpuMs?: number | undefined;
}

/** How a job ended on this miner; with a receipt when anything is to be paid. */
export type JobEnd =
  | { readonly kind: "receipt"; readonly receipt: Receipt; readonly tokens?: TokensOf }
  | { readonly kind: "nothing"; readonly code: string; readonly message: string };

/** An assignment being worked on, as the link sees it. */
export interface ActiveJob {
  readonly digest: Hex;
  /** Runs to the end. Rejects only when the store cannot be written. */
  run(): Promise<JobEnd>;
  /** The client hung up, or the coordinator moved on: it counts `delivered` tokens. */
  cancel(delivered: number): void;
  /** The link is lost. */
  cut(): void;
  acknowledge(ack: SignedProgress): Promise<void>;
}

/** A timer counts in 32 bits; a longer one would go off at once. */
export const longestTimer = 2 ** 31 - 1;

/**
 * One assignment of text being worked on. It never runs more than 64 tokens ahead of what the coordinator has acknowledged, and
 * it ends in exactly one way: by itself, cancelled by the client, cut with the link, or failed.
 */
export class RunningJob implements ActiveJob {
  readonly digest: Hex;
  readonly #options: RunningJobOptions;
  readonly #prompt: AnyPrompt;
  readonly #abort = new AbortController();
  readonly #ids: number[] = [];
  /** One for each token, or none: an engine may tell none. */
  readonly #fingerprints: Fingerprint[] = [];
  readonly #range = new CompactRange();
  readonly #leaves: TokenLeaves;
  #sent = 0;
  #unsentText = "";
  #unsentLogprobs: TokenLogprob[] = [];
  #sending: NodeJS.Immediate | undefined;
  /** Runs while the next frame must wait. */
  #gap: NodeJS.Timeout | undefined;
  #isInGap = false;
  #acknowledged = 0;
  /** Whether an acknowledgement came since the end of the output was announced. */
  #isFinalAcknowledged = false;
  #input: { readonly ids: number[]; readonly commitment: Hex } | undefined;
  #startedAtMs = 0;
  readonly #takenAtMs: number;
  /** From when the job was taken until its first token left. */
  #firstTokenMs: number | undefined;
  #stop: { readonly count: number; readonly reason: number } | undefined;
  #wake: (() => void) | undefined;
  #limit: NodeJS.Timeout | undefined;
  /** The cap that the job ran into. */
  #limited: { readonly code: string; readonly message: string } | undefined;

  constructor(options: RunningJobOptions, prompt: AnyPrompt) {
    this.#options = options;
    this.#prompt = prompt;
    this.#leaves = new TokenLeaves(options.job.jobSalt, tokenSide.output);
    this.digest = options.checked.digest;
    this.#takenAtMs = options.nowMs();
  }

  /** Runs to the end. Rejects only when the store cannot be written. */
  async run(): Promise<JobEnd> {
    const { engine, job, checked, nowMs } = this.#options;
    this.#startedAtMs = nowMs();
    let reason: "stop" | "length" | undefined;
    let stop: number | undefined;
    try {
      await this.#options.gather?.(this.#abort.signal);
      const events = engine.start(
        {
          prompt: this.#prompt,
          prefixTokens: job.prefixTokens,
          sampler: job.sampler,
          seed: checked.assignment.seed,
          maxTokens: checked.assignment.maxOutputTokens,
          maxInputTokens: checked.assignment.maxInputTokens,
          stop: job.stop,
          maxCpuMs: this.#options.caps?.cpuMs,
          logprobs: job.logprobs,
          fingerprints: this.#options.fingerprints,
        },
        this.#abort.signal,
      );
      for await (const event of events) {
        if (this.#stop !== undefined || this.#limited !== undefined) break;
        if (event.type === "end") ({ reason, stop } = event);
        else {
          this.#onEvent(event);
          // Only whoever ran ahead waits: a promise for every token costs more than all else that is done with it.
          while (this.#isAhead()) await this.#signal();
        }
      }
    } catch (error) {
      const failure = error as { code?: string; message: string };
      if (failure.code === "cpu-limit") this.#limited ??= { code: "cpu-limit", message: failure.message };
      const { code = "failed", message } = this.#limited ?? failure;
      const isPaid = this.#stop !== undefined || (this.#limited !== undefined && this.#ids.length > 0);
      if (!isPaid) return { kind: "nothing", code: code.replaceAll("-", "_"), message };
    } finally {
      clearTimeout(this.#limit);
    }
    const isLimited = reason === undefined && this.#limited !== undefined;
    if (this.#stop === undefined && (reason !== undefined || isLimited)) await this.#untilAllAcknowledged(stop);
    // What came before a limit is paid for like any other output, and another miner goes on from there.
    const natural = reason === "length" ? finishReason.length : finishReason.stop;
    const end = this.#stop ?? { count: this.#ids.length, reason: isLimited ? finishReason.cut : natural };
    return this.#receipt(end.count, end.reason);
  }

  /** The client hung up, or the coordinator moved on: it counts `delivered` tokens. */
  cancel(delivered: number): void {
    if (delivered > this.#sent || delivered < this.#acknowledged) return this.cut();
    this.#halt(delivered, finishReason.cancelled);
  }

  /** The link is lost: only what was acknowledged will be paid. */
  cut(): void {
    this.#halt(this.#acknowledged, finishReason.cut);
  }

  /** Takes an acknowledgement; one that is not signed by the coordinator or names another output is worth nothing. */
  async acknowledge(ack: SignedProgress): Promise<void> {
    const { domain, coordinatorOperator, store, signers } = this.#options;
    const progress = fromWire("Progress", ack.progress);
    const { count } = progress;
    const signer = signers.verify(domain, "ProgressBatch", hashStruct("Progress", progress), ack.batch);
    if (signer !== coordinatorOperator) {
      this.cut();
      return;
    }
    if (count > this.#ids.length || count < this.#acknowledged || progress.prefixRoot !== this.#rootAt(count)) {
      this.cut();
      return;
    }
    const ids = this.#ids.slice(this.#acknowledged, count);
    this.#acknowledged = count;
    this.#isFinalAcknowledged = true;
    const firstTokenMs = this.#firstTokenMs;
    const timed = firstTokenMs === undefined ? {} : { firstTokenMs };
    const stored = store.note({ kind: "acked", digest: this.digest, ack, ids, ...timed });
    this.#wake?.();
    await stored;
  }

  /** Whether the next token must wait for an acknowledgement. */
  #isAhead(): boolean {
    const isFull = this.#ids.length - this.#acknowledged >= maximumUnacknowledged;
    return isFull && this.#stop === undefined && this.#limited === undefined;
  }

  #onEvent(event: Exclude<GenerateEvent, { type: "end" }>): void {
    const { job, store, nowMs } = this.#options;
    if (event.type === "prompt") {
      const inputCommitment = commitTokens(job.jobSalt, tokenSide.input, event.tokenIds);
      this.#input = { ids: event.tokenIds, commitment: inputCommitment };
      this.#startedAtMs = nowMs();
      const { wallMs } = this.#options.caps ?? {};
      if (wallMs !== undefined) this.#limit = setTimeout(() => this.#stopAt(wallMs), Math.min(wallMs, longestTimer));
      // Later records wait behind this one on the disk, so that work can go on at once.
      void store
        .note({
          kind: "started",
          digest: this.digest,
          inputIds: event.tokenIds,
          inputCommitment,
          atMs: this.#startedAtMs,
        })
        .catch(() => this.#abort.abort());
      return;
    }
    const position = job.prefixTokens.length + this.#ids.length;
    this.#range.appendHash(this.#leaves.hash(position, event.id));
    this.#ids.push(event.id);
    if (event.fingerprint !== undefined) this.#fingerprints.push(event.fingerprint);
    this.#unsentText += event.text;
    if (event.logprob !== undefined) this.#unsentLogprobs.push(event.logprob);
    // What the engine hands over in one turn goes out in one frame, and with it what comes until the gap after the one before is over.
    if (!this.#isInGap || this.#ids.length - this.#sent >= waitingTokens) {
      this.#sending ??= setImmediate(() => this.#send());
    }
  }

  #send(): void {
    clearImmediate(this.#sending);
    this.#sending = undefined;
    const firstIndex = this.#sent;
    const ids = this.#ids.slice(firstIndex);
    if (ids.length === 0 || this.#stop !== undefined) return;
    const text = this.#unsentText;
    const logprobs = this.#options.job.logprobs === undefined ? undefined : this.#unsentLogprobs;
    this.#sent = this.#ids.length;
    this.#firstTokenMs ??= this.#options.nowMs() - this.#takenAtMs;
    this.#unsentText = "";
    this.#unsentLogprobs = [];
    this.#beginGap();
    const more = logprobs === undefined ? {} : { logprobs };
    this.#options.sendFrame(
      encodeTokenFrame({ kind: "tokens", assignment: this.digest, firstIndex, ids, text, ...more }),
    );
  }

  #beginGap(): void {
    this.#isInGap = true;
    this.#gap ??= setTimeout(() => {
      this.#isInGap = false;
      this.#send();
    }, this.#options.gapMs ?? frameGapMs);
    this.#gap.refresh();
  }

  async #untilAllAcknowledged(stop: number | undefined): Promise<void> {
    this.#send();
    this.#isFinalAcknowledged = false;
    const firstIndex = this.#ids.length;
    const ended = { kind: "end", assignment: this.digest, firstIndex, ...(stop !== undefined && { stop }) } as const;
    this.#options.sendFrame(encodeTokenFrame(ended));
    const isDone = (): boolean => this.#isFinalAcknowledged && this.#acknowledged === this.#ids.length;
    while (!isDone() && this.#stop === undefined) await this.#signal();
  }

  /** The job has had its slot for as long as it may. */
  #stopAt(wallMs: number): void {
    this.#limited ??= { code: "time-limit", message: `The job had its slot for the ${wallMs / 1000} s that it may.` };
    this.#abort.abort();
    this.#wake?.();
  }

  /** Resolves at the next acknowledgement or halt. */
  async #signal(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#wake = () => resolve(undefined);
    await promise;
  }

  #halt(count: number, reason: number): void {
    if (this.#stop !== undefined) return;
    this.#stop = { count, reason };
    this.#abort.abort();
    this.#wake?.();
  }

  #rootAt(count: number): Hex {
    if (count === this.#ids.length) return this.#range.root();
    const { job } = this.#options;
    return commitTokens(job.jobSalt, tokenSide.output, this.#ids.slice(0, count), job.prefixTokens.length);
  }

  #receipt(count: number, reason: number): JobEnd {
    const { checked, job, nowMs } = this.#options;
    const isWhole = reason === finishReason.stop || reason === finishReason.length;
    const input = this.#input;
    if (input === undefined || (count === 0 && !isWhole)) {
      return { kind: "nothing", code: "cancelled", message: "ended before the first token" };
    }
    const isFingerprinted = this.#fingerprints.length > 0 && this.#fingerprints.length === this.#ids.length;
    const fingerprints = isFingerprinted ? this.#fingerprints.slice(0, count) : undefined;
    const outputIds = this.#ids.slice(0, count);
    const receipt: Receipt = {
      assignment: this.digest,
      inputCommitment: input.commitment,
      outputCommitment: this.#rootAt(count),
      fingerprintCommitment:
        fingerprints === undefined
          ? noFingerprints
          : commitFingerprints(job.jobSalt, fingerprints, job.prefixTokens.length),
      inputTokens: input.ids.length,
      outputTokens: count,
      amountWei: payOf(checked, input.ids.length, count, this.#firstTokenMs),
      startedAtMs: BigInt(this.#startedAtMs),
      finishedAtMs: BigInt(nowMs()),
      finishReason: reason,
      hosted: false,
    };
    const tokens = { inputIds: input.ids, outputIds, ...(fingerprints !== undefined && { fingerprints }) };
    return { kind: "receipt", receipt, tokens };
  }
}

/**
 * What a receipt asks for, wei: tokens times price, less what the quote's service terms take off for a first token that left late.
 * Only the miner with a job's first token promised it.
 */
export function payOf(
  { assignment, service }: Pick<CheckedJob, "assignment" | "service">,
  inputTokens: number,
  outputTokens: number,
  firstTokenMs: number | undefined,
): bigint {
  const { inputPriceWei, outputPriceWei, outputOffset } = assignment;
  const priceWei = BigInt(inputTokens) * inputPriceWei + BigInt(outputTokens) * outputPriceWei;
  if (service === undefined || firstTokenMs === undefined || outputOffset > 0 || outputTokens === 0) return priceWei;
  return latePayWei(priceWei, service, firstTokenMs);
}
