import type { Static } from "typebox";
import type { FastifyInstance } from "fastify";
import type { OfferedModel } from "@lode/protocol";
import { toApiError } from "../../errors.ts";
import type { Wishes } from "../../plugins/app/market/wishes.ts";
import type { JobStart, WholeResult } from "../../plugins/app/relay/request.ts";
import type { Span } from "../../plugins/external/tracing.ts";
import type { LodeFields } from "../openai/schemas.ts";

/** What a request's work is told by, and tells. */
export interface RequestHooks {
  readonly signal: AbortSignal;
  readonly trace: Span;
  /** Of its first job. */
  readonly onStart: (start: JobStart) => void;
  readonly wishes?: Wishes | undefined;
}

type JobHooks = Pick<RequestHooks, "signal" | "trace" | "onStart">;

/** Jobs of one request that run at the same time: more would only fill the miners' queues. */
const width = 4;

/** Runs all jobs of a request; when one fails no other is begun. Throws what it threw. */
export async function runAll<T extends { readonly model: OfferedModel }>(
  app: FastifyInstance,
  jobs: readonly T[],
  { onStart, signal, trace }: JobHooks,
  run: (job: T, hooks: JobHooks) => Promise<WholeResult>,
): Promise<WholeResult[]> {
  const results: WholeResult[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < jobs.length; at = next++) {
      const job = jobs[at];
      if (job === undefined) return;
      const track = app.metrics.jobStarted(job.model.id);
      try {
        const result = await run(job, { signal, trace, onStart: at === 0 ? onStart : () => undefined });
        results[at] = result;
        track.done(result);
      } catch (error) {
        next = jobs.length;
        track.failed(toApiError(error).code);
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(width, jobs.length) }, work);
  await Promise.allSettled(workers);
  await Promise.all(workers);
  return results;
}

/** What an answer of several jobs says of them. */
export function lodeFieldsOf(results: readonly WholeResult[]): Static<typeof LodeFields> {
  const [first] = results;
  if (first === undefined) throw new Error("a request without jobs");
  return {
    job: first.job,
    receipts: results.flatMap(({ receipts }) => receipts),
    miners: [...new Set(results.flatMap(({ miners }) => miners))],
    amountWei: results.reduce((sum, { amountWei }) => sum + amountWei, 0n).toString(),
  };
}
