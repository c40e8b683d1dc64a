import type { Hex } from "@lode/sdk/hash";
import type { SignedProgress } from "@lode/protocol";
import { longestTimer, type ActiveJob, type JobEnd, type RunningJobOptions } from "./running-job.ts";

/**
 * An assignment whose output is worth something only as a whole: it is computed first and delivered then. Until it is, an end
 * leaves nothing.
 */
export abstract class WholeJob<T> implements ActiveJob {
  readonly digest: Hex;
  protected readonly options: RunningJobOptions;
  protected isCancelled = false;
  readonly #abort = new AbortController();
  /** What it is, for whoever reads why there is none. */
  readonly #what: string;
  /** It took longer than a job may. */
  #isLate = false;

  constructor(options: RunningJobOptions, what: string) {
    this.options = options;
    this.digest = options.checked.digest;
    this.#what = what;
  }

  async run(): Promise<JobEnd> {
    const startedAtMs = this.options.nowMs();
    const { wallMs } = this.options.caps ?? {};
    const limit = wallMs === undefined ? undefined : setTimeout(() => this.#stop(), Math.min(wallMs, longestTimer));
    let output: T;
    try {
      output = await this.compute(this.#abort.signal);
    } catch (error) {
      if (this.isCancelled) return this.nothing();
      if (this.#isLate) {
        return { kind: "nothing", code: "time_limit", message: `${this.#what} took longer than a job may` };
      }
      const { code = "failed", message } = error as { code?: string; message: string };
      return { kind: "nothing", code: code.replaceAll("-", "_"), message };
    } finally {
      clearTimeout(limit);
    }
    return this.deliver(output, startedAtMs);
  }

  cancel(_delivered = 0): void {
    this.cut();
  }

  cut(): void {
    this.isCancelled = true;
    this.#abort.abort();
  }

  abstract acknowledge(ack: SignedProgress): Promise<void>;

  /** Throws what the engine throws. */
  protected abstract compute(signal: AbortSignal): Promise<T>;

  /** Rejects only when the store cannot be written. */
  protected abstract deliver(output: T, startedAtMs: number): Promise<JobEnd>;

  /** How a job ends that was ended. */
  protected nothing(): JobEnd {
    return { kind: "nothing", code: "cancelled", message: `ended before ${this.#what}` };
  }

  #stop(): void {
    this.#isLate = true;
    this.#abort.abort();
  }
}
