import { ProtocolError } from "@lode/protocol";
import { SchemaError } from "@lode/protocol/json-schema";
import type { GenerateRequest } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import type { OutputToken } from "../../text/output.ts";
import { window, type WireError } from "../messages.ts";
import { createAllowance, type Allowance } from "./allowance.ts";
import { createCpuMeter } from "./cpu-meter.ts";
import { generate, type Generator, type Tally } from "./generate.ts";
import type { Outbox } from "./outbox.ts";
import { preparePrompt } from "./prepare.ts";
import type { Slots } from "./slots.ts";

/** The jobs of this process, by number. */
export interface Jobs {
  start(job: number, request: GenerateRequest): void;
  credit(job: number, tokens: number): void;
  cancel(job: number): void;
}

interface Running {
  allowance: Allowance;
  stop: AbortController;
}

export function createJobs(generator: Generator, slots: Slots, outbox: Outbox, tally: Tally): Jobs {
  const running = new Map<number, Running>();
  const meter = createCpuMeter();

  async function run(job: number, request: GenerateRequest, { allowance, stop }: Running): Promise<void> {
    const prompt = await preparePrompt(generator, request);
    const { signal } = stop;
    const sequence = await slots.take(signal);
    // Jobs without a cap are counted too: they use up time that is not the others'.
    const ended = meter.watch(request.maxCpuMs ?? Infinity, (reason) => stop.abort(reason));
    try {
      outbox.post({ job, type: "prompt", tokenIds: prompt });
      const deliver = (tokens: readonly OutputToken[]): void =>
        outbox.post({
          ...{ job, type: "tokens", ids: tokens.map(({ id }) => id), texts: tokens.map(({ text }) => text) },
          ...(request.logprobs !== undefined && { logprobs: tokens.flatMap(({ logprob }) => logprob ?? []) }),
          ...(request.fingerprints === true && {
            fingerprints: tokens.flatMap(({ fingerprint }) => (fingerprint === undefined ? [] : [fingerprint])),
          }),
        });
      const end = await generate(generator, { request, prompt, sequence, allowance, signal, tally, deliver });
      outbox.post({ job, type: "end", ...end });
    } finally {
      ended();
      await slots.release(sequence);
    }
  }

  return {
    start(job, request) {
      const stop = new AbortController();
      const entry = { stop, allowance: createAllowance(window, stop.signal) };
      running.set(job, entry);
      run(job, request, entry)
        .catch((error: unknown) => {
          // The parent has let go of a cancelled job already, but not of one that was stopped here.
          if (!stop.signal.aborted || stop.signal.reason instanceof EngineError)
            outbox.post({ job, type: "error", error: toWire(error) });
        })
        .finally(() => running.delete(job));
    },
    credit: (job, tokens) => running.get(job)?.allowance.grant(tokens),
    cancel: (job) => running.get(job)?.stop.abort(),
  };
}

/** An error as it crosses to the parent; what nobody foresaw is the engine's own failure. */
export function toWire(error: unknown): WireError {
  if (error instanceof EngineError || error instanceof SchemaError) return { code: error.code, message: error.message };
  if (error instanceof ProtocolError) return { code: "bad-request", message: error.message };
  if (error instanceof RangeError) return { code: "bad-request", message: error.message };
  return {
    code: "engine-crashed",
    message: `The engine failed: ${error instanceof Error ? error.message : String(error)}`,
  };
}
