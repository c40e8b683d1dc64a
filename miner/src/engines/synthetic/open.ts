import { setTimeout as wait } from "node:timers/promises";
import { canonicalJson, keccak } from "@lode/sdk/hash";
import type { Engine } from "../engine.ts";
import { EngineError } from "../errors.ts";
import { createDraw } from "../sampler/index.ts";
import { createGate } from "../upstream/gate.ts";
import { piecesOf, textOfPiece } from "../upstream/pieces.ts";
import { prefixText, promptText } from "../upstream/wire.ts";

export interface BenchEngineOptions {
  sequences?: number | undefined;
  /** Of one job; as fast as it goes unless given. */
  tokensPerSecond?: number | undefined;
}

const words = ["ore", "pit", "cog", "rig", "dig", "gem", "tin", " - "];
/** Tokens between two looks at the clock and the signal. */
const burst = 16;

/**
 * An engine without a model: it writes words drawn by (seed, position), as fast as it is told. It measures everything around an engine, and its text repeats
 * to the byte wherever it runs.
 */
export function openBenchEngine({ sequences = 1, tokensPerSecond }: BenchEngineOptions = {}): Engine {
  const gate = createGate(sequences);
  const closing = new AbortController();
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const name = "lode-bench";
  const engineClass = keccak(Buffer.from(canonicalJson({ engine: name, version: 1 }), "utf8"));
  const contextTokens = 32_768;
  return {
    info: {
      modelDigest: keccak(Buffer.from(`${name}-v1`, "utf8")),
      engineId: `${name} version=1`,
      ...{ engineClass, verification: "none", contextTokens, modelName: name, sequences, sizeBytes: 0 },
    },
    stopped,
    async *start(request, signal) {
      const both = AbortSignal.any([signal, closing.signal]);
      const ended = (): EngineError =>
        closing.signal.aborted
          ? new EngineError("engine-closed", "The engine was closed.")
          : new EngineError("aborted", "The job was aborted.", { cause: signal.reason });
      const leave = await gate.enter(both).catch(() => {
        throw ended();
      });
      try {
        const input = piecesOf(promptText(request));
        if (input.length > request.maxInputTokens || input.length >= contextTokens) {
          throw new EngineError("input-too-long", `The prompt has ${input.length} pieces.`);
        }
        yield { type: "prompt", tokenIds: input };
        prefixText(request);
        const draw = createDraw(request.seed);
        for (let made = 0; made < request.maxTokens; made += 1) {
          if (tokensPerSecond !== undefined)
            await wait(1000 / tokensPerSecond, undefined, { signal: both }).catch(() => 0);
          else if (made % burst === burst - 1) await new Promise((go) => setImmediate(go));
          if (both.aborted) throw ended();
          const id = tokenAt(draw(request.prefixTokens.length + made));
          yield { type: "token", id, text: textOfPiece(id) ?? "" };
        }
        yield { type: "end", reason: "length" };
      } finally {
        leave();
      }
    },
    embed: () => Promise.reject(new EngineError("bad-request", "The benchmark's engine has no vectors.")),
    close() {
      closing.abort();
      resolve(undefined);
      return Promise.resolve();
    },
  };
}

const pieces = words.map((word) => piecesOf(word)[0] ?? 0);

/** @param share from 0 to below 1 */
function tokenAt(share: number): number {
  return pieces[Math.floor(share * pieces.length)] ?? pieces[0] ?? 0;
}
