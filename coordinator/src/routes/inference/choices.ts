import type { Hex } from "@lode/sdk/hash";
import type { TokenLogprob } from "@lode/protocol";
import type { FastifyInstance } from "fastify";
import type { JobResult, JobStart, TextRequest } from "../../plugins/app/relay/request.ts";
import type { Span } from "../../plugins/external/tracing.ts";
import { toApiError } from "../../errors.ts";
import { createReader, type Delta, type Reading, type ToolCallOutcome } from "./reader.ts";

/** One of the answers to a request: a job of its own. */
export interface Choice {
  readonly job: TextRequest;
  readonly reading: Reading;
}

/** A finished answer. JSON values only. */
export interface ChoiceOutcome {
  readonly content: string;
  readonly calls: readonly ToolCallOutcome[];
  /** A job that its deadline cut short ends by `length`. */
  readonly finish: "stop" | "length";
  /** The stop text that ended it. */
  readonly stop?: string;
  readonly logprobs?: readonly TokenLogprob[];
}

/** Everything that a request led to, whatever its face. JSON values only. */
export interface Outcome {
  readonly choices: readonly ChoiceOutcome[];
  /** As billed: every choice is a job that reads its prompt anew. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly amountWei: string;
  /** What lateness took off the price, where it did. */
  readonly refundWei?: string;
  /** Digest of the first job's first assignment. */
  readonly job: Hex;
  readonly receipts: readonly Hex[];
  readonly miners: readonly Hex[];
  /** What the cloud that did it calls the model, where one did. */
  readonly cloud?: string;
}

export interface ChoiceHooks {
  /** Every choice has a miner; the first one's start. */
  readonly onStart: (start: JobStart) => void;
  /** Takes what an answer gains; false asks for a pause. Also before `onStart`. */
  readonly onDelta: (choice: number, delta: Delta) => boolean;
  readonly onDrain: (resume: () => void) => void;
  /** Aborted when nobody waits for the answers any more. */
  readonly signal: AbortSignal;
  readonly trace: Span;
}

/** Runs all choices at once. When one fails the others end too: they are no answer without it. Throws what it threw. */
export async function runChoices(
  app: FastifyInstance,
  choices: readonly Choice[],
  hooks: ChoiceHooks,
): Promise<Outcome> {
  const failed = new AbortController();
  // A lone choice has no other one to end.
  const signal = choices.length === 1 ? hooks.signal : AbortSignal.any([hooks.signal, failed.signal]);
  const starts: JobStart[] = [];
  const onStart = (choice: number, start: JobStart): void => {
    starts[choice] = start;
    if (Object.keys(starts).length === choices.length && starts[0] !== undefined) hooks.onStart(starts[0]);
  };
  const runs = choices.map((choice, index) =>
    runChoice(app, choice, {
      onStart: (start) => onStart(index, start),
      onDelta: (delta) => hooks.onDelta(index, delta),
      onDrain: hooks.onDrain,
      signal,
      trace: hooks.trace,
    }),
  );
  try {
    return outcomeOf(await Promise.all(runs));
  } catch (error) {
    failed.abort();
    await Promise.allSettled(runs);
    throw error;
  }
}

interface Finished {
  readonly outcome: ChoiceOutcome;
  readonly result: JobResult;
}

async function runChoice(
  app: FastifyInstance,
  { job, reading }: Choice,
  hooks: {
    readonly onStart: (start: JobStart) => void;
    readonly onDelta: (delta: Delta) => boolean;
    readonly onDrain: (resume: () => void) => void;
    readonly signal: AbortSignal;
    readonly trace: Span;
  },
): Promise<Finished> {
  const { signal, onDrain, trace } = hooks;
  const track = app.metrics.jobStarted(job.model.id);
  const calls: { id: string; name: string; arguments: string }[] = [];
  const logprobs: TokenLogprob[] = [];
  let content = "";
  let started: JobStart | undefined;
  const reader = createReader(reading, () => {
    if (started === undefined) throw new Error("an answer began before its job");
    return started.digest;
  });
  const take = (deltas: readonly Delta[]): boolean => {
    let mayGoOn = true;
    for (const delta of deltas) {
      content += delta.content ?? "";
      if (delta.call !== undefined) {
        const { index, id, name, arguments: more = "" } = delta.call;
        const call = (calls[index] ??= { id: id ?? "", name: name ?? "", arguments: "" });
        call.arguments += more;
      }
      mayGoOn = hooks.onDelta(delta);
    }
    return mayGoOn;
  };
  try {
    const result = await app.relay.run(job, {
      signal,
      trace,
      onDrain,
      onStart: (start) => {
        started = start;
        hooks.onStart(start);
      },
      onText: (piece, chances) => {
        track.text();
        if (chances === undefined) return take(reader.push(piece));
        for (const one of chances) logprobs.push(one);
        return take([{ content: piece, logprobs: chances }]);
      },
    });
    take(reader.end());
    track.done(result);
    const stop = result.stop === undefined ? undefined : job.stop[result.stop];
    return {
      result,
      outcome: {
        content,
        calls,
        finish: result.finish === "stop" ? "stop" : "length",
        ...(stop !== undefined && { stop }),
        ...(job.logprobs !== undefined && { logprobs }),
      },
    };
  } catch (error) {
    track.failed(toApiError(error).code);
    throw error;
  }
}

function outcomeOf(finished: readonly Finished[]): Outcome {
  const results = finished.map(({ result }) => result);
  const sum = (count: (result: JobResult) => number): number => results.reduce((total, one) => total + count(one), 0);
  const refundWei = results.reduce((total, one) => total + one.refundWei, 0n);
  const [first] = results;
  const cloud = results.find((result) => result.cloud !== undefined)?.cloud;
  if (first === undefined) throw new Error("a request without choices");
  return {
    choices: finished.map(({ outcome }) => outcome),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    amountWei: results.reduce((total, { amountWei }) => total + amountWei, 0n).toString(),
    ...(refundWei > 0n && { refundWei: refundWei.toString() }),
    ...(cloud !== undefined && { cloud }),
    job: first.job,
    receipts: results.flatMap(({ receipts }) => receipts),
    miners: [...new Set(results.flatMap(({ miners }) => miners))],
  };
}
