import { JobRefusal } from "./check-job.ts";

export interface AdmissionOptions {
  /** Jobs that the engine runs at the same time. */
  sequences: number;
  /** Context of each. */
  contextTokens: number;
  /** Memory that the system could still give, in bytes. */
  freeBytes: () => number;
  nowMs: () => number;
}

/** What is known of a job before it is taken. */
export interface Need {
  prefixTokens: number;
  deadlineMs: number;
}

/** With less than this the system may end whatever takes the next page, and all jobs with it. */
const leastFreeBytes = 128 * 2 ** 20;
/** How much the last job weighs in the usual duration. */
const weight = 0.2;

/**
 * Whether a job can be served at all, from figures alone: a refusal before any work sends it to another miner at once, where an accepted one
 * would first have to fail. The memory of a job's whole context was taken when the engine opened.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  #usualMs: number | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Throws JobRefusal. `running`: jobs that were taken and have not ended. */
  check({ prefixTokens, deadlineMs }: Need, running: number): void {
    const { sequences, contextTokens, freeBytes, nowMs } = this.#options;
    // A prompt takes a token at least, and the context's last position stays free.
    if (prefixTokens + 2 > contextTokens) {
      throw new JobRefusal("too_long", `the prefix has ${prefixTokens} tokens, the context ${contextTokens}`);
    }
    if (freeBytes() < leastFreeBytes) throw new JobRefusal("no_memory", "this machine is short of memory");
    const rounds = Math.ceil(Math.max(0, running - sequences + 1) / sequences);
    if (nowMs() + rounds * (this.#usualMs ?? 0) > deadlineMs) {
      throw new JobRefusal("too_late", "a slot would be free only after the deadline");
    }
  }

  /** Learns from a job that ended: how long it had its slot. */
  learn(durationMs: number): void {
    this.#usualMs = this.#usualMs === undefined ? durationMs : this.#usualMs + weight * (durationMs - this.#usualMs);
  }
}
