import type { Hex } from "@lode/sdk/hash";
import type { ApiProblem } from "../../../errors.ts";

export type Workload = "text" | "embedding" | "image" | "benchmark" | "classify";
export type JobStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "expired";

/** Where a client wants to be told, and how far that is. */
export interface Webhook {
  readonly url: string;
  readonly secret: string;
  readonly state: "waiting" | "delivered" | "failed";
  readonly attempts: number;
  /** When it is tried next, by the clock that says how long the home lived (milliseconds). */
  readonly nextMs: number;
  readonly lastStatus: number | undefined;
}

/** What is known of a job without its contents. JSON values only. */
export interface JobRecord {
  readonly id: string;
  readonly account: Hex;
  /** Prefix of the API key that asked. */
  readonly key: string;
  readonly workload: Workload;
  readonly model: string;
  /** sha256 of the request, by which another one under the same Idempotency-Key is known. */
  readonly request: string;
  readonly status: JobStatus;
  readonly createdMs: number;
  readonly startedMs: number | undefined;
  readonly finishedMs: number | undefined;
  /** Until when it may wait, and from then on how long it is kept. */
  readonly expiresMs: number;
  /** The same by the clock that says how long the home lived, which decides; written by the queue. */
  readonly untilMs?: number;
  readonly outputChars: number;
  /** How often miners were given it in vain; never where it is absent. */
  readonly tries?: number;
  readonly webhook: Webhook | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** What its request's headers asked of the market. */
  readonly wishes?: Readonly<Record<string, string>>;
}

/** What a client gave and got. JSON values only. */
export interface JobContent {
  /** Until the job has ended. */
  readonly input?: unknown;
  /** Of each answer, what came so far. */
  readonly texts?: readonly string[];
  readonly result?: unknown;
  readonly error?: ApiProblem;
}

export function hasEnded({ status }: Pick<JobRecord, "status">): boolean {
  return status !== "queued" && status !== "running";
}
