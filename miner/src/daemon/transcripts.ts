import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Hex } from "@lode/sdk/hash";
import { RecordLog } from "@lode/sdk/record-log";
import { noFingerprints, type Fingerprint, type Transcript } from "@lode/protocol";
import type { MinerRecord } from "./records.ts";
import type { JobState } from "./miner-store.ts";

/** What was asked of a job, as far as the receipts' records do not hold it. */
export type AskedFor = Pick<Transcript, "jobSalt" | "promptSalt" | "prompt" | "sampler" | "stop" | "contextTokens"> & {
  readonly prefixIds: readonly number[];
};

/** The tokens that a receipt covers. */
export interface TokensOf {
  readonly inputIds: readonly number[];
  readonly outputIds: readonly number[];
  /** One for each output token, where the receipt commits to them. */
  readonly fingerprints?: readonly Fingerprint[] | undefined;
}

type TranscriptRecord =
  | ({ readonly kind: "asked"; readonly digest: Hex } & AskedFor)
  | ({ readonly kind: "told"; readonly digest: Hex } & TokensOf);

/** Nothing is told to others before what was told to a client is written, which this never falls behind. */
const askedLagMs = 10;
const dayMs = 86_400_000;
/** A case opens within four days of an assignment's deadline, and its jurors have one more. */
const keptDays = 7;

/**
 * What a miner must be able to show while its receipts can be tried: prompts and tokens, in one file for each day (UTC), and
 * no longer than that.
 */
export class Transcripts {
  readonly #folder: string;
  readonly #records: string;
  readonly #nowMs: () => number;
  readonly #warn: (message: string) => void;
  #today: { readonly day: number; readonly log: Promise<RecordLog<TranscriptRecord>> } | undefined;

  /** @param home the miner's home folder */
  constructor(home: string, nowMs: () => number = Date.now, warn: (message: string) => void = () => undefined) {
    this.#folder = join(home, "jobs", "transcripts");
    this.#records = join(home, "jobs", "records");
    this.#nowMs = nowMs;
    this.#warn = warn;
  }

  /** Resolves when what was asked is on the disk: with what was told, or a little later. */
  async asked(digest: Hex, asked: AskedFor): Promise<void> {
    await (await this.#log()).append({ kind: "asked", digest, ...asked }, askedLagMs);
  }

  /** Resolves when the tokens that a receipt is about to cover are on the disk. */
  async told(digest: Hex, tokens: TokensOf): Promise<void> {
    await (await this.#log()).append({ kind: "told", digest, ...tokens });
  }

  /** The transcript of a receipted job; undefined when it is kept no longer, or never was. */
  async find({ digest, receipt }: JobState): Promise<Transcript | undefined> {
    if (receipt === undefined) return undefined;
    // A job is asked for before it starts.
    const first = Math.floor(Number(receipt.startedAtMs) / dayMs) - 1;
    const last = Math.floor(Number(receipt.finishedAtMs) / dayMs) + 1;
    let asked: AskedFor | undefined;
    let told: TokensOf | undefined;
    for (let day = first; day <= last; day++) {
      await RecordLog.read(this.#file(day), (value) => {
        const record = value as TranscriptRecord;
        if (record.digest !== digest) return;
        if (record.kind === "told") told = record;
        else asked = record;
      });
    }
    const tokens = told ?? (await this.#acknowledged(digest));
    if (asked === undefined) return undefined;
    const { jobSalt, promptSalt, prompt, sampler, stop, contextTokens, prefixIds } = asked;
    // After a crash a receipt may commit to less than was written down for it.
    const isFingerprinted = receipt.fingerprintCommitment !== noFingerprints && tokens.fingerprints !== undefined;
    return {
      ...{ jobSalt, promptSalt, prompt, sampler, stop, prefixIds: [...prefixIds] },
      ...(contextTokens !== undefined && { contextTokens }),
      inputIds: [...tokens.inputIds],
      outputIds: tokens.outputIds.slice(0, receipt.outputTokens),
      ...(isFingerprinted && { fingerprints: copyOf(tokens.fingerprints.slice(0, receipt.outputTokens)) }),
    };
  }

  async close(): Promise<void> {
    await (await this.#today?.log)?.close();
  }

  /** What a crash left of a job: its receipt covers what was acknowledged. */
  async #acknowledged(digest: Hex): Promise<TokensOf> {
    let inputIds: readonly number[] = [];
    const outputIds: number[] = [];
    await RecordLog.read(this.#records, (value) => {
      const record = value as MinerRecord;
      if (record.kind === "started" && record.digest === digest) inputIds = record.inputIds;
      if (record.kind === "acked" && record.digest === digest) outputIds.push(...record.ids);
    });
    return { inputIds, outputIds };
  }

  async #log(): Promise<RecordLog<TranscriptRecord>> {
    const day = Math.floor(this.#nowMs() / dayMs);
    if (this.#today?.day !== day) {
      const before = this.#today;
      this.#forget(day);
      this.#today = { day, log: RecordLog.open<TranscriptRecord>(this.#file(day), () => undefined, this.#warn) };
      await (await before?.log)?.close();
    }
    return this.#today.log;
  }

  #forget(today: number): void {
    if (!existsSync(this.#folder)) return;
    for (const name of readdirSync(this.#folder)) {
      const day = Number(/^\d+$/.exec(name)?.[0] ?? Number.NaN);
      if (day < today - keptDays) rmSync(join(this.#folder, name), { force: true });
    }
  }

  #file(day: number): string {
    return join(this.#folder, `${day}`);
  }
}

const copyOf = (fingerprints: readonly Fingerprint[]): [number, number][][] =>
  fingerprints.map((one) => one.map(([id, logprob]) => [id, logprob]));
